// AdminService: roles.

#include "server/base/status_macros.h"
#include "server/rpc/admin/admin_service.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/roles.h"

namespace identity {

Reactor* AdminService::CreateRole(ServerContext* context, const v1::CreateRoleRequest* request,
                                  v1::CreateRoleResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/CreateRole"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const RoleDefinition definition, ReadDefinition(request->role()));
    ASSIGN_OR_RETURN(const Idempotency idempotency, ReadIdempotency(request->request_id(), *request));
    ASSIGN_OR_RETURN(const auto created,
                     roles_.Create(call.context, call.caller, definition, request->role().description(), idempotency));
    *response->mutable_role() = ToProto(created.role);
    response->set_consistency_token(created.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::UpdateRole(ServerContext* context, const v1::UpdateRoleRequest* request,
                                  v1::UpdateRoleResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/UpdateRole"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const Roles::Update update, ReadUpdate(*request));
    ASSIGN_OR_RETURN(const auto changed, roles_.Apply(call.context, call.caller, update));
    *response->mutable_role() = ToProto(changed.role);
    response->set_consistency_token(changed.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::DeleteRole(ServerContext* context, const v1::DeleteRoleRequest* request,
                                  v1::DeleteRoleResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/DeleteRole"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const ConsistencyToken token, roles_.Delete(call.context, call.caller, request->name()));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::GetRole(ServerContext* context, const v1::GetRoleRequest* request,
                               v1::GetRoleResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/GetRole"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const roles::Role role, roles_.Get(call.context, request->name()));
    *response->mutable_role() = ToProto(role);
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListRoles(ServerContext* context, const v1::ListRolesRequest* request,
                                 v1::ListRolesResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListRoles"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto page, roles_.List(call.context, ReadPage(*request)));
    for (const roles::Role& role : page.items) *response->add_roles() = ToProto(role);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

}  // namespace identity
