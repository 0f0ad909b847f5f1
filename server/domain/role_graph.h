#ifndef IDENTITY_DOMAIN_ROLE_GRAPH_H_
#define IDENTITY_DOMAIN_ROLE_GRAPH_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/domain/permission.h"

namespace identity {

// A named set of patterns and the roles that it inherits. A value.
struct RoleDefinition {
  std::string name;
  std::vector<PermissionPattern> permissions;
  std::vector<std::string> inherits;
};

// INVALID_ARGUMENT (field "name") unless 1 to 64 of [a-z0-9_-] that begin with a letter.
absl::Status CheckRoleName(absl::string_view name);

// All roles with what each has by inheritance. Immutable, so safe from any thread.
class RoleGraph {
 public:
  // FAILED_PRECONDITION / ROLE_CYCLE naming a circle; NOT_FOUND for an inherited role that is missing.
  static absl::StatusOr<RoleGraph> Create(std::vector<RoleDefinition> roles);

  // A pattern of a role and the way to it.
  struct Grant {
    PermissionPattern pattern;
    std::vector<std::string> chain;  // from the role that was asked for down to the one that has the pattern
  };

  bool Contains(absl::string_view role) const { return closures_.contains(role); }
  // The pattern of the role's closure that matches, the shortest chain first; nullopt when none, or no such role.
  absl::optional<Grant> Find(absl::string_view role, const Permission& permission) const;
  // All patterns of the role's closure, each once, by shortest chain. Empty for no such role.
  std::vector<Grant> Closure(absl::string_view role) const;
  // `role` is `other` or inherits it through any number of steps.
  bool Includes(absl::string_view role, absl::string_view other) const;

 private:
  struct Closure_ {
    std::vector<Grant> grants;
    std::vector<std::string> roles;  // all that it includes, itself first
  };
  absl::flat_hash_map<std::string, Closure_> closures_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_ROLE_GRAPH_H_
