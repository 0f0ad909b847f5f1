#ifndef IDENTITY_DOMAIN_ACCESS_TOKEN_H_
#define IDENTITY_DOMAIN_ACCESS_TOKEN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"
#include "server/domain/signing_key.h"

namespace identity {

// No access token may be given out for longer: so long a revocation must be remembered.
inline constexpr absl::Duration kLongestAccessTokenLifetime = absl::Hours(1);

// The authentication method (RFC 8176) that says that more than one factor was shown.
inline constexpr char kMfa[] = "mfa";

// What an access token says (RFC 9068). Times are whole seconds. A value.
struct AccessTokenClaims {
  std::string issuer;                    // iss
  PrincipalId subject;                   // sub
  std::string audience;                  // aud
  absl::Time issue_time;                 // iat and nbf; of a token that was read the later of both
  absl::Time expire_time;                // exp
  TokenId id;                            // jti
  absl::optional<SessionId> session_id;  // sid; unset for an exchanged API key
  absl::optional<ApiKeyId> api_key_id;   // akid; the key that was exchanged, whose end is the token's
  std::string client_id;                 // client_id
  Scopes scopes;                         // scope
  std::vector<std::string> roles;        // roles
  absl::Time auth_time;                  // auth_time
  std::vector<std::string> amr;          // amr (RFC 8176)
  int64_t epoch = 0;                     // epoch
};

// Encodes and signs: header {"alg":"EdDSA","typ":"at+jwt","kid":…}.
Secret SignAccessToken(const AccessTokenClaims& claims, const SigningKey& key);

// Claims whose signature, type and issuer were verified, and whose times were not looked at: worth keeping, and good
// for nothing else. Only `AccessTokenVerifier` makes one and reads it. Immutable; copies share the claims.
class SignedAccessToken {
 public:
  // What it takes, in bytes, about.
  size_t memory() const;

 private:
  friend class AccessTokenVerifier;
  explicit SignedAccessToken(std::shared_ptr<const AccessTokenClaims> claims) : claims_(std::move(claims)) {}
  std::shared_ptr<const AccessTokenClaims> claims_;
};

// Claims whose signature, type, issuer and times were verified. Only `AccessTokenVerifier` makes one. Immutable; copies
// share the claims.
class VerifiedAccessToken {
 public:
  const AccessTokenClaims& claims() const { return *claims_; }

 private:
  friend class AccessTokenVerifier;
  explicit VerifiedAccessToken(std::shared_ptr<const AccessTokenClaims> claims) : claims_(std::move(claims)) {}
  std::shared_ptr<const AccessTokenClaims> claims_;
};

// Verifies by RFC 9068 section 4 and RFC 8725: EdDSA alone, `typ` at+jwt alone, a `kid` that is known, no header that
// names a key (jku, jwk, x5u, x5c, crit), no duplicate member, every claim present and of its type, exactly the bytes
// that were signed. Immutable, so safe from any thread.
class AccessTokenVerifier {
 public:
  // Longer ones are not even looked at.
  static constexpr size_t kMaxBytes = 16 * 1024;
  static constexpr absl::Duration kSkew = absl::Seconds(30);

  AccessTokenVerifier(std::string issuer, const std::vector<VerificationKey>& keys);

  enum class Failure { kInvalid, kExpired };
  struct Result {
    absl::optional<VerifiedAccessToken> token;  // unset on failure
    Failure failure = Failure::kInvalid;
    // With kExpired: what the token, rightly signed, said.
    std::shared_ptr<const AccessTokenClaims> expired_claims;
  };
  // `exp` is met up to kSkew late, `nbf` and `iat` up to kSkew early. The audience is the caller's to check.
  Result Verify(absl::string_view token, absl::Time now) const;

  // The same in two steps, of which the first, dear one always has the same outcome for the same token.
  absl::optional<SignedAccessToken> VerifySignature(absl::string_view token) const;
  static Result VerifyTimes(const SignedAccessToken& token, absl::Time now);

 private:
  const std::string issuer_;
  absl::flat_hash_map<std::string, VerificationKey> keys_;  // by the header of the tokens that it signs
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_ACCESS_TOKEN_H_
