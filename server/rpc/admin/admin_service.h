#ifndef IDENTITY_RPC_ADMIN_ADMIN_SERVICE_H_
#define IDENTITY_RPC_ADMIN_ADMIN_SERVICE_H_

#include "identity/v1/admin_service.pb.h"
#include "server/app/admin/audit_log.h"
#include "server/app/admin/bindings.h"
#include "server/app/admin/identity_providers.h"
#include "server/app/admin/lookups.h"
#include "server/app/admin/principals.h"
#include "server/app/admin/roles.h"
#include "server/app/admin/service_accounts.h"
#include "server/app/admin/signing_keys.h"
#include "server/app/admin/statistics.h"
#include "server/app/admin/users.h"
#include "server/rpc/rpc_service.h"

namespace identity {

// The handlers of identity.v1.AdminService, with a source file for each kind of object. Thread-safe.
class AdminService final : public RpcService {
 public:
  struct UseCases {
    Users& users;
    ServiceAccounts& service_accounts;
    Principals& principals;
    Roles& roles;
    Bindings& bindings;
    Lookups& lookups;
    AuditLog& audit_log;
    Statistics& statistics;
    SigningKeys& signing_keys;
    IdentityProviders& identity_providers;
  };
  AdminService(RpcRunner& calls, const UseCases& use_cases);

  Reactor* CreateUser(ServerContext*, const v1::CreateUserRequest*, v1::CreateUserResponse*);
  Reactor* GetUser(ServerContext*, const v1::GetUserRequest*, v1::GetUserResponse*);
  Reactor* ListUsers(ServerContext*, const v1::ListUsersRequest*, v1::ListUsersResponse*);
  Reactor* UpdateUser(ServerContext*, const v1::UpdateUserRequest*, v1::UpdateUserResponse*);
  Reactor* UnlockUser(ServerContext*, const v1::UnlockUserRequest*, v1::UnlockUserResponse*);
  Reactor* ResetCredentials(ServerContext*, const v1::ResetCredentialsRequest*, v1::ResetCredentialsResponse*);
  Reactor* TrustSecondFactor(ServerContext*, const v1::TrustSecondFactorRequest*, v1::TrustSecondFactorResponse*);
  Reactor* DeleteUser(ServerContext*, const v1::DeleteUserRequest*, v1::DeleteUserResponse*);
  Reactor* DisablePrincipal(ServerContext*, const v1::DisablePrincipalRequest*, v1::DisablePrincipalResponse*);
  Reactor* EnablePrincipal(ServerContext*, const v1::EnablePrincipalRequest*, v1::EnablePrincipalResponse*);
  Reactor* CreateServiceAccount(ServerContext*, const v1::CreateServiceAccountRequest*,
                                v1::CreateServiceAccountResponse*);
  Reactor* ListServiceAccounts(ServerContext*, const v1::ListServiceAccountsRequest*, v1::ListServiceAccountsResponse*);
  Reactor* UpdateServiceAccount(ServerContext*, const v1::UpdateServiceAccountRequest*,
                                v1::UpdateServiceAccountResponse*);
  Reactor* RevokeExternal(ServerContext*, const v1::RevokeExternalRequest*, v1::RevokeExternalResponse*);
  Reactor* DeleteServiceAccount(ServerContext*, const v1::DeleteServiceAccountRequest*,
                                v1::DeleteServiceAccountResponse*);
  Reactor* CreateRole(ServerContext*, const v1::CreateRoleRequest*, v1::CreateRoleResponse*);
  Reactor* UpdateRole(ServerContext*, const v1::UpdateRoleRequest*, v1::UpdateRoleResponse*);
  Reactor* DeleteRole(ServerContext*, const v1::DeleteRoleRequest*, v1::DeleteRoleResponse*);
  Reactor* GetRole(ServerContext*, const v1::GetRoleRequest*, v1::GetRoleResponse*);
  Reactor* ListRoles(ServerContext*, const v1::ListRolesRequest*, v1::ListRolesResponse*);
  Reactor* CreateBinding(ServerContext*, const v1::CreateBindingRequest*, v1::CreateBindingResponse*);
  Reactor* DeleteBinding(ServerContext*, const v1::DeleteBindingRequest*, v1::DeleteBindingResponse*);
  Reactor* ListBindings(ServerContext*, const v1::ListBindingsRequest*, v1::ListBindingsResponse*);
  Reactor* ListEffectivePermissions(ServerContext*, const v1::ListEffectivePermissionsRequest*,
                                    v1::ListEffectivePermissionsResponse*);
  Reactor* ListSubjects(ServerContext*, const v1::ListSubjectsRequest*, v1::ListSubjectsResponse*);
  Reactor* ListResources(ServerContext*, const v1::ListResourcesRequest*, v1::ListResourcesResponse*);
  Reactor* ListPrincipalSessions(ServerContext*, const v1::ListPrincipalSessionsRequest*,
                                 v1::ListPrincipalSessionsResponse*);
  Reactor* ListPrincipalApiKeys(ServerContext*, const v1::ListPrincipalApiKeysRequest*,
                                v1::ListPrincipalApiKeysResponse*);
  Reactor* GetStatistics(ServerContext*, const v1::GetStatisticsRequest*, v1::GetStatisticsResponse*);
  Reactor* ListAuditEvents(ServerContext*, const v1::ListAuditEventsRequest*, v1::ListAuditEventsResponse*);
  Reactor* ListSigningKeys(ServerContext*, const v1::ListSigningKeysRequest*, v1::ListSigningKeysResponse*);
  Reactor* RotateSigningKey(ServerContext*, const v1::RotateSigningKeyRequest*, v1::RotateSigningKeyResponse*);
  Reactor* RemoveSigningKey(ServerContext*, const v1::RemoveSigningKeyRequest*, v1::RemoveSigningKeyResponse*);
  Reactor* CreateIdentityProvider(ServerContext*, const v1::CreateIdentityProviderRequest*,
                                  v1::CreateIdentityProviderResponse*);
  Reactor* GetIdentityProvider(ServerContext*, const v1::GetIdentityProviderRequest*, v1::GetIdentityProviderResponse*);
  Reactor* ListIdentityProviders(ServerContext*, const v1::ListIdentityProvidersRequest*,
                                 v1::ListIdentityProvidersResponse*);
  Reactor* UpdateIdentityProvider(ServerContext*, const v1::UpdateIdentityProviderRequest*,
                                  v1::UpdateIdentityProviderResponse*);
  Reactor* DeleteIdentityProvider(ServerContext*, const v1::DeleteIdentityProviderRequest*,
                                  v1::DeleteIdentityProviderResponse*);

 private:
  Users& users_;
  ServiceAccounts& service_accounts_;
  Principals& principals_;
  Roles& roles_;
  Bindings& bindings_;
  Lookups& lookups_;
  AuditLog& audit_log_;
  Statistics& statistics_;
  SigningKeys& signing_keys_;
  IdentityProviders& identity_providers_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_ADMIN_ADMIN_SERVICE_H_
