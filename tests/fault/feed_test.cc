#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/fault/policy.h"

// The connection of a feed is cut, or receives nothing any more.
namespace identity {
namespace {

// Processes that are stopped during the lifetime of this object.
class Frozen {
 public:
  explicit Frozen(std::vector<pid_t> pids) : pids_(std::move(pids)) { SignalAll(SIGSTOP); }
  ~Frozen() { SignalAll(SIGCONT); }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  void SignalAll(int signal) const {
    for (const pid_t pid : pids_) EXPECT_EQ(kill(pid, signal), 0);
  }
  const std::vector<pid_t> pids_;
};

class FeedTest : public testing::Test {
 protected:
  FeedTest() : policy_(deployment_), reader_(policy_.NewPrincipal("reader")) {
    grant_ = Must(policy_.Give(0, reader_));
    EXPECT_TRUE(policy_.Allows(1, reader_, AtLeast(grant_.token)));
  }

  // The processes of PostgreSQL that serve the feeds, one per replica.
  std::vector<pid_t> Backends() {
    const Rows rows = deployment_.database().Execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'identityd-feed'");
    std::vector<pid_t> pids;
    for (size_t i = 0; i < rows.size(); ++i) pids.push_back(static_cast<pid_t>(rows[i].Int("pid")));
    return pids;
  }
  void TerminateAll() {
    deployment_.database().Execute(
        "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'identityd-feed'");
  }
  // Waits for two processes, none of them in `old`.
  bool HaveReconnected(const std::vector<pid_t>& old) {
    std::vector<pid_t> fresh = Backends();
    fresh.erase(std::remove_if(fresh.begin(), fresh.end(),
                               [&](pid_t pid) { return std::find(old.begin(), old.end(), pid) != old.end(); }),
                fresh.end());
    return fresh.size() == 2;
  }
  // Every check in the meantime must be answered.
  void AwaitDenial() {
    WaitUntil([&] { return !policy_.Allows(1, reader_); });
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(policy_.Allows(1, reader_));
  }

  Deployment deployment_;
  Policy policy_;
  std::string reader_;
  Policy::Grant grant_;
};

TEST_F(FeedTest, ARevocationWhileItIsCutArrives) {
  const std::vector<pid_t> old = Backends();
  ASSERT_EQ(old.size(), 2u);
  TerminateAll();
  const std::string token = Must(policy_.Take(0, grant_));
  EXPECT_FALSE(policy_.Allows(0, reader_));
  EXPECT_FALSE(policy_.Allows(1, reader_, AtLeast(token)));
  AwaitDenial();
  WaitUntil([&] { return HaveReconnected(old); });
}

TEST_F(FeedTest, ChecksAreAnsweredWhileItIsCutRepeatedly) {
  for (int round = 0; round < Rounds(10); ++round) {
    TerminateAll();
    EXPECT_TRUE(policy_.Allows(1, reader_));
    const std::string token = Must(policy_.Take(0, grant_));
    EXPECT_FALSE(policy_.Allows(1, reader_, AtLeast(token))) << "round " << round;
    grant_ = Must(policy_.Give(0, reader_));
    EXPECT_TRUE(policy_.Allows(1, reader_, AtLeast(grant_.token))) << "round " << round;
  }
}

// The peer lives but sends nothing more, as after a network failure.
TEST_F(FeedTest, ARevocationWhileItIsSilentArrives) {
  const std::vector<pid_t> old = Backends();
  const Frozen silence(old);
  Must(policy_.Take(0, grant_));
  EXPECT_FALSE(policy_.Allows(0, reader_));
  AwaitDenial();
  WaitUntil([&] { return HaveReconnected(old); });
}

TEST_F(FeedTest, ACheckWithATokenWaitsUntilTheFeedRecovers) {
  const Frozen silence(Backends());
  const std::string token = Must(policy_.Take(0, grant_));
  EXPECT_FALSE(policy_.Allows(1, reader_, AtLeast(token)));
  EXPECT_FALSE(policy_.Allows(1, reader_, Full()));
}

}  // namespace
}  // namespace identity
