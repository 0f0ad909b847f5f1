#ifndef IDENTITY_RPC_ADMIN_SERVICE_H_
#define IDENTITY_RPC_ADMIN_SERVICE_H_

#include "identity/v1/admin_service.grpc.pb.h"
#include "server/app/admin/audit_log.h"
#include "server/app/admin/bindings.h"
#include "server/app/admin/principals.h"
#include "server/app/admin/roles.h"
#include "server/app/admin/service_accounts.h"
#include "server/app/admin/signing_keys.h"
#include "server/app/admin/statistics.h"
#include "server/app/admin/users.h"
#include "server/rpc/rpc_service.h"

namespace identity {

// The handlers of identity.v1.AdminService, with a source file for each kind of object. Thread-safe.
class AdminService final : public RpcService<v1::AdminService> {
 public:
  struct UseCases {
    Users& users;
    ServiceAccounts& service_accounts;
    Principals& principals;
    Roles& roles;
    Bindings& bindings;
    AuditLog& audit_log;
    Statistics& statistics;
    SigningKeys& signing_keys;
  };
  AdminService(CallRunner& calls, const UseCases& use_cases)
      : RpcService(calls),
        users_(use_cases.users),
        service_accounts_(use_cases.service_accounts),
        principals_(use_cases.principals),
        roles_(use_cases.roles),
        bindings_(use_cases.bindings),
        audit_log_(use_cases.audit_log),
        statistics_(use_cases.statistics),
        signing_keys_(use_cases.signing_keys) {
    using Self = AdminService;
    ServeAll(&Self::CreateUser, &Self::GetUser, &Self::ListUsers, &Self::UpdateUser, &Self::UnlockUser,
             &Self::ResetCredentials, &Self::TrustSecondFactor, &Self::DeleteUser, &Self::DisablePrincipal,
             &Self::EnablePrincipal, &Self::CreateServiceAccount, &Self::ListServiceAccounts,
             &Self::DeleteServiceAccount, &Self::CreateRole, &Self::UpdateRole, &Self::DeleteRole, &Self::GetRole,
             &Self::ListRoles, &Self::CreateBinding, &Self::DeleteBinding, &Self::ListBindings,
             &Self::ListEffectivePermissions, &Self::ListPrincipalSessions, &Self::ListPrincipalApiKeys,
             &Self::GetStatistics, &Self::ListAuditEvents, &Self::ListSigningKeys, &Self::RotateSigningKey,
             &Self::RemoveSigningKey);
  }

  Reactor* CreateUser(ServerContext*, const v1::CreateUserRequest*, v1::CreateUserResponse*) override;
  Reactor* GetUser(ServerContext*, const v1::GetUserRequest*, v1::GetUserResponse*) override;
  Reactor* ListUsers(ServerContext*, const v1::ListUsersRequest*, v1::ListUsersResponse*) override;
  Reactor* UpdateUser(ServerContext*, const v1::UpdateUserRequest*, v1::UpdateUserResponse*) override;
  Reactor* UnlockUser(ServerContext*, const v1::UnlockUserRequest*, v1::UnlockUserResponse*) override;
  Reactor* ResetCredentials(ServerContext*, const v1::ResetCredentialsRequest*, v1::ResetCredentialsResponse*) override;
  Reactor* TrustSecondFactor(ServerContext*, const v1::TrustSecondFactorRequest*,
                             v1::TrustSecondFactorResponse*) override;
  Reactor* DeleteUser(ServerContext*, const v1::DeleteUserRequest*, v1::DeleteUserResponse*) override;
  Reactor* DisablePrincipal(ServerContext*, const v1::DisablePrincipalRequest*, v1::DisablePrincipalResponse*) override;
  Reactor* EnablePrincipal(ServerContext*, const v1::EnablePrincipalRequest*, v1::EnablePrincipalResponse*) override;
  Reactor* CreateServiceAccount(ServerContext*, const v1::CreateServiceAccountRequest*,
                                v1::CreateServiceAccountResponse*) override;
  Reactor* ListServiceAccounts(ServerContext*, const v1::ListServiceAccountsRequest*,
                               v1::ListServiceAccountsResponse*) override;
  Reactor* DeleteServiceAccount(ServerContext*, const v1::DeleteServiceAccountRequest*,
                                v1::DeleteServiceAccountResponse*) override;
  Reactor* CreateRole(ServerContext*, const v1::CreateRoleRequest*, v1::CreateRoleResponse*) override;
  Reactor* UpdateRole(ServerContext*, const v1::UpdateRoleRequest*, v1::UpdateRoleResponse*) override;
  Reactor* DeleteRole(ServerContext*, const v1::DeleteRoleRequest*, v1::DeleteRoleResponse*) override;
  Reactor* GetRole(ServerContext*, const v1::GetRoleRequest*, v1::GetRoleResponse*) override;
  Reactor* ListRoles(ServerContext*, const v1::ListRolesRequest*, v1::ListRolesResponse*) override;
  Reactor* CreateBinding(ServerContext*, const v1::CreateBindingRequest*, v1::CreateBindingResponse*) override;
  Reactor* DeleteBinding(ServerContext*, const v1::DeleteBindingRequest*, v1::DeleteBindingResponse*) override;
  Reactor* ListBindings(ServerContext*, const v1::ListBindingsRequest*, v1::ListBindingsResponse*) override;
  Reactor* ListEffectivePermissions(ServerContext*, const v1::ListEffectivePermissionsRequest*,
                                    v1::ListEffectivePermissionsResponse*) override;
  Reactor* ListPrincipalSessions(ServerContext*, const v1::ListPrincipalSessionsRequest*,
                                 v1::ListPrincipalSessionsResponse*) override;
  Reactor* ListPrincipalApiKeys(ServerContext*, const v1::ListPrincipalApiKeysRequest*,
                                v1::ListPrincipalApiKeysResponse*) override;
  Reactor* GetStatistics(ServerContext*, const v1::GetStatisticsRequest*, v1::GetStatisticsResponse*) override;
  Reactor* ListAuditEvents(ServerContext*, const v1::ListAuditEventsRequest*, v1::ListAuditEventsResponse*) override;
  Reactor* ListSigningKeys(ServerContext*, const v1::ListSigningKeysRequest*, v1::ListSigningKeysResponse*) override;
  Reactor* RotateSigningKey(ServerContext*, const v1::RotateSigningKeyRequest*, v1::RotateSigningKeyResponse*) override;
  Reactor* RemoveSigningKey(ServerContext*, const v1::RemoveSigningKeyRequest*, v1::RemoveSigningKeyResponse*) override;

 private:
  Users& users_;
  ServiceAccounts& service_accounts_;
  Principals& principals_;
  Roles& roles_;
  Bindings& bindings_;
  AuditLog& audit_log_;
  Statistics& statistics_;
  SigningKeys& signing_keys_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_ADMIN_SERVICE_H_
