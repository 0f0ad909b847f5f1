#include "server/app/access/admission.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

absl::Status CallerUnknown() {
  return Error(ErrorReason::kCallerUnknown, "metadata: needs `authorization: Bearer …` or `x-api-key: …`");
}

absl::Status CallerInvalid(Reason reason) {
  const absl::string_view why = reason == Reason::kCredentialExpired   ? "has expired"
                                : reason == Reason::kCredentialRevoked ? "was revoked"
                                : reason == Reason::kPrincipalDisabled ? "is of a disabled principal"
                                                                       : "is not valid here";
  return Error(ErrorReason::kCallerInvalid, absl::StrCat("metadata: the credential ", why));
}

absl::Status Require(Facts& facts, const Caller& caller, const Requirement& requirement) {
  using Kind = Requirement::Kind;
  if (requirement.kind == Kind::kOwnPermission) {
    RETURN_IF_ERROR(
        RequirePermission(facts, caller.subject, *requirement.permission, Resource::OfPrincipal(*caller.id())));
  } else if (requirement.kind == Kind::kPermission && !(requirement.exempt && caller.id() == requirement.exempt)) {
    RETURN_IF_ERROR(RequirePermission(facts, caller.subject, *requirement.permission, requirement.resource));
  }
  if (requirement.session && !caller.subject->session_id) {
    return Error(ErrorReason::kSessionRequired, "metadata: needs the access token of a session, not an API key");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Caller> Admission::Admit(const RequestContext& context, const PresentedCredential& credential,
                                        Caller caller, const Requirement& requirement) const {
  using Kind = PresentedCredential::Kind;
  if (requirement.kind == Requirement::Kind::kNobody) {
    return Error(ErrorReason::kPermissionDenied, "nobody may call this");
  }
  if (credential.kind == Kind::kNone) {
    if (requirement.kind != Requirement::Kind::kNothing) return CallerUnknown();
    return caller;
  }
  if (credential.kind == Kind::kMalformed) return CallerInvalid(Reason::kCredentialInvalid);
  const absl::string_view text = credential.text;
  const bool is_key = credential.kind == Kind::kApiKey || LooksLikeApiKey(text);
  RETURN_IF_ERROR(view_.Read(context, requirement.freshness, [&](Facts& facts) -> absl::Status {
    ASSIGN_OR_RETURN(Verification verification, is_key ? credentials_.VerifyApiKey(facts, text)
                                                       : credentials_.VerifyAccessToken(facts, text, kOwnAudience));
    if (!verification.good()) return CallerInvalid(verification.reason);
    caller.subject = std::move(verification.subject);
    return Require(facts, caller, requirement);
  }));
  return caller;
}

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
  return Error(ErrorReason::kPermissionDenied, absl::StrCat("the caller needs ", permission.text(), " where it is"));
}

Permission LiteralPermission(absl::string_view text) {
  auto permission = Permission::Parse(text);
  if (!permission.ok()) std::abort();
  return *std::move(permission);
}

}  // namespace identity
