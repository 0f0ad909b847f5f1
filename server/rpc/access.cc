#include "server/rpc/access.h"

namespace identity {
namespace {

using Who = AccessRule::Who;

constexpr AccessRule kRules[] = {
    {"identity.v1.IdentityService/Authenticate", Who::kAnyone, ""},
    {"identity.v1.IdentityService/Refresh", Who::kAnyone, ""},
    {"identity.v1.IdentityService/Revoke", Who::kAnyone, ""},  // by id: decided by whose it is
    {"identity.v1.IdentityService/CheckPermission", Who::kSelfOrPermission, "identity:check"},
    {"identity.v1.IdentityService/BatchCheckPermissions", Who::kSelfOrPermission, "identity:check"},
    {"identity.v1.IdentityService/IssueApiKey", Who::kSelfOrPermission, "identity:api_keys:write"},
    {"identity.v1.AdminService/CreateUser", Who::kPermission, "identity:users:write"},
    {"identity.v1.AdminService/GetUser", Who::kPermission, "identity:users:read"},
    {"identity.v1.AdminService/ListUsers", Who::kPermission, "identity:users:read"},
    {"identity.v1.AdminService/DisablePrincipal", Who::kPermission, "identity:principals:write"},
    {"identity.v1.AdminService/EnablePrincipal", Who::kPermission, "identity:principals:write"},
    {"identity.v1.AdminService/CreateServiceAccount", Who::kPermission, "identity:service_accounts:write"},
    {"identity.v1.AdminService/CreateRole", Who::kPermission, "identity:roles:write"},
    {"identity.v1.AdminService/UpdateRole", Who::kPermission, "identity:roles:write"},
    {"identity.v1.AdminService/DeleteRole", Who::kPermission, "identity:roles:write"},
    {"identity.v1.AdminService/GetRole", Who::kPermission, "identity:roles:read"},
    {"identity.v1.AdminService/ListRoles", Who::kPermission, "identity:roles:read"},
    {"identity.v1.AdminService/CreateBinding", Who::kPermission, "identity:bindings:write"},
    {"identity.v1.AdminService/DeleteBinding", Who::kSignedIn, ""},  // decided by the binding's resource
    {"identity.v1.AdminService/ListBindings", Who::kPermission, "identity:bindings:read"},
    {"identity.v1.AdminService/ListEffectivePermissions", Who::kPermission, "identity:bindings:read"},
};

Requirement Without(Requirement::Kind kind) {
  Requirement requirement;
  requirement.kind = kind;
  return requirement;
}

}  // namespace

absl::Span<const AccessRule> AccessRules() { return kRules; }

Requirement RequirementOf(absl::string_view method, const CallTarget& target) {
  for (const AccessRule& rule : kRules) {
    if (method != rule.method) continue;
    if (rule.who == Who::kAnyone) return Without(Requirement::Kind::kNothing);
    if (rule.who == Who::kSignedIn) return Without(Requirement::Kind::kCredential);
    const bool may_be_self = rule.who == Who::kSelfOrPermission;
    if (may_be_self && target.self) return Without(Requirement::Kind::kCredential);
    return {Requirement::Kind::kPermission, LiteralPermission(rule.permission), target.resource,
            may_be_self ? target.principal : absl::nullopt};
  }
  return Without(Requirement::Kind::kNobody);
}

}  // namespace identity
