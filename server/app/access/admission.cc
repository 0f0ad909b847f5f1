#include "server/app/access/admission.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/app/access/require_permission.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

absl::Status CallerInvalid(Reason reason) {
  const absl::string_view why = reason == Reason::kCredentialExpired   ? "has expired"
                                : reason == Reason::kCredentialRevoked ? "was revoked"
                                : reason == Reason::kPrincipalDisabled ? "belongs to a disabled principal"
                                                                       : "is not valid here";
  return Error(ErrorReason::kCallerInvalid, absl::StrCat("metadata: the credential ", why));
}

absl::Status Require(Facts& facts, const absl::optional<Subject>& subject, const Requirement& requirement) {
  using Kind = Requirement::Kind;
  const PrincipalId id = subject->principal.id();
  if (requirement.kind == Kind::kOwnPermission) {
    RETURN_IF_ERROR(RequirePermission(facts, subject, *requirement.permission, Resource::OfPrincipal(id)));
  } else if (requirement.kind == Kind::kPermission && requirement.exempt != id) {
    RETURN_IF_ERROR(RequirePermission(facts, subject, *requirement.permission, requirement.resource));
  }
  if (requirement.session && !subject->session_id) {
    return Error(ErrorReason::kSessionRequired, "metadata: needs the access token of a session, not an API key");
  }
  return absl::OkStatus();
}

absl::Status WithoutCredential(const Requirement& requirement) {
  return requirement.kind == Requirement::Kind::kNothing ? absl::OkStatus() : CallerUnknown();
}

// A caller with a good credential, and whether it may make the call.
struct Judged {
  absl::optional<Subject> subject;
  absl::Status verdict;
};

}  // namespace

absl::Status Admission::Admit(const RequestContext& context, const PresentedCredential& credential,
                              const Requirement& requirement, Caller& caller) const {
  using Kind = PresentedCredential::Kind;
  if (requirement.kind == Requirement::Kind::kNobody) {
    return Error(ErrorReason::kPermissionDenied, "nobody may call this");
  }
  if (credential.kind == Kind::kNone) return WithoutCredential(requirement);
  if (credential.kind == Kind::kMalformed) return CallerInvalid(Reason::kCredentialInvalid);
  if (credential.kind == Kind::kExpiredCertificate) return CallerInvalid(Reason::kCredentialExpired);
  if (credential.kind == Kind::kRevokedCertificate) return CallerInvalid(Reason::kCredentialRevoked);
  const auto judge = [&](Facts& facts) -> absl::StatusOr<Judged> {
    ASSIGN_OR_RETURN(Verification verification, Verify(facts, credential));
    const bool nobodys = credential.kind == Kind::kCertificate && verification.reason == Reason::kCredentialInvalid;
    if (nobodys) return Judged{absl::nullopt, WithoutCredential(requirement)};
    if (!verification.good()) return CallerInvalid(verification.reason);
    absl::Status verdict = Require(facts, verification.subject, requirement);
    return Judged{std::move(verification.subject), std::move(verdict)};
  };
  ASSIGN_OR_RETURN(Judged judged, view_.Read(context, requirement.freshness, judge));
  caller.subject = std::move(judged.subject);
  return std::move(judged.verdict);
}

absl::StatusOr<Verification> Admission::Verify(Facts& facts, const PresentedCredential& credential) const {
  if (credential.kind == PresentedCredential::Kind::kCertificate) {
    return credentials_.VerifyCertificate(facts, credential.text);
  }
  const bool is_key = credential.kind == PresentedCredential::Kind::kApiKey || LooksLikeApiKey(credential.text);
  return is_key ? credentials_.VerifyApiKey(facts, credential.text)
                : credentials_.VerifyAccessToken(facts, credential.text, kOwnAudience);
}

}  // namespace identity
