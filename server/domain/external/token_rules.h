#ifndef IDENTITY_DOMAIN_EXTERNAL_TOKEN_RULES_H_
#define IDENTITY_DOMAIN_EXTERNAL_TOKEN_RULES_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/domain/external/external_token.h"

namespace identity {

struct CheckedToken;

// Who a token of another issuer is about, after all checks. Only CheckExternalToken makes it. A value.
class ExternalIdentity {
 public:
  const std::string& issuer() const { return issuer_; }
  const std::string& subject() const { return subject_; }

 private:
  friend CheckedToken CheckExternalToken(const ExternalClaims& claims, absl::string_view issuer,
                                         const std::vector<std::string>& audiences, absl::Time now);
  ExternalIdentity(absl::string_view issuer, std::string subject) : issuer_(issuer), subject_(std::move(subject)) {}
  std::string issuer_;
  std::string subject_;
};

inline constexpr size_t kMaxExternalSubjectBytes = 255;  // OpenID Connect Core, section 2

// Why a token is refused. For logs and metrics: a client must not learn it.
enum class TokenFault {
  kIssuer,       // another one than expected
  kSubject,      // missing, or no printable ASCII text of at most kMaxExternalSubjectBytes
  kAudience,     // none of ours, or others beside it without an `azp` of ours
  kExpired,      // or without a time
  kNotYetValid,  // `iat` or `nbf` are in the future, or `iat` is missing
  kPurpose,      // an access token, a logout token, or something else that is no ID token
  kNonce,        // missing, another one, or one that the client did not send
  kAccessToken,  // at_hash is not that of the access token
};
// A word for logs and metrics, such as "audience".
absl::string_view NameOf(TokenFault fault);

// The result of the checks: an identity, or the first fault. A value.
struct CheckedToken {
  absl::optional<ExternalIdentity> identity;
  TokenFault fault = TokenFault::kIssuer;
  absl::Time expire_time;  // with an identity
};

// Whether the token may still be used, up to `kExternalTokenSkew` late or early.
inline constexpr absl::Duration kExternalTokenSkew = absl::Seconds(30);

// The checks of every token: `iss` is `issuer`; `sub`; `aud` has one of `audiences`; exp, iat and nbf. An issuer
// without audiences has none that we accept.
CheckedToken CheckExternalToken(const ExternalClaims& claims, absl::string_view issuer,
                                const std::vector<std::string>& audiences, absl::Time now);

// What came beside an ID token.
struct IdTokenContext {
  std::string nonce;         // that the client sent to the issuer; "" when it sent none
  std::string access_token;  // that came with the ID token; "" when there was none
};

// The same, and what OpenID Connect Core section 3.1.3.7 demands of an ID token: its purpose, `azp`, the nonce, and
// `at_hash` where the access token is given. A token with a nonce is refused when the client names none, since it could
// have been stolen from another login.
CheckedToken CheckIdToken(const ExternalClaims& claims, absl::string_view issuer,
                          const std::vector<std::string>& audiences, const IdTokenContext& context, absl::Time now);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_EXTERNAL_TOKEN_RULES_H_
