#ifndef IDENTITY_DB_STORES_ROLES_H_
#define IDENTITY_DB_STORES_ROLES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/ids.h"
#include "server/domain/role_graph.h"

// Roles with their permissions and the roles that they inherit. Errors are those of Transaction::Execute unless said
// otherwise.
namespace identity::roles {

struct Role {
  RoleDefinition definition;
  std::string description;
  bool built_in = false;
  absl::Time create_time;
  absl::Time update_time;
};

// Differs from every earlier value once a role has changed.
absl::StatusOr<Uuid> Version(Transaction& transaction);
absl::StatusOr<std::vector<RoleDefinition>> AllDefinitions(Transaction& transaction);
absl::StatusOr<absl::optional<Role>> Find(Transaction& transaction, absl::string_view name);
// Up to `limit` roles with names above `after`, in the order of their names.
absl::StatusOr<std::vector<Role>> List(Transaction& transaction, absl::string_view after, int64_t limit);

// ALREADY_EXISTS that names the field.
absl::Status Insert(Transaction& transaction, const RoleDefinition& definition, absl::string_view description);
absl::Status Update(Transaction& transaction, const RoleDefinition& definition, absl::string_view description);
// FAILED_PRECONDITION / ROLE_IN_USE when it is bound or inherited.
absl::Status Delete(Transaction& transaction, absl::string_view name);

}  // namespace identity::roles

#endif  // IDENTITY_DB_STORES_ROLES_H_
