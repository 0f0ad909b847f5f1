#ifndef IDENTITY_RPC_CONVERT_BINDINGS_H_
#define IDENTITY_RPC_CONVERT_BINDINGS_H_

#include "absl/status/statusor.h"
#include "db/stores/bindings.h"
#include "identity/v1/admin_service.pb.h"
#include "identity/v1/types.pb.h"
#include "server/app/admin/bindings.h"
#include "server/app/admin/lookups.h"
#include "server/domain/decision.h"

namespace identity {

v1::Binding ToProto(const bindings::StoredBinding& binding);
v1::EffectivePermission ToProto(const HeldPattern& held);
v1::PermissionHolder ToProto(const Lookups::Holder& holder);
v1::GrantedResource ToProto(const Lookups::Place& place);
// INVALID_ARGUMENT.
absl::StatusOr<Binding> ReadBinding(const v1::Binding& proto);
absl::StatusOr<bindings::Filter> ReadFilter(const v1::ListBindingsRequest& request);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_BINDINGS_H_
