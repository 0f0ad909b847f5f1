#ifndef IDENTITY_APP_LOGIN_TOKEN_ISSUER_H_
#define IDENTITY_APP_LOGIN_TOKEN_ISSUER_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/stores/api_keys.h"
#include "db/stores/sessions.h"
#include "server/app/access/key_ring.h"
#include "server/base/clock.h"
#include "server/base/secret.h"
#include "server/domain/decision.h"

namespace identity {

// What a login or refresh gives. Move-only.
struct TokenSet {
  Secret access_token;
  absl::Duration expires_in;
  Secret refresh_token;  // empty when an API key was exchanged
  absl::Duration refresh_expires_in;
  Scopes scopes;
  absl::optional<SessionId> session_id;
  PrincipalId principal_id;
  bool password_change_required = false;
};

// Makes and signs access tokens (RFC 9068). Thread-safe.
class TokenIssuer {
 public:
  // `lifetime` of access tokens; a session's or key's end cuts it.
  TokenIssuer(const KeyRing& keys, Clock clock, absl::Duration lifetime)
      : keys_(keys), clock_(std::move(clock)), lifetime_(lifetime) {}

  // For a session: `scopes` are within the session's; `refresh_token` is the text of `stored`.
  TokenSet ForSession(const sessions::Session& session, const PrincipalFacts& principal, const Scopes& scopes,
                      Secret refresh_token, const sessions::StoredRefreshToken& stored) const;
  // For a session that goes on with the refresh token that it has: an access token alone.
  TokenSet ForOngoingSession(const sessions::Session& session, const PrincipalFacts& principal,
                             const Scopes& scopes) const;
  // For an exchanged API key: an access token alone, which dies with the key.
  TokenSet ForApiKey(const api_keys::ApiKey& key, const PrincipalFacts& principal, const Scopes& scopes,
                     const std::string& audience, const std::string& client_id) const;

 private:
  AccessTokenClaims NewClaims(const PrincipalFacts& principal, const Scopes& scopes, absl::Time latest_end) const;
  TokenSet Sign(const AccessTokenClaims& claims) const;

  const KeyRing& keys_;
  const Clock clock_;
  const absl::Duration lifetime_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_TOKEN_ISSUER_H_
