#include "server/app/access/require_permission.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/decision.h"

namespace identity {

absl::Status RequirePermission(Facts& facts, const absl::optional<Subject>& caller, const Permission& permission,
                               const Resource& resource) {
  if (!caller) return CallerUnknown();
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  const Decision decision =
      Decide(caller->principal, caller->scopes, *roles, permission, resource, {now.time, caller->mfa_time});
  if (decision.allowed()) return absl::OkStatus();
  if (decision.reason == Reason::kStepUpRequired) {
    return Error(ErrorReason::kStepUpRequired, "the caller's session has to show a second factor first");
  }
  return Error(ErrorReason::kPermissionDenied,
               absl::StrCat("the caller needs ", permission.text(), " on ",
                            resource.is_everywhere() ? "everything" : resource.text(),
                            decision.reason == Reason::kScopeInsufficient ? " within its scopes" : ""));
}

absl::Status RequirePermissionOnFound(Facts& facts, const absl::optional<Subject>& caller, const Permission& permission,
                                      const Resource& resource) {
  absl::Status status = RequirePermission(facts, caller, permission, resource);
  if (ReasonOf(status) != ErrorReason::kPermissionDenied) return status;
  return Error(ErrorReason::kPermissionDenied,
               absl::StrCat("the caller needs ", permission.text(), " on the object with this id"));
}

absl::Status CallerUnknown() {
  return Error(
      ErrorReason::kCallerUnknown,
      "the call has no credential: send `authorization: Bearer …` or `x-api-key: …`, or use a client certificate "
      "whose URI a service account lists");
}

Permission LiteralPermission(absl::string_view text) {
  auto permission = Permission::Parse(text);
  if (!permission.ok()) std::abort();
  return *std::move(permission);
}

}  // namespace identity
