// AdminService: service accounts.

#include "server/base/status_macros.h"
#include "server/rpc/admin/admin_service.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/principals.h"

namespace identity {

Reactor* AdminService::CreateServiceAccount(ServerContext* context, const v1::CreateServiceAccountRequest* request,
                                            v1::CreateServiceAccountResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/CreateServiceAccount"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const Idempotency idempotency, ReadIdempotency(request->request_id(), *request));
    ASSIGN_OR_RETURN(const auto created, service_accounts_.Create(call.context, call.caller, request->name(),
                                                                  request->description(), idempotency));
    *response->mutable_service_account() = ToProto(created.account);
    response->set_consistency_token(created.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListServiceAccounts(ServerContext* context, const v1::ListServiceAccountsRequest* request,
                                           v1::ListServiceAccountsResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListServiceAccounts"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto page, service_accounts_.List(call.context, ReadPage(*request)));
    for (const auto& account : page.items) *response->add_service_accounts() = ToProto(account);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

Reactor* AdminService::UpdateServiceAccount(ServerContext* context, const v1::UpdateServiceAccountRequest* request,
                                            v1::UpdateServiceAccountResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/UpdateServiceAccount",
                About(ResourceOfPrincipal(request->service_account().id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const ServiceAccounts::Update update, ReadAccountUpdate(*request));
    ASSIGN_OR_RETURN(const auto updated, service_accounts_.Apply(call.context, call.caller, update));
    *response->mutable_service_account() = ToProto(updated.account);
    response->set_consistency_token(updated.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::RevokeExternal(ServerContext* context, const v1::RevokeExternalRequest* request,
                                      v1::RevokeExternalResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/RevokeExternal"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const ConsistencyToken token,
                     service_accounts_.RevokeExternal(call.context, call.caller,
                                                      {request->issuer(), request->subject()}, request->undo()));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::DeleteServiceAccount(ServerContext* context, const v1::DeleteServiceAccountRequest* request,
                                            v1::DeleteServiceAccountResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/DeleteServiceAccount",
                About(ResourceOfPrincipal(request->service_account_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadId<PrincipalId>("service_account_id", request->service_account_id()));
    ASSIGN_OR_RETURN(const ConsistencyToken token, service_accounts_.Delete(call.context, call.caller, id));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

}  // namespace identity
