#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "identity/errors.h"
#include "tests/fault/policy.h"

// PostgreSQL is stopped for a while.
namespace identity {
namespace {

constexpr int kConnections = 4;  // per replica

// PostgreSQL is stopped during the lifetime of this object.
class Outage {
 public:
  Outage() { TestCluster::Get().Stop(); }
  ~Outage() { TestCluster::Get().Start(); }
  Outage(const Outage&) = delete;
  Outage& operator=(const Outage&) = delete;
};

// Runs `body` repeatedly on its own threads until its destruction.
class Load {
 public:
  Load(int threads, const std::function<void(int)>& body) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this, i, body] {
        while (!done_) body(i);
      });
    }
  }
  ~Load() {
    done_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

 private:
  std::atomic<bool> done_ = false;
  std::vector<std::thread> threads_;
};

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

class OutageTest : public testing::Test {
 protected:
  explicit OutageTest(const std::vector<std::string>& flags = {})
      : deployment_(WithFlags(flags)), policy_(deployment_) {
    ada_ = deployment_.NewUser("ada");
    login_ = deployment_.LogIn(ada_);
    reader_ = policy_.NewPrincipal("reader");
    grant_ = Must(policy_.Give(0, reader_));
    for (const int replica : {0, 1}) {
      EXPECT_TRUE(policy_.Allows(replica, reader_, Full()));
      EXPECT_TRUE(AdaMay(replica, Full()).ok());
    }
  }
  static Deployment::Options WithFlags(std::vector<std::string> flags) {
    Deployment::Options options;
    options.flags = std::move(flags);
    options.flags.push_back(absl::StrCat("--database-connections=", kConnections));
    return options;
  }

  absl::Status AdaMay(int replica, const v1::Consistency& consistency = {}) {
    v1::CheckPermissionRequest request = ForToken(login_.access_token());
    request.set_permission("read:own_profile");
    request.set_resource("users/" + ada_.id);
    *request.mutable_consistency() = consistency;
    const auto answer = deployment_.client(replica).Call(&IdentityRpc::CheckPermission, request, deployment_.AsAdmin());
    if (!answer.ok()) return answer.status();
    return answer->decision() == v1::DECISION_ALLOWED ? absl::OkStatus()
                                                      : absl::PermissionDeniedError(v1::Reason_Name(answer->reason()));
  }
  absl::Status Refresh(int replica) {
    v1::RefreshRequest request;
    request.set_refresh_token(login_.refresh_token());
    return deployment_.client(replica).Call(&IdentityRpc::Refresh, request).status();
  }
  absl::Status LogIn(int replica) { return deployment_.TryPassword(ada_.username, ada_.password, replica).status(); }

  // The server's error, not the deadline's.
  static void ExpectUnavailable(const absl::Status& status) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_EQ(ErrorReasonOf(status), "STORAGE_UNAVAILABLE") << status;
    EXPECT_TRUE(RetryInfoOf(status).has_value()) << status;
  }
  void ExpectNothingButChecks(int replica) {
    SCOPED_TRACE(absl::StrCat("replica ", replica));
    ExpectUnavailable(policy_.Give(replica, ada_.id).status());
    ExpectUnavailable(policy_.Take(replica, grant_).status());
    ExpectUnavailable(LogIn(replica));
    ExpectUnavailable(Refresh(replica));
    ExpectUnavailable(policy_.Ask(replica, reader_, Full()).status());
    ExpectUnavailable(deployment_.client(replica).Call(&AdminRpc::ListRoles, {}, deployment_.AsAdmin()).status());
  }
  // All checks are answered. The age of the facts is the one that the answers state.
  void ExpectStandstill(int replica, absl::Time stopped) {
    SCOPED_TRACE(absl::StrCat("replica ", replica));
    const v1::CheckPermissionResponse first = Must(policy_.Ask(replica, reader_));
    EXPECT_LE(ToTime(first.checked_at()), stopped);
    for (int i = 0; i < Rounds(300); ++i) {
      const v1::CheckPermissionResponse answer = Must(policy_.Ask(replica, reader_));
      ASSERT_EQ(answer.decision(), v1::DECISION_ALLOWED);
      ASSERT_EQ(ToTime(answer.checked_at()), ToTime(first.checked_at()));
      ASSERT_EQ(answer.consistency_token(), first.consistency_token());
    }
  }
  // Both replicas serve everything again, without a restart.
  void AwaitRecovery() {
    for (const int replica : {0, 1}) {
      WaitUntil([&] { return LogIn(replica).ok(); });
      WaitUntil([&] { return policy_.Ask(replica, reader_, Full()).ok(); });
    }
    for (const int replica : {0, 1}) {
      SCOPED_TRACE(absl::StrCat("replica ", replica));
      const std::string taken = Must(policy_.Take(replica, grant_));
      EXPECT_FALSE(policy_.Allows(replica, reader_));
      EXPECT_FALSE(policy_.Allows(1 - replica, reader_, AtLeast(taken)));
      grant_ = Must(policy_.Give(replica, reader_));
      EXPECT_TRUE(policy_.Allows(1 - replica, reader_, Full()));
    }
  }

  // A service account that no replica has heard of before, and that may read.
  std::string NewReader() {
    const std::string id = policy_.NewPrincipal("service");
    Must(policy_.Give(0, id));
    return id;
  }
  v1::IssueApiKeyResponse NewKey(const std::string& owner) {
    v1::IssueApiKeyRequest request;
    request.set_owner_id(owner);
    return Must(deployment_.client(0).Call(&IdentityRpc::IssueApiKey, request, deployment_.AsAdmin()));
  }
  static void ExpectAllowed(const absl::StatusOr<v1::CheckPermissionResponse>& answer) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->decision(), v1::DECISION_ALLOWED);
  }

  Deployment deployment_;
  Policy policy_;
  Person ada_;
  v1::TokenSet login_;
  std::string reader_;
  Policy::Grant grant_;
};

