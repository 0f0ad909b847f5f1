#include "db/watchdog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

class WatchdogTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> Connect() {
    Connection::Options options;
    options.url = database_.server_url();
    options.statement_timeout = absl::Hours(1);
    return *Connection::Open(options);
  }
  // Waits until `connection` is severed.
  static void AwaitSevered(Connection& connection) {
    EXPECT_THAT(connection.Run("SELECT pg_sleep(3600)"), HasReason(ErrorReason::kStorageUnavailable));
    EXPECT_TRUE(connection.severed());
  }

  TestDatabase database_;
  Watchdog watchdog_;
};

TEST_F(WatchdogTest, SeversAtTheDeadline) {
  const auto connection = Connect();
  const auto watch = watchdog_.Start(*connection, absl::Now() + absl::Milliseconds(20));
  AwaitSevered(*connection);
}

TEST_F(WatchdogTest, SeversImmediatelyWhenTheDeadlineHasPassed) {
  const auto connection = Connect();
  const auto watch = watchdog_.Start(*connection, absl::InfinitePast());
  AwaitSevered(*connection);
}

TEST_F(WatchdogTest, EarlierDeadlineThatIsAddedLaterIsNotMissed) {
  const auto late = Connect();
  const auto early = Connect();
  const auto late_watch = watchdog_.Start(*late, absl::Now() + absl::Hours(1));
  const auto early_watch = watchdog_.Start(*early, absl::Now() + absl::Milliseconds(20));
  AwaitSevered(*early);
  EXPECT_THAT(late->Run("SELECT 1"), IsOk());
}

TEST_F(WatchdogTest, WatchThatEndedOrWasExtendedSeversNothing) {
  const auto ended = Connect();
  const auto extended = Connect();
  const auto control = Connect();
  const absl::Time deadline = absl::Now() + absl::Seconds(1);
  { const auto watch = watchdog_.Start(*ended, deadline); }
  auto watch = watchdog_.Start(*extended, deadline);
  watch.Extend(absl::InfiniteFuture());
  const auto control_watch = watchdog_.Start(*control, deadline);
  AwaitSevered(*control);
  EXPECT_THAT(ended->Run("SELECT 1"), IsOk());
  EXPECT_THAT(extended->Run("SELECT 1"), IsOk());
}

TEST_F(WatchdogTest, ExtendedWatchSeversAtItsNewDeadline) {
  const auto connection = Connect();
  auto watch = watchdog_.Start(*connection, absl::InfiniteFuture());
  watch.Extend(absl::Now() + absl::Milliseconds(20));
  AwaitSevered(*connection);
  watch.Extend(absl::Now());
}

TEST_F(WatchdogTest, WatchOutlivesItsMove) {
  const auto connection = Connect();
  auto watch = watchdog_.Start(*connection, absl::InfiniteFuture());
  {
    auto moved = std::move(watch);
    moved.Extend(absl::Now());
    AwaitSevered(*connection);
  }
}

TEST_F(WatchdogTest, SeversNothingAfterTheEndOfAWatch) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, connection = Connect()]() mutable {
      for (int j = 0; j < 200 && !connection->severed(); ++j) {
        const auto watch = watchdog_.Start(*connection, absl::Now() + absl::Microseconds(200));
      }
      // With a sanitizer, a late Sever would be a use after free.
      connection.reset();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace identity
