// AdminService: bindings and the permissions that follow from them.

#include "server/base/status_macros.h"
#include "server/rpc/admin/admin_service.h"
#include "server/rpc/convert/bindings.h"
#include "server/rpc/convert/fields.h"

namespace identity {

Reactor* AdminService::CreateBinding(ServerContext* context, const v1::CreateBindingRequest* request,
                                     v1::CreateBindingResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/CreateBinding",
                About(ResourceOrEverything(request->binding().resource()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId principal,
                     ReadPrincipalId("binding.principal_id", request->binding().principal_id()));
    ASSIGN_OR_RETURN(const Binding binding, ReadBinding(request->binding()));
    ASSIGN_OR_RETURN(const Idempotency idempotency, ReadIdempotency(request->request_id(), *request));
    ASSIGN_OR_RETURN(const auto created, bindings_.Create(call.context, call.caller, principal, binding, idempotency));
    *response->mutable_binding() = ToProto(created.binding);
    response->set_consistency_token(created.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::DeleteBinding(ServerContext* context, const v1::DeleteBindingRequest* request,
                                     v1::DeleteBindingResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/DeleteBinding"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const BindingId id, ReadId<BindingId>("binding_id", request->binding_id()));
    ASSIGN_OR_RETURN(const ConsistencyToken token, bindings_.Delete(call.context, call.caller, id));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListBindings(ServerContext* context, const v1::ListBindingsRequest* request,
                                    v1::ListBindingsResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListBindings", About(ResourceOrEverything(request->resource()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const bindings::Filter filter, ReadFilter(*request));
    ASSIGN_OR_RETURN(const auto page, bindings_.List(call.context, filter, ReadPage(*request)));
    for (const bindings::StoredBinding& binding : page.items) *response->add_bindings() = ToProto(binding);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListEffectivePermissions(ServerContext* context,
                                                const v1::ListEffectivePermissionsRequest* request,
                                                v1::ListEffectivePermissionsResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListEffectivePermissions",
                About(ResourceOrEverything(request->resource()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId principal, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const Resource resource, Resource::Parse(request->resource()));
    ASSIGN_OR_RETURN(const auto effective, bindings_.ListEffective(call.context, principal, resource));
    for (const HeldPattern& held : effective.patterns) *response->add_permissions() = ToProto(held);
    response->set_consistency_token(effective.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListSubjects(ServerContext* context, const v1::ListSubjectsRequest* request,
                                    v1::ListSubjectsResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListSubjects"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const Permission permission, Permission::Parse(request->permission()));
    ASSIGN_OR_RETURN(const Resource resource, Resource::Parse(request->resource()));
    ASSIGN_OR_RETURN(const auto list, lookups_.Subjects(call.context, permission, resource, ReadPage(*request)));
    for (const Lookups::Holder& holder : list.page.items) *response->add_subjects() = ToProto(holder);
    response->set_next_page_token(list.page.next_page_token);
    response->set_consistency_token(list.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListResources(ServerContext* context, const v1::ListResourcesRequest* request,
                                     v1::ListResourcesResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListResources"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId principal, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const Permission permission, Permission::Parse(request->permission()));
    ASSIGN_OR_RETURN(const auto list, lookups_.Resources(call.context, principal, permission, ReadPage(*request)));
    for (const Lookups::Place& place : list.page.items) *response->add_resources() = ToProto(place);
    response->set_next_page_token(list.page.next_page_token);
    response->set_consistency_token(list.token.ToText());
    return absl::OkStatus();
  });
}

}  // namespace identity