TEST_F(OutageTest, ChecksAreAnsweredAndOtherCallsFailUntilItRecovers) {
  const Load load(4, [&](int i) {
    const absl::Status status = AdaMay(i % 2);
    EXPECT_TRUE(status.ok()) << status;
  });
  {
    const Outage outage;
    const absl::Time stopped = absl::Now();
    for (const int replica : {0, 1}) ExpectNothingButChecks(replica);
    for (const int replica : {0, 1}) ExpectStandstill(replica, stopped);
  }
  AwaitRecovery();
}

// The first use of the key, and of its owner, comes during the outage.
TEST_F(OutageTest, ANewKeyWorksOnEveryReplica) {
  const std::string key = NewKey(NewReader()).secret();
  EXPECT_TRUE(policy_.Allows(1, reader_, Full()));  // replica 1 has followed all changes
  const Outage outage;
  for (const int replica : {0, 1}) ExpectAllowed(policy_.AskAbout(replica, ForKey(key)));
}

TEST_F(OutageTest, AReplicaThatHasJustStartedKnowsTheKeys) {
  const std::string owner = NewReader();
  const std::string key = NewKey(owner).secret();
  const std::string revoked_key = NewKey(owner).secret();
  v1::RevokeRequest request;
  request.set_api_key(revoked_key);
  Must(deployment_.client(0).Call(&IdentityRpc::Revoke, request, deployment_.AsAdmin()));
  deployment_.replica(1).process().Signal(SIGKILL);
  deployment_.replica(1).Restart();
  const Outage outage;
  ExpectAllowed(policy_.AskAbout(1, ForKey(key)));
  EXPECT_EQ(Must(policy_.AskAbout(1, ForKey(revoked_key))).decision(), v1::DECISION_DENIED);
}

TEST_F(OutageTest, ReplicasRecoverWithinTheirNumberOfConnections) {
  { const Outage outage; }
  // Each looks for the binding on a connection of its own.
  const Policy::Grant unknown = {"01900000-0000-7000-8000-000000000000", ""};
  const Load load(16, [&](int i) { EXPECT_FALSE(policy_.Take(i % 2, unknown).ok()); });
  WaitUntil([&] {
    const Rows rows = deployment_.database().Execute(
        "SELECT count(*) FILTER (WHERE application_name = 'identityd') AS pool,"
        " count(*) FILTER (WHERE application_name = 'identityd-feed') AS feeds"
        " FROM pg_stat_activity WHERE datname = current_database() AND usename = 'identity_server'");
    EXPECT_LE(rows[0].Int("pool"), 2 * kConnections);
    EXPECT_LE(rows[0].Int("feeds"), 2);
    return rows[0].Int("pool") == 2 * kConnections;
  });
}

class StalenessTest : public OutageTest {
 protected:
  static constexpr absl::Duration kBound = absl::Seconds(2);
  StalenessTest() : OutageTest({"--max-staleness", "2s"}) {}

  // Checks until checks fail. Each earlier answer was within the bound at the time of its check.
  void AwaitRefusal(int replica) {
    WaitUntil([&] {
      const absl::Time asked = absl::Now();
      const auto answer = policy_.Ask(replica, reader_);
      if (!answer.ok()) {
        ExpectUnavailable(answer.status());
        return true;
      }
      EXPECT_LE(asked - ToTime(answer->checked_at()), kBound + absl::Milliseconds(100)) << "beside the clocks' skew";
      return false;
    });
  }
};

TEST_F(StalenessTest, BeyondTheBoundNothingIsDecided) {
  {
    const Outage outage;
    for (const int replica : {0, 1}) {
      AwaitRefusal(replica);
      for (int i = 0; i < 20; ++i) ExpectUnavailable(policy_.Ask(replica, reader_).status());
      WaitUntil([&] { return HealthOf({deployment_.replica(replica).address()}, "") == "NOT_SERVING"; });
    }
  }
  for (const int replica : {0, 1}) {
    WaitUntil([&] { return policy_.Ask(replica, reader_).ok(); });
    WaitUntil([&] { return HealthOf({deployment_.replica(replica).address()}, "") == "SERVING"; });
  }
  AwaitRecovery();
}

}  // namespace
}  // namespace identity
