#include "server/app/guard.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::guard {

absl::Status RequirePermission(Mutation& mutation, absl::string_view permission, const Resource& resource) {
  return identity::RequirePermission(mutation.facts(), mutation.caller().subject, LiteralPermission(permission),
                                     resource);
}

absl::Status RequireMayGrant(Mutation& mutation, const std::vector<PermissionPattern>& patterns,
                             const Resource& resource) {
  const absl::optional<Subject>& caller = mutation.caller().subject;
  if (!caller) return Error(ErrorReason::kGrantExceedsCaller, "nobody grants without a credential");
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, mutation.facts().Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  for (const PermissionPattern& pattern : patterns) {
    if (!pattern.IsOfTheService()) continue;
    if (!Holds(caller->principal, caller->scopes, *roles, pattern, resource, now.time)) {
      return Error(ErrorReason::kGrantExceedsCaller,
                   absl::StrCat("grants ", pattern.text(), ", which the caller does not hold there itself"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> CallerIsSuperAdmin(Mutation& mutation) {
  const absl::optional<Subject>& caller = mutation.caller().subject;
  if (!caller) return false;
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, mutation.facts().Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  return IsSuperAdmin(caller->principal, *roles, now.time) && caller->scopes.Covers(PermissionPattern::Everything());
}

absl::Status RequireMayActOn(Mutation& mutation, const PrincipalFacts& target) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, mutation.facts().Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  if (!IsSuperAdmin(target, *roles, now.time)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool super_admin, CallerIsSuperAdmin(mutation));
  if (super_admin) return absl::OkStatus();
  return Error(ErrorReason::kSuperAdminRequired, "only a super admin acts on a super admin");
}

absl::Status RequireNotSelf(const Mutation& mutation, const PrincipalId& target) {
  if (mutation.caller().id() != target) return absl::OkStatus();
  return Error(ErrorReason::kOwnRoles, "nobody changes their own roles and bindings, or disables themselves");
}

absl::StatusOr<std::vector<PermissionPattern>> PatternsOf(Mutation& mutation, absl::string_view role) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, mutation.facts().Roles());
  std::vector<PermissionPattern> patterns;
  for (RoleGraph::Grant& grant : roles->Closure(role)) patterns.push_back(std::move(grant.pattern));
  return patterns;
}

}  // namespace identity::guard
