#include "server/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace identity {
namespace {

TEST(ErrorTest, HasItsReasonAndTheCodeOfTheReason) {
  for (int i = 0; i <= static_cast<int>(ErrorReason::kLimitReached); ++i) {
    const auto reason = static_cast<ErrorReason>(i);
    const absl::Status error = Error(reason, "why");
    EXPECT_THAT(error, HasReason(reason));
    EXPECT_FALSE(error.ok());
    EXPECT_EQ(error.message(), "why");
  }
}

TEST(ErrorTest, ReasonNamesAreThoseOnTheWire) {
  EXPECT_EQ(ErrorReasonName(ErrorReason::kInvalidField), "INVALID_FIELD");
  EXPECT_EQ(ErrorReasonName(ErrorReason::kRefreshTokenReused), "REFRESH_TOKEN_REUSED");
  EXPECT_EQ(ErrorReasonName(ErrorReason::kInternal), "INTERNAL");
}

TEST(ErrorTest, StatusFromElsewhereHasNoReason) {
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), absl::nullopt);
  EXPECT_EQ(ReasonOf(absl::OkStatus()), absl::nullopt);
  EXPECT_EQ(RetryDelayOf(absl::UnavailableError("x")), absl::nullopt);
  EXPECT_TRUE(FieldViolationsOf(absl::InvalidArgumentError("x")).empty());
}

TEST(ErrorTest, InvalidFieldNamesFieldAndRule) {
  const absl::Status error = InvalidField("binding.resource", "has 33 segments: 12:34:");
  EXPECT_THAT(error, HasReason(ErrorReason::kInvalidField));
  const auto violations = FieldViolationsOf(error);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "binding.resource");
  EXPECT_EQ(violations[0].rule, "has 33 segments: 12:34:");
}

TEST(ErrorTest, InFieldPutsThePrefixBeforeTheField) {
  const auto nested = FieldViolationsOf(InField("checks[2]", InvalidField("resource", "too long")));
  ASSERT_EQ(nested.size(), 1u);
  EXPECT_EQ(nested[0].field, "checks[2].resource");
  EXPECT_EQ(nested[0].rule, "too long");

  const auto nameless = FieldViolationsOf(InField("permission", InvalidField("", "is empty")));
  ASSERT_EQ(nameless.size(), 1u);
  EXPECT_EQ(nameless[0].field, "permission");
}

TEST(ErrorTest, InFieldLeavesOtherErrorsAlone) {
  const absl::Status error = Error(ErrorReason::kNotFound, "no such role");
  EXPECT_EQ(InField("role", error), error);
  EXPECT_THAT(InField("role", absl::OkStatus()), IsOk());
}

TEST(ErrorTest, RetryDelayAndReasonAreBothKept) {
  const absl::Status error = WithRetryDelay(Error(ErrorReason::kOverloaded, "busy"), absl::Milliseconds(1500));
  EXPECT_EQ(RetryDelayOf(error), absl::Milliseconds(1500));
  EXPECT_THAT(error, HasReason(ErrorReason::kOverloaded));
}

}  // namespace
}  // namespace identity
