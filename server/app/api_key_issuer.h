#ifndef IDENTITY_APP_API_KEY_ISSUER_H_
#define IDENTITY_APP_API_KEY_ISSUER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/api_key_store.h"
#include "db/database.h"
#include "server/app/admission.h"
#include "server/app/mutation.h"

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

 private:
  absl::StatusOr<std::string> Make(Mutation& mutation, const PrincipalFacts& owner, const Request& request,
                                   const Secret& secret);

  const Mutations& mutations_;
};

}  // namespace identity

#endif  // IDENTITY_APP_API_KEY_ISSUER_H_
