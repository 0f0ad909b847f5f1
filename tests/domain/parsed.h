#ifndef IDENTITY_TESTS_DOMAIN_PARSED_H_
#define IDENTITY_TESTS_DOMAIN_PARSED_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/domain/permission.h"
#include "server/domain/role_graph.h"

// Values from valid texts. An invalid text ends the test program.

namespace identity {

inline Permission Perm(absl::string_view text) { return *Permission::Parse(text); }

inline PermissionPattern Pattern(absl::string_view text) { return *PermissionPattern::Parse(text); }

inline RoleDefinition Role(std::string name, const std::vector<std::string>& permissions,
                           std::vector<std::string> inherits) {
  RoleDefinition role{std::move(name), {}, std::move(inherits)};
  for (const std::string& text : permissions) role.permissions.push_back(Pattern(text));
  return role;
}

}  // namespace identity

#endif  // IDENTITY_TESTS_DOMAIN_PARSED_H_
