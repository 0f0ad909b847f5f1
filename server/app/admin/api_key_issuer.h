#ifndef IDENTITY_APP_ADMIN_API_KEY_ISSUER_H_
#define IDENTITY_APP_ADMIN_API_KEY_ISSUER_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/api_keys.h"
#include "server/app/access/admission.h"
#include "server/app/change/mutation.h"

namespace identity {

// Makes API keys. Thread-safe.
class ApiKeyIssuer {
 public:
  explicit ApiKeyIssuer(const Mutations& mutations) : mutations_(mutations) {}

  struct Request {
    absl::optional<PrincipalId> owner;  // unset: the caller
    std::string display_name;
    absl::optional<Scopes> scopes;  // unset: `*`
    absl::Time expire_time = absl::InfiniteFuture();
    int64_t requests_per_minute = 0;  // 0: no quota of its own
    Idempotency idempotency;
  };
  struct Issued {
    Secret secret;  // empty when an earlier call made the key
    api_keys::ApiKey key;
    ConsistencyToken token;
  };
  // PERMISSION_DENIED / SESSION_REQUIRED, PERMISSION_DENIED, GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED; NOT_FOUND;
  // INVALID_ARGUMENT / INVALID_SCOPE, INVALID_FIELD, REQUEST_ID_REUSED.
  absl::StatusOr<Issued> Issue(const RequestContext& context, const Caller& caller, const Request& request);

  struct Rotation {
    ApiKeyId id;
    absl::Duration overlap = absl::Hours(24);  // how long the old key still works
    Idempotency idempotency;
  };
  // A successor that may do the same until the same end. Errors as above; NOT_FOUND also for a key that does not work
  // any more.
  absl::StatusOr<Issued> Rotate(const RequestContext& context, const Caller& caller, const Rotation& rotation);

 private:
  absl::StatusOr<std::string> Make(Mutation& mutation, const PrincipalFacts& owner, const Request& request,
                                   const Secret& secret);
  absl::StatusOr<std::string> MakeSuccessor(Mutation& mutation, const Rotation& rotation, const Secret& secret);
  absl::StatusOr<Issued> Run(const RequestContext& context, const Caller& caller, const Idempotency& idempotency,
                             absl::FunctionRef<absl::StatusOr<std::string>(Mutation&, const Secret&)> make);

  const Mutations& mutations_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_API_KEY_ISSUER_H_
