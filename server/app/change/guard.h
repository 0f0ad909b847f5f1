#ifndef IDENTITY_APP_CHANGE_GUARD_H_
#define IDENTITY_APP_CHANGE_GUARD_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/app/change/audited_write.h"
#include "server/domain/decision.h"

// The rules of safe administration: the permissions that a caller may grant, and the principals that it may act on. All
// are checked inside the write, so that a caller cannot use a permission while another transaction revokes it.
namespace identity::guard {

// PERMISSION_DENIED / PERMISSION_DENIED unless the caller has the permission on `resource`.
absl::Status RequirePermission(AuditedWrite& write, absl::string_view permission, const Resource& resource);

// Checks those of `patterns` that reach into the service's own permissions (`identity:…` and `*`). PERMISSION_DENIED /
// GRANT_EXCEEDS_CALLER unless the caller holds each of them on `resource`, within its scopes and at least until
// `until`.
absl::Status RequireMayGrant(AuditedWrite& write, const std::vector<PermissionPattern>& patterns,
                             const Resource& resource, absl::Time until);

// OK when the caller could grant `target` everything that the target holds by its bindings. Otherwise PERMISSION_DENIED
// / GRANT_EXCEEDS_CALLER for the service's own permissions, PERMISSION_DENIED for others. For calls after which the
// caller could act as the target.
absl::Status RequireHoldsAllOf(AuditedWrite& write, const PrincipalFacts& target);
// The same for everything that a credential of `target` with `scopes` could do until `until`, by the built-in role
// `self` too.
absl::Status RequireCouldGrantCredential(AuditedWrite& write, const PrincipalFacts& target, const Scopes& scopes,
                                         absl::Time until);

// PERMISSION_DENIED / SUPER_ADMIN_REQUIRED when `target` is a super admin and the caller, with this credential, is not.
absl::Status RequireMayActOn(AuditedWrite& write, const PrincipalFacts& target);

// For a change that takes `target` away: FAILED_PRECONDITION / LAST_SUPER_ADMIN when it is a super admin and no other
// principal would be one for good. Super admins whose right ends do not count.
absl::Status RequireNotLastSuperAdmin(AuditedWrite& write, const PrincipalFacts& target);

// For patterns that would be granted to `anonymous`: FAILED_PRECONDITION / BUILT_IN when one of them reaches into the
// service's own permissions.
absl::Status RequireFitForAnonymous(const std::vector<PermissionPattern>& patterns);

// For patterns of a role that claims of an identity provider give: FAILED_PRECONDITION / ROLE_IN_USE when one of them
// reaches into the service's own permissions. Otherwise the provider's administrators would be ours.
absl::Status RequireFitForClaims(const std::vector<PermissionPattern>& patterns);
bool FitsClaims(const std::vector<PermissionPattern>& patterns);

// PERMISSION_DENIED / SESSION_REQUIRED when the caller has no session of its own. PERMISSION_DENIED when the session
// began with a one-time password. An administrator has seen that password, so nothing that such a session creates may
// outlive the change of the password.
absl::Status RequireOwnSession(AuditedWrite& write);

// PERMISSION_DENIED / OWN_ROLES when `target` is the caller.
absl::Status RequireNotSelf(const AuditedWrite& write, const PrincipalId& target);

// Whether the caller holds `*` everywhere and its credential's scopes do not limit it.
absl::StatusOr<bool> CallerIsSuperAdmin(AuditedWrite& write);

// All patterns of `role`, its own and the inherited ones.
absl::StatusOr<std::vector<PermissionPattern>> PatternsOf(AuditedWrite& write, absl::string_view role);

}  // namespace identity::guard

#endif  // IDENTITY_APP_CHANGE_GUARD_H_
