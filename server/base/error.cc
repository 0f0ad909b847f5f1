#include "server/base/error.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace identity {
namespace {

struct ReasonEntry {
  ErrorReason reason;
  absl::string_view name;
  absl::StatusCode code;
};

// In the order of the enum, whose values are the indexes.
constexpr ReasonEntry kReasons[] = {
    {ErrorReason::kInvalidField, "INVALID_FIELD", absl::StatusCode::kInvalidArgument},
    {ErrorReason::kRequestIdReused, "REQUEST_ID_REUSED", absl::StatusCode::kInvalidArgument},
    {ErrorReason::kInvalidScope, "INVALID_SCOPE", absl::StatusCode::kInvalidArgument},
    {ErrorReason::kInvalidCredentials, "INVALID_CREDENTIALS", absl::StatusCode::kUnauthenticated},
    {ErrorReason::kCallerUnknown, "CALLER_UNKNOWN", absl::StatusCode::kUnauthenticated},
    {ErrorReason::kCallerInvalid, "CALLER_INVALID", absl::StatusCode::kUnauthenticated},
    {ErrorReason::kRefreshTokenInvalid, "REFRESH_TOKEN_INVALID", absl::StatusCode::kUnauthenticated},
    {ErrorReason::kRefreshTokenReused, "REFRESH_TOKEN_REUSED", absl::StatusCode::kUnauthenticated},
    {ErrorReason::kPermissionDenied, "PERMISSION_DENIED", absl::StatusCode::kPermissionDenied},
    {ErrorReason::kGrantExceedsCaller, "GRANT_EXCEEDS_CALLER", absl::StatusCode::kPermissionDenied},
    {ErrorReason::kOwnRoles, "OWN_ROLES", absl::StatusCode::kPermissionDenied},
    {ErrorReason::kSuperAdminRequired, "SUPER_ADMIN_REQUIRED", absl::StatusCode::kPermissionDenied},
    {ErrorReason::kSessionRequired, "SESSION_REQUIRED", absl::StatusCode::kPermissionDenied},
    {ErrorReason::kNotFound, "NOT_FOUND", absl::StatusCode::kNotFound},
    {ErrorReason::kAlreadyExists, "ALREADY_EXISTS", absl::StatusCode::kAlreadyExists},
    {ErrorReason::kRoleCycle, "ROLE_CYCLE", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kRoleInUse, "ROLE_IN_USE", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kBuiltIn, "BUILT_IN", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kConsistencyTokenUnknown, "CONSISTENCY_TOKEN_UNKNOWN", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kOverloaded, "OVERLOADED", absl::StatusCode::kResourceExhausted},
    {ErrorReason::kRequestTooLarge, "REQUEST_TOO_LARGE", absl::StatusCode::kResourceExhausted},
    {ErrorReason::kStorageUnavailable, "STORAGE_UNAVAILABLE", absl::StatusCode::kUnavailable},
    {ErrorReason::kConflict, "CONFLICT", absl::StatusCode::kAborted},
    {ErrorReason::kCommitInDoubt, "COMMIT_IN_DOUBT", absl::StatusCode::kUnknown},
    {ErrorReason::kDeadlineExceeded, "DEADLINE_EXCEEDED", absl::StatusCode::kDeadlineExceeded},
    {ErrorReason::kCancelled, "CANCELLED", absl::StatusCode::kCancelled},
    {ErrorReason::kNotImplemented, "NOT_IMPLEMENTED", absl::StatusCode::kUnimplemented},
    {ErrorReason::kInternal, "INTERNAL", absl::StatusCode::kInternal},
    {ErrorReason::kLimitReached, "LIMIT_REACHED", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kRateLimited, "RATE_LIMITED", absl::StatusCode::kResourceExhausted},
    {ErrorReason::kStepUpRequired, "STEP_UP_REQUIRED", absl::StatusCode::kPermissionDenied},
    {ErrorReason::kMfaNotEnrolled, "MFA_NOT_ENROLLED", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kEmailNotVerified, "EMAIL_NOT_VERIFIED", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kMailedTokenInvalid, "MAILED_TOKEN_INVALID", absl::StatusCode::kUnauthenticated},
    {ErrorReason::kMailNotConfigured, "MAIL_NOT_CONFIGURED", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kLastSuperAdmin, "LAST_SUPER_ADMIN", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kProofRequired, "PROOF_REQUIRED", absl::StatusCode::kPermissionDenied},
    {ErrorReason::kMfaTooNew, "MFA_TOO_NEW", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kSigningKeyTooNew, "SIGNING_KEY_TOO_NEW", absl::StatusCode::kFailedPrecondition},
    {ErrorReason::kProviderUnavailable, "PROVIDER_UNAVAILABLE", absl::StatusCode::kUnavailable},
    {ErrorReason::kLastCredential, "LAST_CREDENTIAL", absl::StatusCode::kFailedPrecondition},
};
constexpr size_t kReasonCount = sizeof(kReasons) / sizeof(kReasons[0]);

constexpr bool InOrder() {
  for (size_t i = 0; i < kReasonCount; ++i) {
    if (static_cast<size_t>(kReasons[i].reason) != i) return false;
  }
  return true;
}
static_assert(InOrder() && kReasonCount == static_cast<size_t>(ErrorReason::kLastCredential) + 1);

const ReasonEntry& Entry(ErrorReason reason) { return kReasons[static_cast<size_t>(reason)]; }

// The payloads of a status. They never leave the process.
constexpr char kReasonUrl[] = "identity/reason";
constexpr char kRetryUrl[] = "identity/retry";
// A list of: length of the field ":" length of the rule ":" field rule.
constexpr char kViolationsUrl[] = "identity/violations";

absl::string_view TakeNumber(absl::string_view text, size_t* number) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(text.substr(0, colon), number)) return {};
  return text.substr(colon + 1);
}

