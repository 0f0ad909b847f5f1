#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

class QuotaTest : public RpcTest {
 protected:
  void SetUp() override {
    owner_ = server().MakeServiceAccount();
    server().Grant(owner_, {"posts:read"});
  }
  static Result<v1::IssueApiKeyResponse> TryIssue(const std::string& owner, int requests_per_minute) {
    v1::IssueApiKeyRequest request;
    request.set_owner_id(owner);
    request.set_requests_per_minute(requests_per_minute);
    return server().Call(&Identity::IssueApiKey, request, server().root());
  }
  v1::IssueApiKeyResponse Issue(int requests_per_minute) const { return Must(TryIssue(owner_, requests_per_minute)); }

  // A check with the credential in `metadata`: answered inline, or with `full` by a worker after an inline attempt.
  static Result<v1::CheckPermissionResponse> CheckSelf(const Metadata& metadata, bool full = false) {
    auto request = Proto<v1::CheckPermissionRequest>("self: true permission: 'posts:read'");
    if (full) request.mutable_consistency()->set_fully_consistent(true);
    return server().Call(&Identity::CheckPermission, request, metadata);
  }
  static std::string Trailing(const Result<v1::CheckPermissionResponse>& result, const std::string& name) {
    const auto found = result.trailing.find(name);
    return found == result.trailing.end() ? "none" : found->second;
  }
  // A check about the key.
  static v1::CheckPermissionRequest About(const std::string& key, const std::string& permission = "posts:read") {
    v1::CheckPermissionRequest request;
    request.set_api_key(key);
    request.set_permission(permission);
    return request;
  }
  std::string AuditedRefusals() const {
    return server().Ask(
        "SELECT count(*)::text FROM audit_events WHERE event = 'rate_limited' AND outcome = 'failure' AND "
        "target = 'api_key_requests' AND subject_id = '" +
        owner_ + "'");
  }
  // An inline call leaves its audit to a worker, so the refusal may be written later.
  void AwaitAuditedRefusal() const {
    const absl::Time give_up = absl::Now() + absl::Seconds(30);
    while (AuditedRefusals() == "0" && absl::Now() < give_up) {
    }
  }
  std::string owner_;
};

TEST_F(QuotaTest, AKeyIsLimitedToItsRequestsAMinute) {
  const Metadata key = ApiKeyHeader(Issue(3).secret());
  for (const char* remaining : {"2", "1", "0"}) {
    const auto answer = CheckSelf(key);
    ASSERT_THAT(answer, Succeeds());
    EXPECT_EQ(Trailing(answer, "ratelimit-limit"), "3");
    EXPECT_EQ(Trailing(answer, "ratelimit-remaining"), remaining);
    EXPECT_THAT(std::stoi(Trailing(answer, "ratelimit-reset")), AllOf(Ge(1), Le(60)));
  }
  const auto refused = CheckSelf(key);
  ASSERT_THAT(refused, FailsWith(ErrorReason::kRateLimited));
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Trailing(refused, "ratelimit-limit"), "3");
  EXPECT_EQ(Trailing(refused, "ratelimit-remaining"), "0");
  const auto retry = DetailsOf(refused.status).retry;
  ASSERT_TRUE(retry);
  EXPECT_EQ(Trailing(refused, "ratelimit-reset"), absl::StrCat(retry->retry_delay().seconds() + 1)) << "rounded up";
  server().AdvanceUptime(absl::Minutes(1));
  EXPECT_THAT(CheckSelf(key), Succeeds());
}

