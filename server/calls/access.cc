#include "server/calls/access.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "server/app/access/own_permissions.h"

namespace identity {
namespace {

using Who = AccessRule::Who;

constexpr AccessRule kRules[] = {
    {"identity.v1.IdentityService/Authenticate", Who::kAnyone, ""},
    {"identity.v1.IdentityService/Refresh", Who::kAnyone, ""},
    {"identity.v1.IdentityService/Revoke", Who::kAnyone, ""},  // by id: the owner decides
    {"identity.v1.IdentityService/CheckPermission", Who::kSelfOrPermission, own_permissions::kCheck},
    {"identity.v1.IdentityService/BatchCheckPermissions", Who::kSelfOrPermission, own_permissions::kCheck},
    {"identity.v1.IdentityService/IssueApiKey", Who::kSelfOrPermission, own_permissions::kApiKeysWrite},
    {"identity.v1.AccountService/Register", Who::kAnyone, ""},
    {"identity.v1.AccountService/GetAccount", Who::kOwnAccount, own_permissions::kSelfRead},
    {"identity.v1.AccountService/UpdateAccount", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/DeactivateAccount", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/ChangePassword", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/ListSessions", Who::kOwnAccount, own_permissions::kSelfRead},
    {"identity.v1.AccountService/ListApiKeys", Who::kOwnAccount, own_permissions::kSelfRead},
    {"identity.v1.AccountService/RotateApiKey", Who::kSignedIn, ""},  // the key's owner decides
    {"identity.v1.AccountService/EnrollTotp", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/ConfirmTotp", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/DisableTotp", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/RegenerateRecoveryCodes", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/VerifyEmail", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/ResendVerification", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/ListExternalIdentities", Who::kOwnAccount, own_permissions::kSelfRead},
    {"identity.v1.AccountService/UnlinkIdentity", Who::kOwnSession, own_permissions::kSelfWrite},
    {"identity.v1.AccountService/RequestPasswordReset", Who::kAnyone, ""},
    {"identity.v1.AccountService/ResetPassword", Who::kAnyone, ""},
    {"identity.v1.AdminService/CreateUser", Who::kPermission, own_permissions::kUsersWrite},
    {"identity.v1.AdminService/GetUser", Who::kPermission, own_permissions::kUsersRead},
    {"identity.v1.AdminService/ListUsers", Who::kPermission, own_permissions::kUsersRead},
    {"identity.v1.AdminService/UpdateUser", Who::kPermission, own_permissions::kUsersWrite},
    {"identity.v1.AdminService/UnlockUser", Who::kPermission, own_permissions::kUsersWrite},
    {"identity.v1.AdminService/ResetCredentials", Who::kPermission, own_permissions::kUsersWrite},
    {"identity.v1.AdminService/TrustSecondFactor", Who::kPermission, own_permissions::kUsersWrite},
    {"identity.v1.AdminService/DeleteUser", Who::kPermission, own_permissions::kUsersWrite},
    {"identity.v1.AdminService/DisablePrincipal", Who::kPermission, own_permissions::kPrincipalsWrite},
    {"identity.v1.AdminService/EnablePrincipal", Who::kPermission, own_permissions::kPrincipalsWrite},
    {"identity.v1.AdminService/CreateServiceAccount", Who::kPermission, own_permissions::kServiceAccountsWrite},
    {"identity.v1.AdminService/ListServiceAccounts", Who::kPermission, own_permissions::kServiceAccountsRead},
    {"identity.v1.AdminService/UpdateServiceAccount", Who::kPermission, own_permissions::kServiceAccountsWrite},
    {"identity.v1.AdminService/RevokeExternal", Who::kPermission, own_permissions::kSessionsWrite},
    {"identity.v1.AdminService/DeleteServiceAccount", Who::kPermission, own_permissions::kServiceAccountsWrite},
    {"identity.v1.AdminService/CreateRole", Who::kPermission, own_permissions::kRolesWrite},
    {"identity.v1.AdminService/UpdateRole", Who::kPermission, own_permissions::kRolesWrite},
    {"identity.v1.AdminService/DeleteRole", Who::kPermission, own_permissions::kRolesWrite},
    {"identity.v1.AdminService/GetRole", Who::kPermission, own_permissions::kRolesRead},
    {"identity.v1.AdminService/ListRoles", Who::kPermission, own_permissions::kRolesRead},
    {"identity.v1.AdminService/CreateBinding", Who::kPermission, own_permissions::kBindingsWrite},
    {"identity.v1.AdminService/DeleteBinding", Who::kSignedIn, ""},  // the binding's resource decides
    {"identity.v1.AdminService/ListBindings", Who::kPermission, own_permissions::kBindingsRead},
    {"identity.v1.AdminService/ListEffectivePermissions", Who::kPermission, own_permissions::kBindingsRead},
    {"identity.v1.AdminService/ListSubjects", Who::kPermission, own_permissions::kBindingsRead},
    {"identity.v1.AdminService/ListResources", Who::kPermission, own_permissions::kBindingsRead},
    {"identity.v1.AdminService/ListPrincipalSessions", Who::kPermission, own_permissions::kSessionsRead},
    {"identity.v1.AdminService/ListPrincipalApiKeys", Who::kPermission, own_permissions::kApiKeysRead},
    {"identity.v1.AdminService/GetStatistics", Who::kPermission, own_permissions::kStatisticsRead},
    {"identity.v1.AdminService/ListAuditEvents", Who::kPermission, own_permissions::kAuditRead},
    {"identity.v1.AdminService/ListSigningKeys", Who::kPermission, own_permissions::kSigningKeysRead},
    {"identity.v1.AdminService/RotateSigningKey", Who::kPermission, own_permissions::kSigningKeysWrite},
    {"identity.v1.AdminService/RemoveSigningKey", Who::kPermission, own_permissions::kSigningKeysWrite},
    {"identity.v1.AdminService/CreateIdentityProvider", Who::kPermission, own_permissions::kIdentityProvidersWrite},
    {"identity.v1.AdminService/GetIdentityProvider", Who::kPermission, own_permissions::kIdentityProvidersRead},
    {"identity.v1.AdminService/ListIdentityProviders", Who::kPermission, own_permissions::kIdentityProvidersRead},
    {"identity.v1.AdminService/UpdateIdentityProvider", Who::kPermission, own_permissions::kIdentityProvidersWrite},
    {"identity.v1.AdminService/DeleteIdentityProvider", Who::kPermission, own_permissions::kIdentityProvidersWrite},
    {"envoy.service.auth.v3.Authorization/Check", Who::kPermission, own_permissions::kCheck},
    {"authz/forward", Who::kPermission, own_permissions::kCheck},
    {"access/v1/evaluation", Who::kPermission, own_permissions::kCheck},
    {"access/v1/evaluations", Who::kPermission, own_permissions::kCheck},
    {"access/v1/search/subject", Who::kPermission, own_permissions::kBindingsRead},
    {"access/v1/search/resource", Who::kPermission, own_permissions::kBindingsRead},
    {"access/v1/search/action", Who::kPermission, own_permissions::kBindingsRead},
    {"oauth2/token", Who::kAnyone, ""},
    {"oauth2/introspect", Who::kPermission, own_permissions::kCheck},
    {"oauth2/revoke", Who::kAnyone, ""},
};

// A row with its parsed permission.
struct Entry {
  Who who;
  absl::optional<Permission> permission;
};

const absl::flat_hash_map<absl::string_view, Entry>& Entries() {
  static const auto* const entries = [] {
    auto* map = new absl::flat_hash_map<absl::string_view, Entry>();
    for (const AccessRule& rule : kRules) {
      Entry& entry = (*map)[rule.method];
      entry.who = rule.who;
      if (*rule.permission != '\0') entry.permission = LiteralPermission(rule.permission);
    }
    return map;
  }();
  return *entries;
}

}  // namespace

CallTarget About(Resource resource) {
  CallTarget target;
  target.resource = std::move(resource);
  return target;
}

absl::Span<const AccessRule> AccessRules() { return kRules; }

Requirement RequirementOf(absl::string_view method, const CallTarget& target) {
  Requirement requirement;
  requirement.kind = Requirement::Kind::kNobody;
  requirement.freshness = target.freshness;
  const auto found = Entries().find(method);
  if (found == Entries().end()) return requirement;
  const Entry& entry = found->second;
  const bool may_be_self = entry.who == Who::kSelfOrPermission;
  if (entry.who == Who::kAnyone) {
    requirement.kind = Requirement::Kind::kNothing;
  } else if (entry.who == Who::kSignedIn || (may_be_self && target.self)) {
    requirement.kind = Requirement::Kind::kCredential;
  } else if (entry.who == Who::kOwnAccount || entry.who == Who::kOwnSession) {
    requirement.kind = Requirement::Kind::kOwnPermission;
    requirement.permission = entry.permission;
    requirement.session = entry.who == Who::kOwnSession;
  } else {
    requirement.kind = Requirement::Kind::kPermission;
    requirement.permission = entry.permission;
    requirement.resource = target.resource;
    if (may_be_self) requirement.exempt = target.principal;
  }
  return requirement;
}

bool AuditsDenials(absl::string_view method) {
  return absl::StartsWith(method, "identity.v1.AdminService/") || method == "identity.v1.IdentityService/IssueApiKey" ||
         method == "identity.v1.IdentityService/Revoke" || method == "identity.v1.AccountService/RotateApiKey" ||
         absl::StartsWith(method, "access/v1/search/") || method == "oauth2/token";
}

}  // namespace identity
