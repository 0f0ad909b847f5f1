// AdminService: users.

#include "server/base/status_macros.h"
#include "server/rpc/admin/admin_service.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/principals.h"

namespace identity {

Reactor* AdminService::CreateUser(ServerContext* context, const v1::CreateUserRequest* request,
                                  v1::CreateUserResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/CreateUser"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto create, ReadCreate(*request));
    ASSIGN_OR_RETURN(const auto created, users_.Create(call.context, call.caller, create));
    *response->mutable_user() = ToProto(created.user);
    response->set_one_time_secret(std::string(created.one_time_secret.Reveal()));
    response->set_consistency_token(created.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::GetUser(ServerContext* context, const v1::GetUserRequest* request,
                               v1::GetUserResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/GetUser", About(ResourceOfPrincipal(request->user_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadId<PrincipalId>("user_id", request->user_id()));
    ASSIGN_OR_RETURN(const principals::User user, users_.Get(call.context, id));
    *response->mutable_user() = ToProto(user);
    return absl::OkStatus();
  });
}

Reactor* AdminService::ListUsers(ServerContext* context, const v1::ListUsersRequest* request,
                                 v1::ListUsersResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ListUsers"};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const auto page, users_.List(call.context, request->query(), ReadPage(*request)));
    for (const principals::User& user : page.items) *response->add_users() = ToProto(user);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

Reactor* AdminService::UpdateUser(ServerContext* context, const v1::UpdateUserRequest* request,
                                  v1::UpdateUserResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/UpdateUser", About(ResourceOfPrincipal(request->user().id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const Users::Update update, ReadUpdate(*request));
    ASSIGN_OR_RETURN(const principals::User user, users_.Apply(call.context, call.caller, update));
    *response->mutable_user() = ToProto(user);
    return absl::OkStatus();
  });
}

Reactor* AdminService::UnlockUser(ServerContext* context, const v1::UnlockUserRequest* request,
                                  v1::UnlockUserResponse* /*response*/) {
  const Rpc rpc{context, "identity.v1.AdminService/UnlockUser", About(ResourceOfPrincipal(request->user_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadId<PrincipalId>("user_id", request->user_id()));
    return users_.Unlock(call.context, call.caller, id);
  });
}

Reactor* AdminService::ResetCredentials(ServerContext* context, const v1::ResetCredentialsRequest* request,
                                        v1::ResetCredentialsResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/ResetCredentials", About(ResourceOfPrincipal(request->user_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadId<PrincipalId>("user_id", request->user_id()));
    ASSIGN_OR_RETURN(const auto reset, users_.ResetCredentials(call.context, call.caller, id));
    response->set_one_time_secret(std::string(reset.one_time_secret.Reveal()));
    response->set_ended_sessions(static_cast<int32_t>(reset.ended_sessions));
    response->set_consistency_token(reset.token.ToText());
    return absl::OkStatus();
  });
}

Reactor* AdminService::TrustSecondFactor(ServerContext* context, const v1::TrustSecondFactorRequest* request,
                                         v1::TrustSecondFactorResponse* /*response*/) {
  const Rpc rpc{context, "identity.v1.AdminService/TrustSecondFactor", About(ResourceOfPrincipal(request->user_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadId<PrincipalId>("user_id", request->user_id()));
    return users_.TrustSecondFactor(call.context, call.caller, id);
  });
}

Reactor* AdminService::DeleteUser(ServerContext* context, const v1::DeleteUserRequest* request,
                                  v1::DeleteUserResponse* response) {
  const Rpc rpc{context, "identity.v1.AdminService/DeleteUser", About(ResourceOfPrincipal(request->user_id()))};
  return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadId<PrincipalId>("user_id", request->user_id()));
    ASSIGN_OR_RETURN(const ConsistencyToken token, users_.Delete(call.context, call.caller, id));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

}  // namespace identity
