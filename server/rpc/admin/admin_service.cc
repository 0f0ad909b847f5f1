#include "server/rpc/admin/admin_service.h"

namespace identity {

AdminService::AdminService(RpcRunner& calls, const UseCases& use_cases)
    : RpcService(calls, "identity.v1.AdminService"),
      users_(use_cases.users),
      service_accounts_(use_cases.service_accounts),
      principals_(use_cases.principals),
      roles_(use_cases.roles),
      bindings_(use_cases.bindings),
      lookups_(use_cases.lookups),
      audit_log_(use_cases.audit_log),
      statistics_(use_cases.statistics),
      signing_keys_(use_cases.signing_keys),
      identity_providers_(use_cases.identity_providers) {
  using Self = AdminService;
  ServeAll(&Self::CreateUser, &Self::GetUser, &Self::ListUsers, &Self::UpdateUser, &Self::UnlockUser,
           &Self::ResetCredentials, &Self::TrustSecondFactor, &Self::DeleteUser, &Self::DisablePrincipal,
           &Self::EnablePrincipal, &Self::CreateServiceAccount, &Self::ListServiceAccounts, &Self::DeleteServiceAccount,
           &Self::UpdateServiceAccount, &Self::RevokeExternal, &Self::CreateRole, &Self::UpdateRole, &Self::DeleteRole,
           &Self::GetRole, &Self::ListRoles, &Self::CreateBinding, &Self::DeleteBinding, &Self::ListBindings,
           &Self::ListEffectivePermissions, &Self::ListSubjects, &Self::ListResources, &Self::ListPrincipalSessions,
           &Self::ListPrincipalApiKeys, &Self::GetStatistics, &Self::ListAuditEvents, &Self::ListSigningKeys,
           &Self::RotateSigningKey, &Self::RemoveSigningKey, &Self::CreateIdentityProvider, &Self::GetIdentityProvider,
           &Self::ListIdentityProviders, &Self::UpdateIdentityProvider, &Self::DeleteIdentityProvider);
}

}  // namespace identity
