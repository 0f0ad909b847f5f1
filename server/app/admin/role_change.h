#ifndef IDENTITY_APP_ADMIN_ROLE_CHANGE_H_
#define IDENTITY_APP_ADMIN_ROLE_CHANGE_H_

#include <string>

#include "server/domain/role_graph.h"

namespace identity {

// What differs between the two, for the audit: "permissions removed a b, added c, kept d; inherits added e". Leaves out
// what is equal. Of a long list it shows the beginning and the number of the rest. The service's own permissions come
// first, so that other permissions cannot hide them. A role without anything stands for a role that does not exist.
std::string DescribeRoleChange(const RoleDefinition& before, const RoleDefinition& after);

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_ROLE_CHANGE_H_
