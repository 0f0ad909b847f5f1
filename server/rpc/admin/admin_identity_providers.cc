// AdminService: OpenID providers.

#include "server/base/status_macros.h"
#include "server/rpc/admin/admin_service.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/identity_providers.h"

namespace identity {

Reactor* AdminService::CreateIdentityProvider(ServerContext* context, const v1::CreateIdentityProviderRequest* request,
                                              v1::CreateIdentityProviderResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/CreateIdentityProvider"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const IdentityProvider provider, ReadProvider(*request));
    ASSIGN_OR_RETURN(const Idempotency idempotency, ReadIdempotency(request->request_id(), *request));
    ASSIGN_OR_RETURN(const IdentityProviders::Written created,
                     identity_providers_.Create(call.context, call.caller, provider, idempotency));
    *response->mutable_provider() = ToProto(created.provider);
    response->set_consistency_token(created.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::GetIdentityProvider(ServerContext* context, const v1::GetIdentityProviderRequest* request,
                                           v1::GetIdentityProviderResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/GetIdentityProvider"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const IdentityProvider provider, identity_providers_.Get(call.context, request->name()));
    *response->mutable_provider() = ToProto(provider);
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListIdentityProviders(ServerContext* context, const v1::ListIdentityProvidersRequest* request,
                                             v1::ListIdentityProvidersResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListIdentityProviders"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto page, identity_providers_.List(call.context, ReadPage(*request)));
    for (const IdentityProvider& provider : page.items) *response->add_providers() = ToProto(provider);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

Reactor* AdminService::UpdateIdentityProvider(ServerContext* context, const v1::UpdateIdentityProviderRequest* request,
                                              v1::UpdateIdentityProviderResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/UpdateIdentityProvider"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto apply, ReadProviderUpdate(*request));
    ASSIGN_OR_RETURN(const IdentityProviders::Written updated,
                     identity_providers_.Update(call.context, call.caller, request->provider().name(), apply));
    *response->mutable_provider() = ToProto(updated.provider);
    response->set_consistency_token(updated.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::DeleteIdentityProvider(ServerContext* context, const v1::DeleteIdentityProviderRequest* request,
                                              v1::DeleteIdentityProviderResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/DeleteIdentityProvider"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const ConsistencyToken token,
                     identity_providers_.Delete(call.context, call.caller, request->name()));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

}  // namespace identity
