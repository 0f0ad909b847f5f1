#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"
#include "server/app/access/external_keys.h"
#include "server/base/error.h"
#include "server/view/facts.h"
#include "tests/api/access/workload_fixture.h"
#include "tests/support/mail_fixture.h"

namespace identity {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

// The keys of the issuer with which tokens of workloads are verified, and the limits of their calls.
class WorkloadKeysTest : public WorkloadTest {
 protected:
  // Tokens of the same workload that differ.
  std::vector<std::string> Tokens(int count) const {
    std::vector<std::string> tokens;
    for (int i = 0; i < count; ++i) {
      Claims claims = ClaimsFor();
      claims["jti"] = absl::StrCat("token-", i);
      tokens.push_back(Sign(claims));
    }
    return tokens;
  }
  // The reasons of checks about these tokens, in batches that are not too large.
  static std::vector<v1::Reason> ReasonsFor(const std::vector<std::string>& tokens) {
    constexpr size_t kInBatch = 500;
    std::vector<v1::Reason> reasons;
    for (size_t begin = 0; begin < tokens.size(); begin += kInBatch) {
      v1::BatchCheckPermissionsRequest batch;
      for (size_t i = begin; i < std::min(begin + kInBatch, tokens.size()); ++i) *batch.add_checks() = About(tokens[i]);
      const auto answer = Must(server().Call(&Identity::BatchCheckPermissions, batch, server().root()));
      for (const auto& result : answer.results()) reasons.push_back(result.response().reason());
    }
    return reasons;
  }
  void MakeKeysOld() const { server().AdvanceUptime(ExternalKeys::kFetchInterval); }
  static ErrorDetails DetailsOfError(const google::rpc::Status& error) {
    return DetailsOf(
        grpc::Status(static_cast<grpc::StatusCode>(error.code()), error.message(), error.SerializeAsString()));
  }
};

// As for tokens of the service's own. Tokens whose signature is remembered need no worker.
TEST_F(WorkloadKeysTest, OnlyAWorkerVerifiesManySignatures) {
  const std::vector<std::string> tokens = Tokens(2 * Facts::kMostSlowSteps + 2);
  const auto answered_inline = [&](size_t begin, size_t end) {
    const int64_t before = server().metrics().calls_inline.value();
    const std::vector<std::string> part(tokens.begin() + static_cast<ptrdiff_t>(begin),
                                        tokens.begin() + static_cast<ptrdiff_t>(end));
    EXPECT_THAT(ReasonsFor(part), Each(v1::REASON_GRANTED));
    return server().metrics().calls_inline.value() - before;
  };
  constexpr size_t kMost = Facts::kMostSlowSteps;
  answered_inline(0, 1);  // fetches the key
  EXPECT_EQ(answered_inline(1, 1 + kMost), 1);
  EXPECT_EQ(answered_inline(1 + kMost, 2 + 2 * kMost), 0);
  EXPECT_EQ(answered_inline(0, 2 + 2 * kMost), 1);
}

TEST_F(WorkloadKeysTest, ManyChecksFetchThemOnce) {
  const std::vector<std::string> one(10'000, Token());
  const std::vector<v1::Reason> of_one = ReasonsFor(one);
  EXPECT_EQ(of_one.size(), one.size());
  EXPECT_THAT(of_one, Each(v1::REASON_GRANTED));
  EXPECT_EQ(FetchesOf(cluster_), 1u);

  const std::vector<std::string> fifty = Tokens(50);
  std::vector<std::string> many;
  for (size_t i = 0; i < 10'000; ++i) many.push_back(fifty[i % fifty.size()]);
  const std::vector<v1::Reason> of_many = ReasonsFor(many);
  EXPECT_EQ(of_many.size(), many.size());
  EXPECT_THAT(of_many, Each(v1::REASON_GRANTED));
  for (const std::string& token : fifty) EXPECT_EQ(Must(CheckSelf(token)).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(FetchesOf(cluster_), 1u);
}

TEST_F(WorkloadKeysTest, TheFirstCallersShareOneFetch) {
  const std::vector<std::string> tokens = Tokens(8);
  std::atomic<int> granted = 0;
  std::atomic<int> busy = 0;  // a quarter of the workers waits
  std::vector<std::thread> callers;
  for (const std::string& token : tokens) {
    callers.emplace_back([&granted, &busy, &token] {
      const auto answer = CheckSelf(token);
      if (answer.value.reason() == v1::REASON_GRANTED) ++granted;
      if (testing::Matches(FailsWith(ErrorReason::kProviderUnavailable))(answer)) ++busy;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_GE(granted.load(), 1);
  EXPECT_EQ(granted + busy, 8);
  EXPECT_EQ(FetchesOf(cluster_), 1u);
}

// A signature is verified once. What it proves ends with the key.
TEST_F(WorkloadKeysTest, AKeyThatTheIssuerHasWithdrawnCountsNoMore) {
  const std::string token = Token();
  ExpectGood(token);
  const TokenForge next(JwsAlgorithm::kRs256, "k2");
  cluster_.Publish({next});
  MakeKeysOld();
  ExpectGood(token);
  ExpectGood(Sign(next, ClaimsFor()));  // makes the server fetch the keys
  EXPECT_EQ(FetchesOf(cluster_), 2u);
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID);
}

TEST_F(WorkloadKeysTest, AKeyThatTheIssuerHasReplacedUnderItsNameCountsNoMore) {
  const std::string token = Token();
  ExpectGood(token);
  const TokenForge replaced(JwsAlgorithm::kRs256);
  const TokenForge next(JwsAlgorithm::kRs256, "k2");
  cluster_.Publish({replaced, next});
  MakeKeysOld();
  ExpectGood(Sign(next, ClaimsFor()));
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID);
  ExpectGood(Sign(replaced, ClaimsFor()));
}

TEST_F(WorkloadKeysTest, OldKeysAreFetchedAgainByAnyUse) {
  const std::string token = Token();
  ExpectGood(token);
  cluster_.Publish({TokenForge(JwsAlgorithm::kRs256, "k2")});
  server().AdvanceUptime(absl::Minutes(5));  // as long as the document server lets clients keep them
  AwaitTrue("the withdrawn key counts no more",
            [&] { return server().ReasonFor(token, kReadOrders) == v1::REASON_CREDENTIAL_INVALID; });
  EXPECT_EQ(FetchesOf(cluster_), 2u);
}

// Anybody can write a name of a key into a token.
TEST_F(WorkloadKeysTest, UnknownNamesOfKeysCauseOneFetchAMinute) {
  ExpectGood(Token());
  const auto refuse_some = [&] {
    Claims header = cluster_.forge().Header();
    for (int i = 0; i < 20; ++i) {
      header["kid"] = absl::StrCat("unknown-", i);
      ExpectRefused(cluster_.forge().Sign(header, ClaimsFor().dump()), v1::REASON_CREDENTIAL_INVALID);
    }
  };
  refuse_some();
  EXPECT_EQ(FetchesOf(cluster_), 1u);
  MakeKeysOld();
  refuse_some();
  EXPECT_EQ(FetchesOf(cluster_), 2u);
  ExpectGood(Token());
}

TEST_F(WorkloadKeysTest, TokensOfAnUnknownIssuerFetchNothing) {
  const OpenIdProvider stranger = NewCluster();
  stranger.Publish();
  ExpectRefused(Sign(stranger.forge(), ClaimsFor(stranger)), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_EQ(FetchesOf(stranger), 0u);
}

TEST_F(WorkloadKeysTest, TheEntryMayNameAnotherAddressOfThem) {
  const std::string token = Token();
  ExpectGood(token);
  const OpenIdProvider other = NewCluster();
  other.Publish();
  Update(
      cluster_,
      absl::StrCat("provider { name: '$0' jwks_uri: '", documents().Url("/" + other.name() + "/keys"), "' }").c_str());
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID, "the key is not among those of the new address");
  ExpectGood(Sign(other.forge(), ClaimsFor()));
}

// ---- Outages of the issuer

TEST_F(WorkloadKeysTest, BeforeTheFirstKeysThereIsNoAnswer) {
  const OpenIdProvider away = NewCluster();
  Enter(server(), away);
  Name(account_, away, {{kBilling}});
  const std::string token = Sign(away.forge(), ClaimsFor(away));
  const auto call = CheckSelf(token);
  EXPECT_THAT(call, FailsWith(ErrorReason::kProviderUnavailable));
  EXPECT_EQ(call.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  const auto about = server().Call(&Identity::CheckPermission, About(token), server().root());
  EXPECT_THAT(about, FailsWith(ErrorReason::kProviderUnavailable));
  const auto retry = DetailsOf(about.status).retry;
  ASSERT_TRUE(retry);
  EXPECT_GT(retry->retry_delay().seconds() + retry->retry_delay().nanos(), 0);
  away.Publish();
  server().AdvanceUptime(ExternalKeys::kRetryInterval);
  ExpectGood(token);
}

TEST_F(WorkloadKeysTest, InABatchOnlyTheChecksOfThatIssuerFail) {
  const OpenIdProvider away = NewCluster();
  Enter(server(), away);
  const std::string other = server().MakeServiceAccount();
  Name(other, away, {{kBilling}});
  const std::string lost = Sign(away.forge(), ClaimsFor(away));
  v1::BatchCheckPermissionsRequest batch;
  *batch.add_checks() = About(lost);
  *batch.add_checks() = About(Token());
  *batch.add_checks() = Proto<v1::CheckPermissionRequest>("principal_id: '$0' permission: 'a:b'", server().root_id());
  *batch.add_checks() = About(lost);
  *batch.add_checks() = About("no token");
  // At first the server tries to fetch the keys. Then it knows that it cannot have them.
  for (const char* when : {"at first", "later"}) {
    const auto answer = Must(server().Call(&Identity::BatchCheckPermissions, batch, server().root()));
    ASSERT_EQ(answer.results_size(), 5) << when;
    for (const int i : {0, 3}) {
      ASSERT_TRUE(answer.results(i).has_error()) << when;
      EXPECT_EQ(answer.results(i).error().code(), static_cast<int>(grpc::StatusCode::UNAVAILABLE)) << when;
      const ErrorDetails details = DetailsOfError(answer.results(i).error());
      ASSERT_TRUE(details.info) << when;
      EXPECT_EQ(details.info->reason(), "PROVIDER_UNAVAILABLE") << when;
    }
    EXPECT_EQ(answer.results(1).response().reason(), v1::REASON_GRANTED) << when;
    EXPECT_EQ(answer.results(2).response().reason(), v1::REASON_GRANTED) << when;
    EXPECT_EQ(answer.results(4).response().reason(), v1::REASON_CREDENTIAL_INVALID) << when;
  }
}

TEST_F(WorkloadKeysTest, KeysThatAreKnownSurviveAnOutage) {
  const std::vector<std::string> tokens = Tokens(2);
  ExpectGood(tokens[0]);
  documents().Answer(absl::StrCat("/", cluster_.name(), "/keys"), {{"status", 500}});
  server().AdvanceUptime(absl::Hours(1));
  ExpectGood(tokens[0]);
  ExpectGood(tokens[1]);
}

// ---- The limit of requests

// The limits count windows of the uptime, so each test has a server of its own.
class WorkloadQuotaTest : public WorkloadTest {
 protected:
  static constexpr int kLimit = 20;

  WorkloadQuotaTest()
      : limited_(NewServer([](Config& config) { config.throttle.api_key_requests_per_minute = kLimit; })) {
    Enter(*limited_, cluster_);
    for (std::string* account : {&first_, &second_}) {
      *account = limited_->MakeServiceAccount();
      limited_->Grant(*account, {"orders:*"});
    }
    Name(*limited_, first_, cluster_, {{kBilling}, {kReports}});
    Name(*limited_, second_, cluster_, {{"system:serviceaccount:shop:mail"}});
    limited_->AdvanceUptime(absl::Minutes(2));  // ends the window of the calls until now
  }
  Result<v1::CheckPermissionResponse> Use(const std::string& token) const { return CheckSelf(*limited_, token); }
  // Uses up the requests of the workload's account.
  void Spend(const std::string& token) const {
    for (int i = 0; i < kLimit; ++i) Use(token);
    EXPECT_THAT(Use(token), FailsWith(ErrorReason::kRateLimited));
  }

  const std::unique_ptr<TestServer> limited_;
  std::string first_;
  std::string second_;
};

TEST_F(WorkloadQuotaTest, TheWorkloadsOfAnAccountShareOneLimit) {
  const std::string billing = Token(kBilling);
  const std::string reports = Token(kReports);
  Claims renewed = ClaimsFor();
  renewed["jti"] = "another";
  const std::string key = limited_->IssueKey(first_, {}).secret();
  for (int i = 0; i < kLimit; ++i) {
    const auto answer = Use(i % 2 == 0 ? billing : reports);
    ASSERT_THAT(answer, Succeeds()) << i;
    EXPECT_EQ(answer.trailing.find("ratelimit-limit")->second, absl::StrCat(kLimit));
    EXPECT_EQ(answer.trailing.find("ratelimit-remaining")->second, absl::StrCat(kLimit - 1 - i));
  }
  EXPECT_THAT(Use(billing), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(Use(reports), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(Use(Sign(renewed)), FailsWith(ErrorReason::kRateLimited)) << "a new token is no new caller";
  EXPECT_THAT(Use(Token("system:serviceaccount:shop:mail")), Succeeds()) << "another account";
  EXPECT_THAT(
      limited_->Call(&Identity::CheckPermission,
                     Proto<v1::CheckPermissionRequest>("self: true permission: '$0'", kReadOrders), ApiKeyHeader(key)),
      Succeeds())
      << "a key has a limit of its own";
  limited_->AdvanceUptime(absl::Minutes(1));
  EXPECT_THAT(Use(billing), Succeeds());
}

TEST_F(WorkloadQuotaTest, ACheckAboutAWorkloadIsOneOfItsRequests) {
  const std::string token = Token();
  EXPECT_THAT(Use(token), Succeeds());
  const auto answer = limited_->Check(About(token));
  EXPECT_EQ(answer.reason(), v1::REASON_GRANTED);
  EXPECT_EQ(answer.quota().limit(), kLimit);
  EXPECT_EQ(answer.quota().remaining(), kLimit - 2);
  Spend(token);
  const auto refused = limited_->Check(About(Token(kReports)));
  EXPECT_EQ(refused.decision(), v1::DECISION_DENIED);
  EXPECT_EQ(refused.reason(), v1::REASON_QUOTA_EXCEEDED);
  EXPECT_EQ(refused.principal().id(), first_);
}

TEST_F(WorkloadQuotaTest, TheFirstRefusalIsAudited) {
  const std::string token = Token();
  Spend(token);
  const std::string sql = absl::StrCat(
      "SELECT coalesce((SELECT min(details) FROM audit_events WHERE event = 'rate_limited' AND outcome = 'failure' AND "
      "target = 'api_key_requests' AND subject_id = '",
      first_, "'), '')");
  // An inline call leaves its audit to a worker.
  AwaitTrue("the refusal is audited", [&] { return !limited_->Ask(sql).empty(); });
  EXPECT_THAT(limited_->Ask(sql), HasSubstr(absl::StrCat("workload ", kBilling)));
}

}  // namespace
}  // namespace identity
