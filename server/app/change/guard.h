#ifndef IDENTITY_APP_CHANGE_GUARD_H_
#define IDENTITY_APP_CHANGE_GUARD_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/app/change/audited_write.h"
#include "server/domain/decision.h"

// The rules of safe administration: what a caller may give, and upon whom it may act. All are checked inside the
// write, so that a right that is being taken away cannot be used at the same moment.
namespace identity::guard {

// PERMISSION_DENIED / PERMISSION_DENIED unless the caller has the permission on `resource`.
absl::Status RequirePermission(AuditedWrite& write, absl::string_view permission, const Resource& resource);

// PERMISSION_DENIED / GRANT_EXCEEDS_CALLER unless the caller holds, on `resource`, within its scopes and at least until
// `until`, each of `patterns` that reaches into the service's own permissions (`identity:…` and `*`).
absl::Status RequireMayGrant(AuditedWrite& write, const std::vector<PermissionPattern>& patterns,
                             const Resource& resource, absl::Time until);

// Unless the caller could give `target` all that it holds by its bindings: PERMISSION_DENIED / GRANT_EXCEEDS_CALLER for
// the service's own permissions, PERMISSION_DENIED for the others. Asked of what would let the caller act as the
// target.
absl::Status RequireHoldsAllOf(AuditedWrite& write, const PrincipalFacts& target);

// PERMISSION_DENIED / SUPER_ADMIN_REQUIRED when `target` is a super admin and the caller is not, or not with this
// credential.
absl::Status RequireMayActOn(AuditedWrite& write, const PrincipalFacts& target);

// FAILED_PRECONDITION / BUILT_IN when one of `patterns`, which `anonymous` would come to hold, reaches into the
// service's own permissions.
absl::Status RequireFitForAnonymous(const std::vector<PermissionPattern>& patterns);

// PERMISSION_DENIED / SESSION_REQUIRED without a session of the caller's own, PERMISSION_DENIED in one of a one-time
// password: whoever gave that out has seen it, so nothing that it makes may outlive its change.
absl::Status RequireOwnSession(AuditedWrite& write);

// PERMISSION_DENIED / OWN_ROLES when `target` is the caller.
absl::Status RequireNotSelf(const AuditedWrite& write, const PrincipalId& target);

// The caller holds `*` everywhere and its credential does not limit it.
absl::StatusOr<bool> CallerIsSuperAdmin(AuditedWrite& write);

// All patterns that `role` has, by itself and by inheritance.
absl::StatusOr<std::vector<PermissionPattern>> PatternsOf(AuditedWrite& write, absl::string_view role);

}  // namespace identity::guard

#endif  // IDENTITY_APP_CHANGE_GUARD_H_
