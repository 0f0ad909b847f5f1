#ifndef IDENTITY_APP_ADMIN_ROLES_H_
#define IDENTITY_APP_ADMIN_ROLES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/roles.h"
#include "server/app/access/caller.h"
#include "server/app/admin/paging.h"
#include "server/app/change/mutation.h"
#include "server/base/request_context.h"

namespace identity {

// Creates, updates, reads, lists and deletes roles. A caller who changes a role must hold, everywhere, the service's
// own permissions (`identity:...` and `*`) that the role has before or after the change. Thread-safe.
class Roles {
 public:
  Roles(Database& database, const Mutations& mutations, const PageTokens& page_tokens)
      : database_(database), mutations_(mutations), page_tokens_(page_tokens) {}

  struct Changed {
    roles::Role role;
    ConsistencyToken token;
  };
  // ALREADY_EXISTS; FAILED_PRECONDITION / ROLE_CYCLE; NOT_FOUND; PERMISSION_DENIED / GRANT_EXCEEDS_CALLER.
  absl::StatusOr<Changed> Create(const RequestContext& context, const Caller& caller, const RoleDefinition& definition,
                                 const std::string& description, const Idempotency& idempotency);

  // The changes to the role `name`. Unset fields keep their values.
  struct Update {
    std::string name;
    absl::optional<std::string> description;
    absl::optional<std::vector<PermissionPattern>> permissions;
    absl::optional<std::vector<std::string>> inherits;
    absl::optional<absl::Duration> mfa_max_age;
  };
  // NOT_FOUND; FAILED_PRECONDITION / ROLE_CYCLE, BUILT_IN; PERMISSION_DENIED / GRANT_EXCEEDS_CALLER, OWN_ROLES.
  absl::StatusOr<Changed> Apply(const RequestContext& context, const Caller& caller, const Update& update);
  // NOT_FOUND; FAILED_PRECONDITION / ROLE_IN_USE, BUILT_IN; PERMISSION_DENIED as above.
  absl::StatusOr<ConsistencyToken> Delete(const RequestContext& context, const Caller& caller, const std::string& name);

  // NOT_FOUND.
  absl::StatusOr<roles::Role> Get(const RequestContext& context, const std::string& name);
  // In the order of their names.
  absl::StatusOr<Page<roles::Role>> List(const RequestContext& context, const PageRequest& page);

 private:
  Database& database_;
  const Mutations& mutations_;
  const PageTokens& page_tokens_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_ROLES_H_
