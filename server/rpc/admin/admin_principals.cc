// AdminService: operations on users and service accounts alike.

#include "server/base/status_macros.h"
#include "server/rpc/admin/admin_service.h"
#include "server/rpc/convert/api_keys.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/sessions.h"

namespace identity {

Reactor* AdminService::DisablePrincipal(ServerContext* context, const v1::DisablePrincipalRequest* request,
                                        v1::DisablePrincipalResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/DisablePrincipal",
                About(ResourceOfPrincipal(request->principal_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const ConsistencyToken token,
                     principals_.Disable(call.context, call.caller, id, request->reason()));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::EnablePrincipal(ServerContext* context, const v1::EnablePrincipalRequest* request,
                                       v1::EnablePrincipalResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/EnablePrincipal",
                About(ResourceOfPrincipal(request->principal_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const ConsistencyToken token, principals_.Enable(call.context, call.caller, id));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListPrincipalSessions(ServerContext* context, const v1::ListPrincipalSessionsRequest* request,
                                             v1::ListPrincipalSessionsResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListPrincipalSessions",
                About(ResourceOfPrincipal(request->principal_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const auto page, principals_.ListSessions(call.context, id, ReadPage(*request)));
    for (const auto& session : page.items) *response->add_sessions() = ToProto(session, call.caller);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListPrincipalApiKeys(ServerContext* context, const v1::ListPrincipalApiKeysRequest* request,
                                            v1::ListPrincipalApiKeysResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListPrincipalApiKeys",
                About(ResourceOfPrincipal(request->principal_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const auto page, principals_.ListApiKeys(call.context, id, ReadPage(*request)));
    for (const api_keys::ApiKey& key : page.items) *response->add_api_keys() = ToProto(key);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

}  // namespace identity
