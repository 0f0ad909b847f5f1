#ifndef IDENTITY_RPC_CONVERT_ROLES_H_
#define IDENTITY_RPC_CONVERT_ROLES_H_

#include "absl/status/statusor.h"
#include "db/stores/roles.h"
#include "identity/v1/admin_service.pb.h"
#include "identity/v1/types.pb.h"
#include "server/app/admin/roles.h"
#include "server/domain/role_graph.h"

namespace identity {

v1::Role ToProto(const roles::Role& role);
// INVALID_ARGUMENT.
absl::StatusOr<RoleDefinition> ReadDefinition(const v1::Role& role);
// The fields of the role that the update mask names. INVALID_ARGUMENT.
absl::StatusOr<Roles::Update> ReadUpdate(const v1::UpdateRoleRequest& request);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_ROLES_H_
