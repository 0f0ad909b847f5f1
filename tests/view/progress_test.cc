#include "server/view/progress.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <future>
#include <thread>

#include "server/base/clock.h"
#include "server/base/error.h"

namespace identity {
namespace {

constexpr History kHistory = {7, 1};

std::shared_ptr<const Position> At(int64_t revision, const History& history = kHistory) {
  Position position;
  position.token = {history, revision};
  position.read_uptime = Uptime();
  return std::make_shared<const Position>(position);
}

bool IsReadable(int fd) {
  pollfd entry = {fd, POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

// A feed that runs one round as soon as a caller waits for it.
class OneRound {
 public:
  OneRound(Progress& progress, std::shared_ptr<const Position> position)
      : thread_([&progress, position = std::move(position)] {
          pollfd entry = {progress.wake_fd(), POLLIN, 0};
          poll(&entry, 1, -1);
          progress.BeginRound();
          progress.Publish(position);
          progress.EndRound();
        }) {}
  ~OneRound() { thread_.join(); }

 private:
  std::thread thread_;
};

RequestContext Within(absl::Duration span) { return {absl::Now() + span}; }

TEST(ProgressTest, AReachedTokenNeedsNoWait) {
  Progress progress;
  progress.Publish(At(5));
  EXPECT_TRUE(progress.WaitFor(RequestContext(), {kHistory, 5}).ok());
  EXPECT_FALSE(IsReadable(progress.wake_fd()));
}

TEST(ProgressTest, WaitingWakesTheFeedAndEndsWhenItsRoundReachesTheToken) {
  Progress progress;
  progress.Publish(At(5));
  const OneRound round(progress, At(6));
  EXPECT_TRUE(progress.WaitFor(RequestContext(), {kHistory, 6}).ok());
}

TEST(ProgressTest, ATokenThatARoundDoesNotFindIsUnknown) {
  for (const ConsistencyToken& token :
       {ConsistencyToken{kHistory, 7}, ConsistencyToken{{8, 1}, 1}, ConsistencyToken{{7, 2}, 1}}) {
    Progress progress;
    progress.Publish(At(5));
    const OneRound round(progress, At(6));
    EXPECT_EQ(ReasonOf(progress.WaitFor(RequestContext(), token)), ErrorReason::kConsistencyTokenUnknown);
  }
}

// A client may keep its token over many failovers. A connection to a server that was replaced is another matter.
TEST(ProgressTest, ATokenOfAnAncestorIsKnownUpToTheLastRevisionOfThatHistory) {
  const auto at_nine = [] {
    Position position;
    position.token = {{7, 3}, 9};
    position.ancestors =
        std::make_shared<const std::vector<Ancestor>>(std::vector<Ancestor>{{{6, 1}, 2}, {{7, 1}, 4}, {{7, 2}, 6}});
    return std::make_shared<const Position>(position);
  };
  Progress progress;
  progress.Publish(at_nine());
  progress.SetReachable(false);  // no round answers
  for (const ConsistencyToken& known : {ConsistencyToken{{6, 1}, 2}, ConsistencyToken{{7, 1}, 4},
                                        ConsistencyToken{{7, 2}, 6}, ConsistencyToken{{7, 2}, 1}}) {
    EXPECT_TRUE(progress.WaitFor(RequestContext(), known).ok()) << known.history.timeline << ' ' << known.revision;
    EXPECT_FALSE(progress.WaitForOwn(RequestContext(), known).ok()) << known.history.timeline << ' ' << known.revision;
  }
  for (const ConsistencyToken& lost :
       {ConsistencyToken{{6, 1}, 3}, ConsistencyToken{{7, 1}, 5}, ConsistencyToken{{7, 2}, 7},
        ConsistencyToken{{6, 2}, 1}, ConsistencyToken{{7, 4}, 1}, ConsistencyToken{{7, 3}, 10}}) {
    EXPECT_FALSE(progress.WaitFor(RequestContext(), lost).ok()) << lost.history.timeline << ' ' << lost.revision;
  }
}

// A failover ends the wait for a commit. The new primary has it, or has lost it.
TEST(ProgressTest, ACommitIsAwaitedUntilAReadHasItOrShowsThatItIsLost) {
  const auto after_failover = [](const History& history, int64_t last_revision) {
    Position position;
    position.token = {history, 9};
    position.ancestors =
        std::make_shared<const std::vector<Ancestor>>(std::vector<Ancestor>{{kHistory, last_revision}});
    return std::make_shared<const Position>(position);
  };
  const auto fate_after = [](const std::shared_ptr<const Position>& position) {
    Progress progress;
    progress.Publish(At(5));
    progress.SetReachable(false);
    auto fate = std::async(std::launch::async, [&] { return progress.AwaitChange(RequestContext(), {kHistory, 6}); });
    pollfd entry = {progress.wake_fd(), POLLIN, 0};
    poll(&entry, 1, -1);
    progress.Publish(At(5));  // a round that found nothing new
    progress.Publish(position);
    return fate.get();
  };
  EXPECT_EQ(fate_after(At(6)), Progress::Fate::kKnown);
  EXPECT_EQ(fate_after(after_failover({7, 2}, 6)), Progress::Fate::kKnown);
  EXPECT_EQ(fate_after(after_failover({7, 2}, 5)), Progress::Fate::kLost);
  EXPECT_EQ(fate_after(after_failover({8, 1}, 5)), Progress::Fate::kLost) << "another database";
}

// The commit was on the new primary, and the feed is still connected to the old one.
TEST(ProgressTest, ACommitOnALaterTimelineMakesTheFeedConnectAgain) {
  Progress progress;
  progress.Publish(At(5));
  EXPECT_EQ(progress.AwaitChange(Within(absl::Milliseconds(20)), {kHistory, 6}), Progress::Fate::kNotYet);
  EXPECT_FALSE(progress.TakeDoubt());
  EXPECT_EQ(progress.AwaitChange(Within(absl::Milliseconds(20)), {{7, 2}, 6}), Progress::Fate::kNotYet);
  EXPECT_TRUE(progress.TakeDoubt());
}

TEST(ProgressTest, ACommitIsNotAwaitedForACallerThatLeft) {
  Progress progress;
  progress.Publish(At(5));
  RequestContext context;
  context.cancelled = [] { return true; };
  EXPECT_EQ(progress.AwaitChange(context, {kHistory, 6}), Progress::Fate::kNotYet);
}

TEST(ProgressTest, ARoundThatBeganBeforeTheCallDoesNotSatisfyIt) {
  Progress progress;
  progress.Publish(At(5));
  progress.BeginRound();
  std::thread feed([&] {
    pollfd entry = {progress.wake_fd(), POLLIN, 0};
    poll(&entry, 1, -1);  // until a caller waits
    progress.EndRound();
  });
  EXPECT_EQ(ReasonOf(progress.CatchUp(Within(absl::Milliseconds(50)))), ErrorReason::kDeadlineExceeded);
  feed.join();
}

TEST(ProgressTest, WaitingEndsAtTheDeadlineWithItsError) {
  Progress progress;
  progress.Publish(At(5));
  const absl::Status status = progress.WaitFor(Within(absl::Milliseconds(20)), {kHistory, 6});
  EXPECT_EQ(ReasonOf(status), ErrorReason::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "the deadline passed before this replica had caught up");
}

TEST(ProgressTest, CallersDoNotWaitForAnUnreachableDatabase) {
  Progress progress;
  progress.Publish(At(5));
  progress.SetReachable(false);
  const absl::Status status = progress.CatchUp(RequestContext());
  EXPECT_EQ(ReasonOf(status), ErrorReason::kStorageUnavailable);
  EXPECT_TRUE(RetryDelayOf(status));
  EXPECT_TRUE(progress.WaitFor(RequestContext(), {kHistory, 5}).ok()) << "a known revision needs no database";
}

TEST(ProgressTest, WaitingCallersFailWhenTheDatabaseBecomesUnreachable) {
  Progress progress;
  progress.Publish(At(5));
  auto caught_up = std::async(std::launch::async, [&] { return progress.CatchUp(RequestContext()); });
  pollfd entry = {progress.wake_fd(), POLLIN, 0};
  poll(&entry, 1, -1);
  progress.SetReachable(false);
  EXPECT_EQ(ReasonOf(caught_up.get()), ErrorReason::kStorageUnavailable);
}

}  // namespace
}  // namespace identity
