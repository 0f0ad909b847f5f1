#ifndef IDENTITY_APP_ADMIN_API_KEY_ISSUER_H_
#define IDENTITY_APP_ADMIN_API_KEY_ISSUER_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/api_keys.h"
#include "server/app/access/caller.h"
#include "server/app/change/mutation.h"
#include "server/base/request_context.h"

namespace identity {

// Issues and rotates API keys. Thread-safe.
class ApiKeyIssuer {
 public:
  explicit ApiKeyIssuer(const Mutations& mutations) : mutations_(mutations) {}

  struct Request {
    absl::optional<PrincipalId> owner;  // unset: the caller
    std::string display_name;
    absl::optional<Scopes> scopes;  // unset: `*`
    absl::Time expire_time = absl::InfiniteFuture();
    int64_t requests_per_minute = 0;  // 0: the key has no quota
    Idempotency idempotency;
  };
  struct Issued {
    Secret secret;  // empty when an earlier call issued the key
    api_keys::ApiKey key;
    ConsistencyToken token;
  };
  // PERMISSION_DENIED / SESSION_REQUIRED, PERMISSION_DENIED, GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED; NOT_FOUND;
  // INVALID_ARGUMENT / INVALID_SCOPE, INVALID_FIELD, REQUEST_ID_REUSED.
  absl::StatusOr<Issued> Issue(const RequestContext& context, const Caller& caller, const Request& request);

  struct Rotation {
    ApiKeyId id;
    absl::Duration overlap = absl::Hours(24);  // how long the old key keeps working
    Idempotency idempotency;
  };
  // Issues a successor with the same rights and the same expiry. Errors as above; NOT_FOUND also for a key that is
  // revoked or has expired.
  absl::StatusOr<Issued> Rotate(const RequestContext& context, const Caller& caller, const Rotation& rotation);

 private:
  // `make` writes the key with that secret and returns its id.
  absl::StatusOr<Issued> Run(const RequestContext& context, const Caller& caller, const Idempotency& idempotency,
                             absl::FunctionRef<absl::StatusOr<std::string>(Mutation&, const Secret&)> make);

  const Mutations& mutations_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_API_KEY_ISSUER_H_
