#include "server/base/request_context.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

TEST(RequestContextTest, WithoutADeadlineGoesOnForever) {
  const RequestContext context;
  EXPECT_THAT(context.Check(), IsOk());
  EXPECT_EQ(context.TimeLeft(), absl::InfiniteDuration());
}

TEST(RequestContextTest, EndsAtTheDeadline) {
  RequestContext context;
  context.deadline = absl::Now() - absl::Seconds(1);
  EXPECT_THAT(context.Check(), HasReason(ErrorReason::kDeadlineExceeded));
  EXPECT_EQ(context.TimeLeft(), absl::ZeroDuration());
  context.deadline = absl::Now() + absl::Hours(1);
  EXPECT_THAT(context.Check(), IsOk());
}

TEST(RequestContextTest, EndsWhenTheCallerGivesUp) {
  bool gone = false;
  RequestContext context;
  context.cancelled = [&gone] { return gone; };
  EXPECT_THAT(context.Check(), IsOk());
  gone = true;
  EXPECT_THAT(context.Check(), HasReason(ErrorReason::kCancelled));
}

}  // namespace
}  // namespace identity