TEST_F(QuotaTest, ErrorsReportTheRemainingRequests) {
  const auto refused = server().Call(&Identity::CheckPermission, About("some key"), ApiKeyHeader(Issue(3).secret()));
  ASSERT_THAT(refused, FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_EQ(Trailing(refused, "ratelimit-remaining"), "2") << "denied calls count, too";
  const auto failed = server().Call(&Identity::CheckPermission, Proto<v1::CheckPermissionRequest>("self: true"),
                                    ApiKeyHeader(Issue(3).secret()));
  ASSERT_THAT(failed, FailsWith(ErrorReason::kInvalidField));
  EXPECT_EQ(Trailing(failed, "ratelimit-remaining"), "2");
}

TEST_F(QuotaTest, WithoutAQuotaNothingIsReported) {
  const auto answer = CheckSelf(ApiKeyHeader(Issue(0).secret()));
  ASSERT_THAT(answer, Succeeds());
  EXPECT_EQ(Trailing(answer, "ratelimit-limit"), "none");
}

TEST_F(QuotaTest, ARequestThatIsHandedToAWorkerCountsOnce) {
  server().Grant(owner_, {"identity:check"});
  const Metadata key = ApiKeyHeader(Issue(10).secret());
  EXPECT_EQ(Trailing(CheckSelf(key, true), "ratelimit-remaining"), "9") << "handed over before the caller is admitted";
  // The ids are unknown, so a worker reads the database for them after the caller is admitted.
  for (const int remaining : {8, 7}) {
    const auto about = Proto<v1::CheckPermissionRequest>(
        "principal_id: '0190b5a0-2222-7000-8000-00000000000$0' permission: 'posts:read'", remaining);
    EXPECT_EQ(Trailing(server().Call(&Identity::CheckPermission, about, key), "ratelimit-remaining"),
              absl::StrCat(remaining));
  }
}

TEST_F(QuotaTest, KeysDoNotShareAQuota) {
  const Metadata key = ApiKeyHeader(Issue(1).secret());
  CheckSelf(key);
  EXPECT_THAT(CheckSelf(key), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(CheckSelf(ApiKeyHeader(Issue(1).secret())), Succeeds());
}

TEST_F(QuotaTest, OfManyParallelRequestsExactlyTheQuotaSucceeds) {
  const Metadata key = ApiKeyHeader(Issue(50).secret());
  std::atomic<int> answered = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back([&, i] {
      for (int j = 0; j < 10; ++j) {
        const auto result = CheckSelf(key, (i + j) % 4 == 0);
        if (result.status.ok()) ++answered;
        if (FailsBy(result.status, ErrorReason::kRateLimited)) ++refused;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered.load(), 50);
  EXPECT_EQ(refused.load(), 150);
}

TEST_F(QuotaTest, ATokenSharesTheQuotaOfTheKeyItWasExchangedFor) {
  const std::string secret = Issue(2).secret();
  v1::AuthenticateRequest request;
  request.mutable_api_key()->set_key(secret);
  const std::string token = Must(server().Call(&Identity::Authenticate, request)).tokens().access_token();
  EXPECT_EQ(Trailing(CheckSelf(Bearer(token)), "ratelimit-remaining"), "1");
  v1::CheckPermissionRequest about;
  about.set_access_token(token);
  about.set_permission("posts:read");
  EXPECT_EQ(server().Check(about).quota().remaining(), 0);
  EXPECT_THAT(CheckSelf(Bearer(token)), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(CheckSelf(ApiKeyHeader(secret)), FailsWith(ErrorReason::kRateLimited));
}

TEST_F(QuotaTest, ACheckAboutAKeyIsOneOfItsRequests) {
  const std::string key = Issue(2).secret();
  for (const int remaining : {1, 0}) {
    const auto answer = server().Check(About(key));
    EXPECT_EQ(answer.decision(), v1::DECISION_ALLOWED);
    EXPECT_EQ(answer.quota().limit(), 2);
    EXPECT_EQ(answer.quota().remaining(), remaining);
  }
  const auto denied = server().Check(About(key));
  EXPECT_EQ(denied.decision(), v1::DECISION_DENIED);
  EXPECT_EQ(denied.reason(), v1::REASON_QUOTA_EXCEEDED);
  EXPECT_EQ(denied.principal().id(), owner_);
  EXPECT_EQ(denied.quota().limit(), 2);
  EXPECT_EQ(denied.quota().remaining(), 0);
  EXPECT_THAT(denied.quota().reset().seconds(), AllOf(Ge(1), Le(60)));
  server().AdvanceUptime(absl::Minutes(1));
  EXPECT_EQ(server().Check(About(key)).reason(), v1::REASON_GRANTED);
}

TEST_F(QuotaTest, ACheckThatIsHandedToAWorkerCountsOnce) {
  v1::CheckPermissionRequest check = About(Issue(10).secret());
  check.mutable_consistency()->set_fully_consistent(true);
  EXPECT_EQ(server().Check(check).quota().remaining(), 9);
  EXPECT_EQ(server().Check(check).quota().remaining(), 8);
}

TEST_F(QuotaTest, ASpentQuotaPrecedesBindingsAndScopes) {
  const std::string key = Issue(1).secret();
  EXPECT_EQ(server().Check(About(key, "posts:write")).reason(), v1::REASON_NO_BINDING);
  EXPECT_EQ(server().Check(About(key, "posts:write")).reason(), v1::REASON_QUOTA_EXCEEDED) << "a denial counts, too";
}

TEST_F(QuotaTest, AnInvalidCredentialPrecedesItsQuota) {
  const auto key = Issue(1);
  server().Check(About(key.secret()));
  server().Disable(owner_);
  EXPECT_EQ(server().Check(About(key.secret())).reason(), v1::REASON_PRINCIPAL_DISABLED);
  server().Enable(owner_);
  server().ExpireKey(key.api_key().id());
  const auto expired = server().Check(About(key.secret()));
  EXPECT_EQ(expired.reason(), v1::REASON_CREDENTIAL_EXPIRED);
  EXPECT_FALSE(expired.has_quota());
}

TEST_F(QuotaTest, AKeyOfADisabledOwnerSpendsNothing) {
  const std::string key = Issue(1).secret();
  server().Disable(owner_);
  for (int i = 0; i < 3; ++i) server().Check(About(key));
  server().Enable(owner_);
  EXPECT_EQ(server().Check(About(key)).reason(), v1::REASON_GRANTED);
}

TEST_F(QuotaTest, EveryCheckOfABatchCounts) {
  const std::string key = Issue(3).secret();
  v1::BatchCheckPermissionsRequest batch;
  for (int i = 0; i < 4; ++i) *batch.add_checks() = About(key);
  batch.add_checks()->set_anonymous(true);
  batch.mutable_checks(4)->set_permission("posts:read");
  batch.mutable_consistency()->set_fully_consistent(true);
  const auto answers = Must(server().Call(&Identity::BatchCheckPermissions, batch, server().root()));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answers.results(i).response().reason(), v1::REASON_GRANTED);
    EXPECT_EQ(answers.results(i).response().quota().remaining(), 2 - i);
  }
  EXPECT_EQ(answers.results(3).response().reason(), v1::REASON_QUOTA_EXCEEDED);
  EXPECT_FALSE(answers.results(4).response().has_quota());
}

TEST_F(QuotaTest, ARefusalHasNoExplanation) {
  v1::CheckPermissionRequest check = About(Issue(1).secret());
  check.set_explain(true);
  EXPECT_TRUE(server().Check(check).has_explanation());
  EXPECT_FALSE(server().Check(check).has_explanation());
}

TEST_F(QuotaTest, TheFirstRefusalOfAWindowIsAudited) {
  const std::string secret = Issue(1).secret();
  for (int i = 0; i < 4; ++i) CheckSelf(ApiKeyHeader(secret));
  AwaitAuditedRefusal();
  for (int i = 0; i < 4; ++i) {
    CheckSelf(ApiKeyHeader(secret), true);
    server().Check(About(secret));
  }
  EXPECT_EQ(AuditedRefusals(), "1");
  EXPECT_EQ(server().Ask("SELECT ip_address FROM audit_events WHERE event = 'rate_limited' AND subject_id = '" +
                         owner_ + "'"),
            "127.0.0.1");
}

TEST_F(QuotaTest, ADeniedCheckIsAuditedForTheKeysOwner) {
  const std::string secret = Issue(1).secret();
  for (int i = 0; i < 4; ++i) server().Check(About(secret));
  AwaitAuditedRefusal();
  EXPECT_EQ(AuditedRefusals(), "1");
}

TEST_F(QuotaTest, AKeyIsIssuedWithItsQuotaAndShowsIt) {
  EXPECT_EQ(Issue(7).api_key().requests_per_minute(), 7);
  EXPECT_EQ(Issue(1000000).api_key().requests_per_minute(), 1000000);
  EXPECT_EQ(Issue(0).api_key().requests_per_minute(), 0);
  for (const int wrong : {-1, 1000001}) {
    EXPECT_THAT(TryIssue(owner_, wrong), RefusesField("requests_per_minute"));
  }
  const auto listed =
      Must(server().Call(&Admin::ListPrincipalApiKeys,
                         Proto<v1::ListPrincipalApiKeysRequest>("principal_id: '$0'", owner_), server().root()));
  ASSERT_EQ(listed.api_keys_size(), 3);
  EXPECT_EQ(listed.api_keys(2).requests_per_minute(), 7);
}

// The server's limit for all keys.
TEST(CommonQuotaTest, TheLowerOfTheKeysAndTheServersQuotaApplies) {
  TestServer server([](Config& config) { config.throttle.api_key_requests_per_minute = 40; });
  const std::string owner = server.MakeServiceAccount();
  for (const auto& [own, limit] : std::map<int, int>{{0, 40}, {20, 20}, {60, 40}}) {
    v1::IssueApiKeyRequest request;
    request.set_owner_id(owner);
    request.set_requests_per_minute(own);
    v1::CheckPermissionRequest about;
    about.set_api_key(Must(server.Call(&Identity::IssueApiKey, request, server.root())).secret());
    about.set_permission("posts:read");
    EXPECT_EQ(server.Check(about).quota().limit(), limit) << own;
  }
}

// A person's frontend needs few calls; whoever needs many has an API key.
TEST(SessionQuotaTest, CallsWithASessionAreLimited) {
  TestServer server([](Config& config) { config.throttle.session_calls_per_minute = 5; });
  const TestUser user = server.MakeUser();
  const v1::TokenSet stolen = server.Login(user);
  const Metadata thief = Bearer(stolen.access_token());
  const auto get = [&](const Metadata& caller) {
    return server.Call(&Account::GetAccount, v1::GetAccountRequest(), caller);
  };
  const auto denied = [&] { return server.Call(&Admin::ListUsers, v1::ListUsersRequest(), thief); };
  for (int i = 0; i < 3; ++i) EXPECT_THAT(get(thief), Succeeds());
  for (int i = 0; i < 2; ++i) EXPECT_THAT(denied(), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(denied(), FailsWith(ErrorReason::kRateLimited)) << "denied calls count, too";
  const auto refused = get(thief);
  EXPECT_THAT(refused, FailsWith(ErrorReason::kRateLimited));
  EXPECT_EQ(refused.trailing.find("ratelimit-limit")->second, "5");
  const Metadata owner = Bearer(server.Login(user).access_token());
  EXPECT_THAT(get(owner), Succeeds()) << "the thief cannot keep the owner out";
  EXPECT_THAT(server.Call(&Identity::Revoke, Proto<v1::RevokeRequest>("session_id: '$0'", stolen.session_id()), owner),
              Succeeds());
  const std::string key = server.IssueKey(user.id, {}).secret();
  EXPECT_THAT(get(ApiKeyHeader(key)), Succeeds()) << "keys have their own quotas";
  EXPECT_EQ(
      server
          .Check(Proto<v1::CheckPermissionRequest>("principal_id: '$0' permission: 'identity:self:read' resource: "
                                                   "'users/$0'",
                                                   user.id))
          .reason(),
      v1::REASON_GRANTED)
      << "what backends ask about the user is not the user's call";
  for (int i = 0; i < 3; ++i) get(owner);
  EXPECT_THAT(get(owner), FailsWith(ErrorReason::kRateLimited));
  server.AdvanceUptime(absl::Minutes(2));
  EXPECT_THAT(get(owner), Succeeds());
}

}  // namespace
}  // namespace identity