std::string EncodeViolations(const std::vector<FieldViolation>& violations) {
  std::string text;
  for (const FieldViolation& violation : violations) {
    absl::StrAppend(&text, violation.field.size(), ":", violation.rule.size(), ":", violation.field, violation.rule);
  }
  return text;
}

absl::Status InvalidFields(const std::vector<FieldViolation>& violations) {
  std::string message;
  for (const FieldViolation& violation : violations) {
    absl::StrAppend(&message, message.empty() ? "" : "; ", violation.field, ": ", violation.rule);
  }
  absl::Status error = Error(ErrorReason::kInvalidField, message);
  error.SetPayload(kViolationsUrl, absl::Cord(EncodeViolations(violations)));
  return error;
}

}  // namespace

absl::string_view ErrorReasonName(ErrorReason reason) { return Entry(reason).name; }

absl::StatusCode ErrorReasonCode(ErrorReason reason) { return Entry(reason).code; }

absl::Status Error(ErrorReason reason, absl::string_view message) {
  absl::Status error(ErrorReasonCode(reason), message);
  error.SetPayload(kReasonUrl, absl::Cord(absl::StrCat(static_cast<int>(reason))));
  return error;
}

absl::Status InvalidField(absl::string_view field, absl::string_view rule) {
  return InvalidFields({{std::string(field), std::string(rule)}});
}

absl::Status WithRetryDelay(absl::Status error, absl::Duration delay) {
  if (!error.ok()) error.SetPayload(kRetryUrl, absl::Cord(absl::StrCat(absl::ToInt64Nanoseconds(delay))));
  return error;
}

absl::optional<ErrorReason> ReasonOf(const absl::Status& error) {
  const auto payload = error.GetPayload(kReasonUrl);
  size_t reason = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &reason) || reason >= kReasonCount) return absl::nullopt;
  return static_cast<ErrorReason>(reason);
}

std::vector<FieldViolation> FieldViolationsOf(const absl::Status& error) {
  std::vector<FieldViolation> violations;
  const auto payload = error.GetPayload(kViolationsUrl);
  if (!payload) return violations;
  const std::string encoded(*payload);
  absl::string_view rest = encoded;
  while (!rest.empty()) {
    size_t field_size = 0;
    size_t rule_size = 0;
    rest = TakeNumber(TakeNumber(rest, &field_size), &rule_size);
    if (rest.size() < field_size || rest.size() - field_size < rule_size) break;
    violations.push_back({std::string(rest.substr(0, field_size)), std::string(rest.substr(field_size, rule_size))});
    rest.remove_prefix(field_size + rule_size);
  }
  return violations;
}

absl::optional<absl::Duration> RetryDelayOf(const absl::Status& error) {
  const auto payload = error.GetPayload(kRetryUrl);
  int64_t nanoseconds = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &nanoseconds)) return absl::nullopt;
  return absl::Nanoseconds(nanoseconds);
}

absl::Status InField(absl::string_view prefix, absl::Status error) {
  std::vector<FieldViolation> violations = FieldViolationsOf(error);
  if (violations.empty()) return error;
  for (FieldViolation& violation : violations) {
    violation.field = violation.field.empty() ? std::string(prefix) : absl::StrCat(prefix, ".", violation.field);
  }
  return InvalidFields(violations);
}

}  // namespace identity
