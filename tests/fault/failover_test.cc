#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "identity/errors.h"
#include "tests/fault/policy.h"

// The primary fails, and an asynchronous standby without its last changes replaces it.
namespace identity {
namespace {

// The old primary is stopped during the lifetime of this object.
class PrimaryLost {
 public:
  PrimaryLost() { TestCluster::Get().Kill(); }
  ~PrimaryLost() { TestCluster::Get().Start(); }
  PrimaryLost(const PrimaryLost&) = delete;
  PrimaryLost& operator=(const PrimaryLost&) = delete;
};

class FailoverTest : public testing::Test {
 protected:
  FailoverTest() : deployment_(Beside(standby_)), policy_(deployment_) {
    for (const char* name : {"kept", "lost", "late", "also_kept"}) people_.push_back(policy_.NewPrincipal(name));
    kept_ = Must(policy_.Give(0, people_[0]));
    also_kept_ = Must(policy_.Give(0, people_[3]));
    standby_.CatchUp();
    standby_.CutOff();
    lost_ = Must(policy_.Give(0, people_[1]));
    for (const int replica : {0, 1}) {
      EXPECT_TRUE(policy_.Allows(replica, people_[0], AtLeast(lost_.token)));
      EXPECT_TRUE(policy_.Allows(replica, people_[1], AtLeast(lost_.token)));
      EXPECT_FALSE(policy_.Allows(replica, people_[2], AtLeast(lost_.token)));
      EXPECT_TRUE(policy_.Allows(replica, people_[3], AtLeast(lost_.token)));
    }
  }
  static Deployment::Options Beside(const TestStandby& standby) {
    Deployment::Options options;
    options.standby = &standby;
    return options;
  }

  // Every replica answers by the new primary's state, and by nothing else.
  void ExpectTruth(int replica) {
    SCOPED_TRACE(absl::StrCat("replica ", replica));
    EXPECT_TRUE(policy_.Allows(replica, people_[0]));
    EXPECT_FALSE(policy_.Allows(replica, people_[1])) << "the change was lost with the old primary";
  }
  void ExpectUnknown(int replica, const std::string& token) {
    const absl::Status status = policy_.Ask(replica, people_[0], AtLeast(token)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_EQ(ErrorReasonOf(status), "CONSISTENCY_TOKEN_UNKNOWN") << status;
  }

  TestStandby standby_;
  Deployment deployment_;
  Policy policy_;
  std::vector<std::string> people_;
  Policy::Grant kept_;
  Policy::Grant also_kept_;
  Policy::Grant lost_;
};

TEST_F(FailoverTest, OnlyWhatTheStandbyHadStays) {
  const PrimaryLost lost;
  standby_.Promote();
  for (const int replica : {0, 1}) {
    WaitUntil([&] { return policy_.Ask(replica, people_[0], Full()).ok(); });
    ExpectTruth(replica);
    EXPECT_TRUE(policy_.Allows(replica, people_[0], AtLeast(kept_.token)));
    ExpectUnknown(replica, lost_.token);
  }
  const Policy::Grant late = Must(policy_.Give(0, people_[2]));
  EXPECT_TRUE(policy_.Allows(1, people_[2], AtLeast(late.token)));
  // The new change has the number of the lost one.
  ExpectUnknown(0, lost_.token);
  const std::string taken = Must(policy_.Take(1, kept_));
  EXPECT_FALSE(policy_.Allows(1, people_[0]));
  WaitUntil([&] { return !policy_.Allows(0, people_[0]); });
  EXPECT_FALSE(policy_.Allows(0, people_[0], AtLeast(taken)));
}

// A replica may write to the new primary before its feed connects to it. It must not decide by old facts then.
TEST_F(FailoverTest, TheFirstChangeAppliesImmediatelyWhereItWasMade) {
  const PrimaryLost lost;
  standby_.Promote();
  const auto denied = InParallel(2, [&](int replica) {
    const std::string& person = people_[static_cast<size_t>(replica) * 3];
    const Policy::Grant& grant = replica == 0 ? kept_ : also_kept_;
    WaitUntil([&] { return policy_.Take(replica, grant).ok(); });
    absl::StatusOr<v1::CheckPermissionResponse> answer;
    // An error is no wrong decision.
    WaitUntil([&] { return (answer = policy_.Ask(replica, person)).ok(); });
    return answer->decision() == v1::DECISION_DENIED;
  });
  EXPECT_TRUE(denied[0]) << "replica 0 still allows a permission that it had revoked itself";
  EXPECT_TRUE(denied[1]) << "replica 1 still allows a permission that it had revoked itself";
}

}  // namespace
}  // namespace identity
