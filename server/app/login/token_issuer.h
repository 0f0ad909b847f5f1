#ifndef IDENTITY_APP_LOGIN_TOKEN_ISSUER_H_
#define IDENTITY_APP_LOGIN_TOKEN_ISSUER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/stores/api_keys.h"
#include "db/stores/sessions.h"
#include "server/app/access/key_ring.h"
#include "server/base/clock.h"
#include "server/base/secret.h"
#include "server/domain/decision.h"
#include "server/domain/signatures/signing_algorithm.h"

namespace identity {

// The tokens that a login or refresh returns. Move-only.
struct TokenSet {
  Secret access_token;
  absl::Duration expires_in;
  Secret refresh_token;  // empty when an API key was exchanged
  absl::Duration refresh_expires_in;
  Scopes scopes;
  absl::optional<SessionId> session_id;
  PrincipalId principal_id;
  TokenId access_token_id;
  bool password_change_required = false;
  bool mfa_enrollment_required = false;
  Secret device_token;  // empty unless a login made one
};

// Makes and signs access tokens (RFC 9068). Thread-safe.
class TokenIssuer {
 public:
  // `lifetime`: of access tokens, unless their session or key expires earlier. `choice`: the algorithm of each
  // audience. EdDSA signs in its place until that algorithm has an active key.
  TokenIssuer(const KeyRing& keys, Clock clock, absl::Duration lifetime, SigningChoice choice)
      : keys_(keys), clock_(std::move(clock)), lifetime_(lifetime), choice_(std::move(choice)) {}

  // An access token for a session, and the refresh token `stored`, whose secret is `refresh_secret`. `scopes` must be
  // within the session's.
  TokenSet ForSession(const sessions::Session& session, const PrincipalFacts& principal, const Scopes& scopes,
                      Secret refresh_secret, const sessions::StoredRefreshToken& stored) const;
  // Only an access token, for a session that keeps its refresh token.
  TokenSet ForOngoingSession(const sessions::Session& session, const PrincipalFacts& principal,
                             const Scopes& scopes) const;
  // Only an access token, for an exchanged API key; it expires no later than the key.
  TokenSet ForApiKey(const api_keys::ApiKey& key, const PrincipalFacts& principal, const Scopes& scopes,
                     const std::string& audience, const std::string& client_id) const;
  // Only an access token of another audience, for the subject of `parent`; it expires no later than `parent` and
  // `latest_end`. `delegation` says who exchanged `parent`.
  TokenSet ForDelegation(const AccessTokenClaims& parent, const PrincipalFacts& principal, const Scopes& scopes,
                         const std::string& audience, const Delegation& delegation, absl::Time latest_end) const;

 private:
  AccessTokenClaims NewClaims(const PrincipalFacts& principal, const Scopes& scopes, absl::Time latest_end) const;
  TokenSet Sign(const AccessTokenClaims& claims) const;

  const KeyRing& keys_;
  const Clock clock_;
  const absl::Duration lifetime_;
  const SigningChoice choice_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_TOKEN_ISSUER_H_
