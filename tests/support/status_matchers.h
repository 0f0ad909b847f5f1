#ifndef IDENTITY_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define IDENTITY_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/error.h"

// Matchers for absl::Status and absl::StatusOr, which Debian 12's Abseil does not have.
namespace identity {
namespace testing_internal {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

}  // namespace testing_internal

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  const absl::Status& status = testing_internal::StatusOf(arg);
  *result_listener << "whose status is " << status;
  return status.ok();
}

// An OK absl::StatusOr whose value matches `matcher`.
MATCHER_P(IsOkAndHolds, matcher, "is OK and holds the expected value") {
  if (!arg.ok()) {
    *result_listener << "whose status is " << arg.status();
    return false;
  }
  return ::testing::ExplainMatchResult(matcher, *arg, result_listener);
}

MATCHER_P(StatusIs, code, absl::StatusCodeToString(code)) {
  const absl::Status& status = testing_internal::StatusOf(arg);
  *result_listener << "whose status is " << status;
  return status.code() == code;
}

// An error with `reason` and the code of that reason.
MATCHER_P(HasReason, reason, std::string(ErrorReasonName(reason))) {
  const absl::Status& status = testing_internal::StatusOf(arg);
  *result_listener << "whose status is " << status;
  const auto actual = ReasonOf(status);
  return actual.has_value() && *actual == reason && status.code() == ErrorReasonCode(reason);
}

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_STATUS_MATCHERS_H_
