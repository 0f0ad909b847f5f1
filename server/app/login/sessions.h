#ifndef IDENTITY_APP_LOGIN_SESSIONS_H_
#define IDENTITY_APP_LOGIN_SESSIONS_H_

#include <variant>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/sessions.h"
#include "server/app/access/admission.h"
#include "server/app/access/client_info.h"
#include "server/app/access/key_ring.h"
#include "server/app/access/throttle.h"
#include "server/app/change/mutation.h"
#include "server/app/login/token_issuer.h"
#include "server/base/clock.h"
#include "server/domain/opaque_token.h"

namespace identity {

// How sessions go on and how they end. Thread-safe.
class Sessions {
 public:
  // How long a spent refresh token still gives its child to a client that lost the reply.
  static constexpr absl::Duration kRetryGrace = absl::Seconds(10);

  Sessions(Database& database, const Mutations& mutations, const KeyRing& keys, Clock clock, const TokenIssuer& issuer,
           Throttle& throttle, const sessions::Lifetimes& lifetimes)
      : database_(database),
        mutations_(mutations),
        keys_(keys),
        clock_(std::move(clock)),
        issuer_(issuer),
        throttle_(throttle),
        lifetimes_(lifetimes) {}

  struct RefreshRequest {
    Secret refresh_token;
    absl::optional<Scopes> scopes;  // unset: the session's
    ClientInfo client_info;
  };
  // RFC 6749 section 6, RFC 9700 section 4.14.2. UNAUTHENTICATED / REFRESH_TOKEN_INVALID, REFRESH_TOKEN_REUSED;
  // INVALID_ARGUMENT / INVALID_SCOPE, which spends nothing; RESOURCE_EXHAUSTED / RATE_LIMITED.
  absl::StatusOr<TokenSet> Refresh(const RequestContext& context, const Caller& caller, const RefreshRequest& request);

  struct RevokeTarget {
    struct AccessToken {
      Secret text;
    };
    struct RefreshToken {
      Secret text;
    };
    struct ApiKey {
      Secret text;
    };
    std::variant<AccessToken, RefreshToken, ApiKey, SessionId, ApiKeyId, PrincipalId> what;
  };
  // RFC 7009. Returns after the commit. UNAUTHENTICATED and PERMISSION_DENIED for targets by id alone.
  absl::StatusOr<ConsistencyToken> Revoke(const RequestContext& context, const Caller& caller,
                                          const RevokeTarget& target);

 private:
  struct Refreshed;
  absl::Status TryRefresh(Transaction& transaction, const Caller& caller, const OpaqueToken& parent,
                          const RefreshRequest& request, Refreshed& outcome);
  absl::Status EndReusedFamily(const Caller& caller, const sessions::Session& session);

  struct Ending;
  absl::StatusOr<absl::optional<Ending>> Resolve(StoredFacts& facts, const Caller& caller, const RevokeTarget& target);
  absl::StatusOr<absl::optional<Ending>> ResolveSecret(StoredFacts& facts, const RevokeTarget& target);

  Database& database_;
  const Mutations& mutations_;
  const KeyRing& keys_;
  const Clock clock_;
  const TokenIssuer& issuer_;
  Throttle& throttle_;
  const sessions::Lifetimes lifetimes_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_SESSIONS_H_
