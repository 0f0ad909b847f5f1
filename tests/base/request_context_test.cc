#include "server/base/request_context.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "server/base/mutex.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

TEST(RequestContextTest, WithoutADeadlineNeverEnds) {
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

TEST(RequestContextTest, EndsWhenTheCallerCancels) {
  bool gone = false;
  RequestContext context;
  context.cancelled = [&gone] { return gone; };
  EXPECT_THAT(context.Check(), IsOk());
  gone = true;
  EXPECT_THAT(context.Check(), HasReason(ErrorReason::kCancelled));
}

TEST(RequestContextTest, WaitingEndsWithTheConditionTheDeadlineOrACancellation) {
  absl::Mutex mutex;
  bool happened = true;
  RequestContext context;
  MutexLock lock(mutex);
  EXPECT_THAT(AwaitWhileWanted(context, mutex, absl::Condition(&happened)), IsOk());
  happened = false;
  context.deadline = absl::Now() + absl::Milliseconds(1);
  EXPECT_THAT(AwaitWhileWanted(context, mutex, absl::Condition(&happened)), HasReason(ErrorReason::kDeadlineExceeded));
  int looks = 0;
  context.deadline = absl::InfiniteFuture();
  context.cancelled = [&looks] { return ++looks > 2; };
  EXPECT_THAT(AwaitWhileWanted(context, mutex, absl::Condition(&happened)), HasReason(ErrorReason::kCancelled));
}

}  // namespace
}  // namespace identity
