#ifndef IDENTITY_BASE_ERROR_H_
#define IDENTITY_BASE_ERROR_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace identity {

// Why a call fails: the values of identity.v1.ErrorReason without their prefix. A test holds the two lists together.
enum class ErrorReason {
  kInvalidField,
  kRequestIdReused,
  kInvalidScope,
  kInvalidCredentials,
  kCallerUnknown,
  kCallerInvalid,
  kRefreshTokenInvalid,
  kRefreshTokenReused,
  kPermissionDenied,
  kGrantExceedsCaller,
  kOwnRoles,
  kSuperAdminRequired,
  kSessionRequired,
  kNotFound,
  kAlreadyExists,
  kRoleCycle,
  kRoleInUse,
  kBuiltIn,
  kConsistencyTokenUnknown,
  kOverloaded,
  kRequestTooLarge,
  kStorageUnavailable,
  kConflict,
  kCommitInDoubt,
  kDeadlineExceeded,
  kCancelled,
  kNotImplemented,
  kInternal,
  kLimitReached,
  kRateLimited,
  kStepUpRequired,
  kMfaNotEnrolled,
  kEmailNotVerified,
  kMailedTokenInvalid,
  kMailNotConfigured,
  kLastSuperAdmin,
};

// As on the wire: "INVALID_FIELD".
absl::string_view ErrorReasonName(ErrorReason reason);
// The one canonical code that goes with `reason`.
absl::StatusCode ErrorReasonCode(ErrorReason reason);

// A status whose code follows from `reason`, which stays readable by `ReasonOf`. `message` is for developers, names the
// field and the rule, and holds no secret.
absl::Status Error(ErrorReason reason, absl::string_view message);

// INVALID_ARGUMENT: `field` (a path, as "binding.resource") breaks `rule`.
absl::Status InvalidField(absl::string_view field, absl::string_view rule);

// The same error with a time after which a repeat is worth it.
absl::Status WithRetryDelay(absl::Status error, absl::Duration delay);

// What was put in by the functions above; nullopt, empty or nullopt for a status from elsewhere.
absl::optional<ErrorReason> ReasonOf(const absl::Status& error);
struct FieldViolation {
  std::string field;
  std::string rule;
};
std::vector<FieldViolation> FieldViolationsOf(const absl::Status& error);
absl::optional<absl::Duration> RetryDelayOf(const absl::Status& error);

// The same INVALID_ARGUMENT with `prefix` put before each field, for a rule that does not know where its value stood.
absl::Status InField(absl::string_view prefix, absl::Status error);

}  // namespace identity

#endif  // IDENTITY_BASE_ERROR_H_
