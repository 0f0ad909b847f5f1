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
#include "server/rpc/call.h"

namespace identity {

// identity.v1.AdminService: messages in, one call of a use case, messages out. Thread-safe.
class AdminService final : public v1::AdminService::CallbackService {
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
      : calls_(calls),
        users_(use_cases.users),
        service_accounts_(use_cases.service_accounts),
        principals_(use_cases.principals),
        roles_(use_cases.roles),
        bindings_(use_cases.bindings),
        audit_log_(use_cases.audit_log),
        statistics_(use_cases.statistics),
        signing_keys_(use_cases.signing_keys) {}

#define IDENTITY_ADMIN_RPC(name)                                                                         \
  grpc::ServerUnaryReactor* name(grpc::CallbackServerContext* context, const v1::name##Request* request, \
                                 v1::name##Response* response) override
  IDENTITY_ADMIN_RPC(CreateUser);
  IDENTITY_ADMIN_RPC(GetUser);
  IDENTITY_ADMIN_RPC(ListUsers);
  IDENTITY_ADMIN_RPC(UpdateUser);
  IDENTITY_ADMIN_RPC(UnlockUser);
  IDENTITY_ADMIN_RPC(DisablePrincipal);
  IDENTITY_ADMIN_RPC(EnablePrincipal);
  IDENTITY_ADMIN_RPC(CreateServiceAccount);
  IDENTITY_ADMIN_RPC(ListServiceAccounts);
  IDENTITY_ADMIN_RPC(CreateRole);
  IDENTITY_ADMIN_RPC(UpdateRole);
  IDENTITY_ADMIN_RPC(DeleteRole);
  IDENTITY_ADMIN_RPC(GetRole);
  IDENTITY_ADMIN_RPC(ListRoles);
  IDENTITY_ADMIN_RPC(CreateBinding);
  IDENTITY_ADMIN_RPC(DeleteBinding);
  IDENTITY_ADMIN_RPC(ListBindings);
  IDENTITY_ADMIN_RPC(ListEffectivePermissions);
  IDENTITY_ADMIN_RPC(ListPrincipalSessions);
  IDENTITY_ADMIN_RPC(ListPrincipalApiKeys);
  IDENTITY_ADMIN_RPC(GetStatistics);
  IDENTITY_ADMIN_RPC(ListAuditEvents);
  IDENTITY_ADMIN_RPC(ListSigningKeys);
  IDENTITY_ADMIN_RPC(RotateSigningKey);
#undef IDENTITY_ADMIN_RPC

 private:
  CallRunner& calls_;
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
