#include "server/app/change/guard.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/stores/principals.h"
#include "db/stores/sessions.h"
#include "server/app/access/own_permissions.h"
#include "server/app/access/require_permission.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::guard {

absl::Status RequirePermission(AuditedWrite& write, absl::string_view permission, const Resource& resource) {
  return identity::RequirePermission(write.facts(), write.caller().subject, LiteralPermission(permission), resource);
}

absl::Status RequireMayGrant(AuditedWrite& write, const std::vector<PermissionPattern>& patterns,
                             const Resource& resource, absl::Time until) {
  std::vector<PermissionPattern> service_patterns;
  std::copy_if(patterns.begin(), patterns.end(), std::back_inserter(service_patterns),
               [](const PermissionPattern& pattern) { return pattern.IsOfTheService(); });
  if (service_patterns.empty()) return absl::OkStatus();
  const absl::optional<Subject>& caller = write.caller().subject;
  if (!caller) return Error(ErrorReason::kGrantExceedsCaller, "granting needs a credential");
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, write.facts().Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, write.facts().Now());
  std::vector<Binding> bindings = caller->principal.CopyBindings();
  bindings.erase(std::remove_if(bindings.begin(), bindings.end(),
                                [&](const Binding& binding) { return binding.expire_time < until; }),
                 bindings.end());
  const PrincipalFacts lasting(caller->principal.fields(), bindings);
  const auto missing =
      FindNotHeld(lasting, caller->scopes, *roles, service_patterns, resource, {now.time, caller->mfa_time});
  if (!missing) return absl::OkStatus();
  return Error(ErrorReason::kGrantExceedsCaller,
               absl::StrCat("grants ", missing->text(), ", which the caller does not hold there for as long"));
}

absl::StatusOr<bool> CallerIsSuperAdmin(AuditedWrite& write) {
  const absl::optional<Subject>& caller = write.caller().subject;
  if (!caller) return false;
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, write.facts().Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, write.facts().Now());
  return IsSuperAdmin(caller->principal, *roles, now.time, now.time - caller->mfa_time) &&
         caller->scopes.Covers(PermissionPattern::Everything());
}

absl::Status RequireMayActOn(AuditedWrite& write, const PrincipalFacts& target) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, write.facts().Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, write.facts().Now());
  if (!IsSuperAdmin(target, *roles, now.time)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool super_admin, CallerIsSuperAdmin(write));
  if (super_admin) return absl::OkStatus();
  return Error(ErrorReason::kSuperAdminRequired, "only a super admin may act on a super admin");
}

absl::Status RequireNotLastSuperAdmin(AuditedWrite& write, const PrincipalFacts& target) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, write.facts().Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, write.facts().Now());
  if (!IsSuperAdmin(target, *roles, now.time)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool another, principals::HasOtherSuperAdmin(write.transaction(), target.id()));
  if (another) return absl::OkStatus();
  return Error(ErrorReason::kLastSuperAdmin, "no other principal is a super admin without an end");
}

namespace {

// The part of a binding that `scopes` allow.
absl::Status RequireCouldGrant(AuditedWrite& write, const Binding& binding, const Scopes& scopes) {
  ASSIGN_OR_RETURN(const std::vector<PermissionPattern> held, PatternsOf(write, binding.role));
  const std::vector<PermissionPattern> patterns = Scopes::Of(held).Intersect(scopes).patterns();
  RETURN_IF_ERROR(RequireMayGrant(write, patterns, binding.resource, binding.expire_time));
  const bool has_others = std::any_of(patterns.begin(), patterns.end(),
                                      [](const PermissionPattern& pattern) { return !pattern.IsOfTheService(); });
  return has_others ? RequirePermission(write, own_permissions::kBindingsWrite, binding.resource) : absl::OkStatus();
}

}  // namespace

absl::Status RequireHoldsAllOf(AuditedWrite& write, const PrincipalFacts& target) {
  for (const Binding& binding : target.CopyBindings()) {
    RETURN_IF_ERROR(RequireCouldGrant(write, binding, Scopes::Unlimited()));
  }
  return absl::OkStatus();
}

absl::Status RequireCouldGrantCredential(AuditedWrite& write, const PrincipalFacts& target, const Scopes& scopes,
                                         absl::Time until) {
  ASSIGN_OR_RETURN(const change_log::Moment now, write.facts().Now());
  std::vector<Binding> bindings = target.CopyBindings();
  if (target.type() == PrincipalType::kUser) {
    Binding self;
    self.role = kSelfRole;
    self.resource = Resource::OfPrincipal(target.id());
    bindings.push_back(std::move(self));
  }
  for (Binding& binding : bindings) {
    if (binding.expire_time <= now.time) continue;
    binding.expire_time = std::min(binding.expire_time, until);
    RETURN_IF_ERROR(RequireCouldGrant(write, binding, scopes));
  }
  return absl::OkStatus();
}

absl::Status RequireFitForAnonymous(const std::vector<PermissionPattern>& patterns) {
  const bool reaches_service = std::any_of(patterns.begin(), patterns.end(),
                                           [](const PermissionPattern& pattern) { return pattern.IsOfTheService(); });
  if (!reaches_service) return absl::OkStatus();
  return Error(ErrorReason::kBuiltIn, "role: anonymous cannot hold the service's own permissions");
}

bool FitsClaims(const std::vector<PermissionPattern>& patterns) {
  return std::none_of(patterns.begin(), patterns.end(),
                      [](const PermissionPattern& pattern) { return pattern.IsOfTheService(); });
}

absl::Status RequireFitForClaims(const std::vector<PermissionPattern>& patterns) {
  if (FitsClaims(patterns)) return absl::OkStatus();
  return Error(ErrorReason::kRoleInUse,
               "role: an identity provider maps claims to it, so it cannot have the service's own permissions");
}

absl::Status RequireOwnSession(AuditedWrite& write) {
  const absl::optional<SessionId>& id = write.caller().subject->session_id;
  if (!id) return Error(ErrorReason::kSessionRequired, "needs a session, not an API key; log in");
  ASSIGN_OR_RETURN(const auto session, sessions::FindOwner(write.transaction(), *id));
  if (!session || !session->password_change_required) return absl::OkStatus();
  return Error(ErrorReason::kPermissionDenied, "change the one-time password first");
}

absl::Status RequireNotSelf(const AuditedWrite& write, const PrincipalId& target) {
  if (write.caller().id() != target) return absl::OkStatus();
  return Error(ErrorReason::kOwnRoles,
               "callers may not change their own roles, bindings and workloads, or disable themselves");
}

absl::StatusOr<std::vector<PermissionPattern>> PatternsOf(AuditedWrite& write, absl::string_view role) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, write.facts().Roles());
  return roles->Patterns(role);
}

}  // namespace identity::guard
