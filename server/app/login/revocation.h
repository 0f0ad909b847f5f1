#ifndef IDENTITY_APP_LOGIN_REVOCATION_H_
#define IDENTITY_APP_LOGIN_REVOCATION_H_

#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "server/app/access/caller.h"
#include "server/app/access/key_ring.h"
#include "server/app/change/mutation.h"
#include "server/base/clock.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"

namespace identity {

// Revokes tokens, sessions and API keys. Thread-safe.
class Revoker {
 public:
  Revoker(Database& database, const Mutations& mutations, const KeyRing& keys, Clock clock)
      : database_(database), mutations_(mutations), keys_(keys), clock_(std::move(clock)) {}

  // A secret, whose holder may revoke it without a permission, or an id. A principal's id stands for all its sessions
  // and API keys.
  struct Target {
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
  // RFC 7009. Returns after the commit, also when there is nothing to revoke. UNAUTHENTICATED and PERMISSION_DENIED
  // only for targets by id.
  absl::StatusOr<ConsistencyToken> Revoke(const RequestContext& context, const Caller& caller, const Target& target);

 private:
  Database& database_;
  const Mutations& mutations_;
  const KeyRing& keys_;
  const Clock clock_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_REVOCATION_H_
