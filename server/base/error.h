#ifndef IDENTITY_BASE_ERROR_H_
#define IDENTITY_BASE_ERROR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace identity {

// Why a call fails: the values of identity.v1.ErrorReason without their prefix. A test compares the two lists.
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
  kProofRequired,
  kMfaTooNew,
  kSigningKeyTooNew,
  kProviderUnavailable,
  kLastCredential,
};

// The name on the wire, such as "INVALID_FIELD".
absl::string_view ErrorReasonName(ErrorReason reason);
// The canonical code of `reason`.
absl::StatusCode ErrorReasonCode(ErrorReason reason);

// A status with the code of `reason`; `ReasonOf` returns the reason. `message` is for developers. It names the field
// and the rule, and contains no secret.
absl::Status Error(ErrorReason reason, absl::string_view message);

// INVALID_ARGUMENT: `field` (a path such as "binding.resource") breaks `rule`.
absl::Status InvalidField(absl::string_view field, absl::string_view rule);

// The same error with the time after which a retry makes sense.
absl::Status WithRetryDelay(absl::Status error, absl::Duration delay);

// The reason, violations and delay from the functions above. nullopt or empty for a status from elsewhere.
absl::optional<ErrorReason> ReasonOf(const absl::Status& error);
struct FieldViolation {
  std::string field;
  std::string rule;
};
std::vector<FieldViolation> FieldViolationsOf(const absl::Status& error);
absl::optional<absl::Duration> RetryDelayOf(const absl::Status& error);

// The same INVALID_ARGUMENT with `prefix` before each field, for rules that do not know the path of their value.
absl::Status InField(absl::string_view prefix, absl::Status error);

}  // namespace identity

#endif  // IDENTITY_BASE_ERROR_H_
