#ifndef IDENTITY_APP_LOGIN_ID_TOKENS_H_
#define IDENTITY_APP_LOGIN_ID_TOKENS_H_

#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "db/stores/external/external_identities.h"
#include "server/app/access/external_keys.h"
#include "server/base/clock.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"
#include "server/domain/external/external_token.h"
#include "server/domain/external/identity_provider.h"

namespace identity {

// An ID token as a credential. Move-only.
struct IdToken {
  std::string issuer;
  Secret token;
  Secret nonce;         // empty: the client sent none to the provider
  Secret access_token;  // of the provider; empty: there is none

  // INVALID_ARGUMENT / INVALID_FIELD for values that no ID token has. `field` is the name of the whole.
  absl::Status Check(absl::string_view field) const;
};

// An ID token that has passed all checks, and the provider as it was then. A value.
struct VerifiedIdToken {
  IdentityProvider provider;
  external_identities::Key key;
  ExternalClaims claims;
};

// Verifies ID tokens of the providers that administrators have entered (OpenID Connect Core, section 3.1.3.7).
// Thread-safe.
class IdTokens {
 public:
  // Whoever proves with a token must have logged in at the provider at most this long ago.
  static constexpr absl::Duration kFresh = absl::Minutes(5);

  // `own_issuer`: whose tokens are no ID tokens.
  IdTokens(Database& database, ExternalKeys& keys, Clock clock, std::string own_issuer)
      : database_(database), keys_(keys), clock_(std::move(clock)), own_issuer_(std::move(own_issuer)) {}

  struct Refusal {
    std::string cause;   // for the audit
    bool counts = true;  // as a wrong credential
  };
  using Verified = std::variant<VerifiedIdToken, Refusal>;
  // UNAVAILABLE / PROVIDER_UNAVAILABLE when the provider's keys cannot be had.
  absl::StatusOr<Verified> Verify(const RequestContext& context, const IdToken& token) const;
  // The same, and the token says that its owner has logged in at the provider just now.
  absl::StatusOr<Verified> VerifyFresh(const RequestContext& context, const IdToken& token) const;

 private:
  Database& database_;
  ExternalKeys& keys_;
  const Clock clock_;
  const std::string own_issuer_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_ID_TOKENS_H_
