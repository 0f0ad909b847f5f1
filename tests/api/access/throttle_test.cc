#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "server/domain/opaque_token.h"
#include "tests/support/harness.h"
#include "tests/support/people.h"
#include "tests/support/quiet_protobuf.h"

namespace identity {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

constexpr char kWrong[] = "a wrong password";

// Logins come through a frontend that vouches for client addresses. Each test uses its own addresses.
class ThrottleTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<TestServer>([](Config& config) {
      config.throttle = {.login_failures_per_minute = 5,
                         .registrations_per_hour = 3,
                         .mails_per_hour = 3,
                         .calls_per_minute = 30,
                         .new_passwords_per_minute = 10};
      EXPECT_TRUE(config.trusted_proxies.Add("127.0.0.0/8"));
      // No server listens there: the tests look only at the mails that wait.
      config.mail.smtp.url = "smtp://127.0.0.1:1";
      config.mail.smtp.allow_plaintext = true;
      config.mail.from = "identity@example.com";
    });
    const std::string account = server_->MakeServiceAccount();
    server_->Bind(account, "frontend");
    frontend_ = ApiKeyHeader(server_->IssueKey(account, {}).secret());
  }
  static void TearDownTestSuite() { server_.reset(); }
  // Ends the windows of earlier tests.
  void SetUp() override { server().AdvanceUptime(absl::Hours(2)); }
  static TestServer& server() { return *server_; }
  static const Metadata& frontend() { return frontend_; }

  static Result<v1::AuthenticateResponse> LoginFrom(const std::string& address, const std::string& login,
                                                    const std::string& password, const Metadata& metadata) {
    v1::AuthenticateRequest request;
    request.mutable_password()->set_login(login);
    request.mutable_password()->set_password(password);
    request.mutable_client_info()->set_ip_address(address);
    return server().Call(&Identity::Authenticate, request, metadata);
  }
  static Result<v1::AuthenticateResponse> LoginFrom(const std::string& address, const std::string& login,
                                                    const std::string& password = kWrong) {
    return LoginFrom(address, login, password, frontend());
  }
  static Result<v1::AuthenticateResponse> LoginWithKeyFrom(const std::string& address, const std::string& key) {
    v1::AuthenticateRequest request;
    request.mutable_api_key()->set_key(key);
    request.mutable_client_info()->set_ip_address(address);
    return server().Call(&Identity::Authenticate, request, frontend());
  }
  static Result<v1::AuthenticateResponse> LoginWithCodeFrom(const std::string& address, const std::string& challenge) {
    v1::AuthenticateRequest request;
    request.mutable_mfa()->set_challenge_token(challenge);
    request.mutable_mfa()->set_totp_code("123456");
    request.mutable_client_info()->set_ip_address(address);
    return server().Call(&Identity::Authenticate, request, frontend());
  }
  // Uses up the failures of an address, without hashing a password.
  static void LockOut(const std::string& address) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_THAT(LoginWithKeyFrom(address, "no key"), FailsWith(ErrorReason::kInvalidCredentials)) << i;
    }
  }
  static Result<v1::RegisterResponse> RegisterFrom(const std::string& address, const std::string& username,
                                                   const std::string& password = "correct horse battery staple") {
    v1::RegisterRequest request;
    request.set_username(username);
    request.set_email(username + "@example.com");
    request.set_password(password);
    request.mutable_client_info()->set_ip_address(address);
    return server().Call(&Account::Register, request, frontend());
  }
  static Result<v1::RequestPasswordResetResponse> RequestResetFrom(const std::string& address,
                                                                   const std::string& login) {
    v1::RequestPasswordResetRequest request;
    request.set_login(login);
    request.mutable_client_info()->set_ip_address(address);
    return server().Call(&Account::RequestPasswordReset, request, frontend());
  }
  static std::string MailsTo(const TestUser& user) {
    return server().Ask("SELECT count(*)::text FROM mailed_tokens WHERE principal_id = '" + user.id + "'");
  }
  static grpc::Status RevokeNothing(const Metadata& metadata = {}) {
    v1::RevokeRequest request;
    request.set_refresh_token("no token");
    return server().Call(&Identity::Revoke, request, metadata).status;
  }
  static grpc::Status BatchOf(const std::string& bytes, const Metadata& metadata = {}) {
    return server().CallRaw("identity.v1.IdentityService/BatchCheckPermissions", bytes, metadata).status;
  }
  static std::string AuditedRefusals(const std::string& limit, const std::string& address) {
    return server().Ask(
        absl::Substitute("SELECT count(*)::text FROM audit_events WHERE event = 'rate_limited' AND "
                         "outcome = 'failure' AND target = '$0' AND ip_address = '$1'",
                         limit, address));
  }

 private:
  static std::unique_ptr<TestServer> server_;
  static Metadata frontend_;
};

std::unique_ptr<TestServer> ThrottleTest::server_;
Metadata ThrottleTest::frontend_;

TEST_F(ThrottleTest, TheSixthFailureFromAnAddressIsRefusedWithARetryDelay) {
  const TestUser user = server().MakeUser();
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(LoginFrom("192.0.2.1", "nobody"), FailsWith(ErrorReason::kInvalidCredentials));
  }
  const auto refused = LoginFrom("192.0.2.1", user.username, user.password);
  ASSERT_THAT(refused, FailsWith(ErrorReason::kRateLimited)) << "even with the right password";
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto retry = DetailsOf(refused.status).retry;
  ASSERT_TRUE(retry);
  EXPECT_THAT(retry->retry_delay().seconds(), AllOf(Ge(1), Le(60)));
  EXPECT_EQ(refused.trailing.find("ratelimit-limit")->second, "5");
  EXPECT_EQ(refused.trailing.find("ratelimit-remaining")->second, "0");
  EXPECT_EQ(refused.trailing.find("ratelimit-reset")->second, absl::StrCat(retry->retry_delay().seconds() + 1))
      << "rounded up";
}

TEST_F(ThrottleTest, KnownAndUnknownNamesGetTheSameRefusal) {
  const TestUser user = server().MakeUser();
  LockOut("192.0.2.2");
  const grpc::Status known = LoginFrom("192.0.2.2", user.username).status;
  const grpc::Status unknown = LoginFrom("192.0.2.2", "nobody").status;
  EXPECT_THAT(known, FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(unknown, FailsWith(ErrorReason::kRateLimited));
  EXPECT_EQ(known.error_message(), unknown.error_message());
}

TEST_F(ThrottleTest, ARefusedGuessDoesNotCountForTheAccount) {
  const TestUser user = server().MakeUser();
  LockOut("192.0.2.3");
  for (int i = 0; i < 6; ++i) LoginFrom("192.0.2.3", user.username);
  EXPECT_THAT(LoginFrom("192.0.2.4", user.username, user.password), Succeeds());
}

TEST_F(ThrottleTest, RightPasswordsAreNotCounted) {
  const TestUser user = server().MakeUser();
  for (int i = 0; i < 4; ++i) LoginFrom("192.0.2.5", "nobody");
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(LoginFrom("192.0.2.5", user.username, user.password), Succeeds()) << i;
  }
  EXPECT_THAT(LoginFrom("192.0.2.5", "nobody"), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(LoginFrom("192.0.2.5", "nobody"), FailsWith(ErrorReason::kRateLimited));
}

TEST_F(ThrottleTest, AMalformedLoginIsNotCounted) {
  const std::string too_long(1025, 'x');
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(LoginFrom("192.0.2.6", "nobody", too_long), FailsWith(ErrorReason::kInvalidField));
  }
}

TEST_F(ThrottleTest, TheLimitEndsWithTheWindow) {
  LockOut("192.0.2.7");
  server().AdvanceUptime(absl::Seconds(30));
  EXPECT_THAT(LoginFrom("192.0.2.7", "nobody"), FailsWith(ErrorReason::kRateLimited));
  server().AdvanceUptime(absl::Seconds(30));
  EXPECT_THAT(LoginFrom("192.0.2.7", "nobody"), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(ThrottleTest, KeysAndCodesCountWithPasswords) {
  const std::string madeup_key = "idk_no_key_at_all";
  EXPECT_THAT(LoginWithKeyFrom("192.0.2.8", madeup_key), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(LoginWithKeyFrom("192.0.2.8", ""), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(LoginWithCodeFrom("192.0.2.8", "no challenge"), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(LoginWithCodeFrom("192.0.2.8", "idc_none"), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(LoginFrom("192.0.2.8", "nobody"), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(LoginWithKeyFrom("192.0.2.8", madeup_key), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(LoginWithCodeFrom("192.0.2.8", "no challenge"), FailsWith(ErrorReason::kRateLimited));
}

TEST_F(ThrottleTest, AGoodKeyIsNotCounted) {
  const std::string key = server().IssueKey(server().MakeServiceAccount(), {}).secret();
  for (int i = 0; i < 10; ++i) EXPECT_THAT(LoginWithKeyFrom("192.0.2.9", key), Succeeds());
}

TEST_F(ThrottleTest, AnIpv6NetworkIsOneClient) {
  for (int i = 1; i <= 5; ++i) LoginFrom(absl::StrCat("2001:db8:1:1:ffff::", i), "nobody");
  EXPECT_THAT(LoginFrom("2001:db8:1:1::6", "nobody"), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(LoginFrom("2001:db8:1:2::6", "nobody"), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(ThrottleTest, WithoutThePermissionToVouchThePeersAddressCounts) {
  const std::string account = server().MakeServiceAccount();
  const Metadata stranger = ApiKeyHeader(server().IssueKey(account, {}).secret());
  for (int i = 1; i <= 5; ++i) {
    LoginFrom(absl::StrCat("198.51.100.", i), "nobody", kWrong, i % 2 == 0 ? stranger : Metadata());
  }
  EXPECT_THAT(LoginFrom("198.51.100.6", "nobody", kWrong, stranger), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(LoginFrom("198.51.100.7", "nobody", kWrong, {}), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(LoginFrom("198.51.100.1", "nobody"), FailsWith(ErrorReason::kInvalidCredentials))
      << "nothing counted for this address";
}

TEST_F(ThrottleTest, AFrontendThatSendsNoAddressIsLimitedByItsOwn) {
  LockOut("");
  EXPECT_THAT(LoginFrom("", "nobody"), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(LoginFrom("no address", "nobody"), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(LoginFrom("192.0.2.10", "nobody"), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(ThrottleTest, ParallelGuessesDoNotExceedTheLimit) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> guessers;
  for (int i = 0; i < 30; ++i) {
    guessers.emplace_back([&wrong] {
      if (FailsBy(LoginFrom("192.0.2.11", "nobody").status, ErrorReason::kInvalidCredentials)) ++wrong;
    });
  }
  for (std::thread& guesser : guessers) guesser.join();
  EXPECT_THAT(wrong.load(), AllOf(Ge(1), Le(5)));
}

TEST_F(ThrottleTest, AFloodOfOthersDoesNotFreeALockedOutAddress) {
  LockOut("192.0.2.12");
  for (int i = 0; i < 2000; ++i) LoginWithKeyFrom(absl::StrCat("10.1.", i / 250, ".", i % 250), "no key");
  EXPECT_THAT(LoginFrom("192.0.2.12", "nobody"), FailsWith(ErrorReason::kRateLimited));
}

TEST_F(ThrottleTest, TheFirstRefusalOfAWindowIsAudited) {
  LockOut("192.0.2.13");
  EXPECT_EQ(AuditedRefusals("login_failures", "192.0.2.13"), "0");
  for (int i = 0; i < 3; ++i) LoginFrom("192.0.2.13", "nobody");
  EXPECT_EQ(AuditedRefusals("login_failures", "192.0.2.13"), "1");
  server().AdvanceUptime(absl::Minutes(1));
  LockOut("192.0.2.13");
  for (int i = 0; i < 3; ++i) LoginFrom("192.0.2.13", "nobody");
  EXPECT_EQ(AuditedRefusals("login_failures", "192.0.2.13"), "2");
}

TEST_F(ThrottleTest, StepUpCodesCountForTheAccountOnly) {
  const auto step_up = Proto<v1::AuthenticateRequest>("mfa { recovery_code: '0000-0000-0000-0000-0000-0000' }");
  std::vector<Metadata> sessions;
  for (int i = 0; i < 2; ++i) {
    const TestUser user = server().MakeUser();
    sessions.push_back(Bearer(server().Login(user).access_token()));
    server().database().Execute(
        "INSERT INTO totp_factors (principal_id, sealed_secret, master_key_id, confirm_time) VALUES ('" + user.id +
        "', '', '', now())");
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(server().Call(&Identity::Authenticate, step_up, sessions[0]),
                FailsWith(ErrorReason::kInvalidCredentials));
  }
  EXPECT_THAT(server().Call(&Identity::Authenticate, step_up, sessions[0]), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(server().Call(&Identity::Authenticate, step_up, sessions[1]),
              FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(ThrottleTest, CodesThatConfirmAnAppCountForTheAccount) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  v1::EnrollTotpRequest enroll;
  *enroll.mutable_proof() = ProofOf(user);
  Must(server().Call(&Account::EnrollTotp, enroll, session));
  const auto confirm = Proto<v1::ConfirmTotpRequest>("totp_code: '000000'");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(server().Call(&Account::ConfirmTotp, confirm, session), FailsWith(ErrorReason::kInvalidCredentials));
  }
  EXPECT_THAT(server().Call(&Account::ConfirmTotp, confirm, session), FailsWith(ErrorReason::kRateLimited));
}

// A right proof costs as much as a wrong one.
TEST_F(ThrottleTest, RightProofsCountForTheAccount) {
  v1::DisableTotpRequest disable;
  const auto call = [&](const TestUser& user, const Metadata& session) {
    *disable.mutable_proof() = ProofOf(user);
    return server().Call(&Account::DisableTotp, disable, session);
  };
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  for (int i = 0; i < 10; ++i) EXPECT_THAT(call(user, session), FailsWith(ErrorReason::kMfaNotEnrolled)) << i;
  EXPECT_THAT(call(user, session), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(call(user, SessionOf(server(), user)), FailsWith(ErrorReason::kRateLimited)) << "in all its sessions";
  const TestUser other = server().MakeUser();
  EXPECT_THAT(call(other, SessionOf(server(), other)), FailsWith(ErrorReason::kMfaNotEnrolled));
}

TEST_F(ThrottleTest, RightLoginsCountAsCallsOfTheClientsAddress) {
  const TestUser user = server().MakeUser();
  for (int i = 0; i < 30; ++i) EXPECT_THAT(LoginFrom("192.0.2.60", user.username, user.password), Succeeds()) << i;
  EXPECT_THAT(LoginFrom("192.0.2.60", user.username, user.password), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(LoginFrom("192.0.2.61", user.username, user.password), Succeeds());
}

TEST_F(ThrottleTest, CallsWithoutACredentialAreLimited) {
  for (int i = 0; i < 30; ++i) EXPECT_THAT(RevokeNothing(), Succeeds()) << i;
  EXPECT_THAT(RevokeNothing(), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(server().Call(&Identity::CheckPermission, v1::CheckPermissionRequest()),
              FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(RevokeNothing(server().root()), Succeeds()) << "a good credential is not counted";
  server().AdvanceUptime(absl::Minutes(1));
  EXPECT_THAT(RevokeNothing(), Succeeds());
}

TEST_F(ThrottleTest, ATrustedProxySaysWhoseCallsTheyAre) {
  const auto calls_from = [](const std::string& forwarded, int calls) {
    for (int i = 1; i < calls; ++i) EXPECT_THAT(RevokeNothing({{"x-forwarded-for", forwarded}}), Succeeds()) << i;
    return RevokeNothing({{"x-forwarded-for", forwarded}});
  };
  EXPECT_THAT(calls_from("203.0.113.1", 31), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(calls_from("203.0.113.2", 30), Succeeds());
  EXPECT_THAT(calls_from("198.51.100.1, 203.0.113.1", 1), FailsWith(ErrorReason::kRateLimited))
      << "a client wrote the first address";
  EXPECT_THAT(calls_from("203.0.113.1, 127.0.0.9", 1), FailsWith(ErrorReason::kRateLimited)) << "through two proxies";
  EXPECT_THAT(RevokeNothing(), Succeeds()) << "the proxy's own call";
  EXPECT_EQ(AuditedRefusals("calls", "203.0.113.1"), "1");
}

TEST_F(ThrottleTest, BadCredentialsCountAsNone) {
  v1::CheckPermissionRequest check = Proto<v1::CheckPermissionRequest>("self: true permission: 'a:b'");
  const std::string madeup(
      OpaqueToken(OpaqueToken::Kind::kApiKey, Uuid(), Secret(std::string(32, 'x'))).ToText().Reveal());
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(RevokeNothing(Bearer("no token")), FailsWith(ErrorReason::kCallerInvalid));
    EXPECT_THAT(server().Call(&Identity::CheckPermission, check, Bearer("no token")),
                FailsWith(ErrorReason::kCallerInvalid));
    EXPECT_THAT(server().Call(&Identity::CheckPermission, check, ApiKeyHeader(madeup)),
                FailsWith(ErrorReason::kCallerInvalid));
  }
  EXPECT_THAT(RevokeNothing(Bearer("no token")), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(server().Call(&Identity::CheckPermission, check, Bearer("no token")),
              FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(server().Call(&Identity::CheckPermission, check, ApiKeyHeader(madeup)),
              FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(RevokeNothing(), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(server().Call(&Identity::CheckPermission, check, server().root()), Succeeds());
}

// Whatever credential the caller has, because it is not verified.
TEST_F(ThrottleTest, RequestsThatAreRefusedUnparsedCountAsCallsOfStrangers) {
  const QuietProtobuf quiet;
  std::string many_checks;
  for (int i = 0; i < 1001; ++i) many_checks += std::string("\x0a\x00", 2);
  const std::string too_large(1024 * 1024 + 1, 'A');
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(BatchOf(many_checks, server().root()), RefusesField("checks"));
    EXPECT_THAT(BatchOf("\xff", server().root()), RefusesField("request"));
    EXPECT_THAT(BatchOf(too_large, server().root()), FailsWith(ErrorReason::kRequestTooLarge));
  }
  for (const std::string& bytes : {many_checks, std::string("\xff"), too_large}) {
    EXPECT_THAT(BatchOf(bytes, server().root()), FailsWith(ErrorReason::kRateLimited));
  }
  EXPECT_THAT(RevokeNothing(), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(RevokeNothing(server().root()), Succeeds());
}

TEST_F(ThrottleTest, UnknownMethodsCountAsCallsOfStrangers) {
  const auto call = [] { return server().CallRaw("identity.v1.IdentityService/Guess", "", server().root()); };
  for (int i = 0; i < 30; ++i) EXPECT_THAT(call(), FailsWith(ErrorReason::kNotImplemented)) << i;
  EXPECT_THAT(call(), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(RevokeNothing(), FailsWith(ErrorReason::kRateLimited));
}

// A large request of a stranger counts once before it is parsed, and once as a call without a credential.
TEST_F(ThrottleTest, LargeRequestsOfStrangersAreCountedBeforeTheyAreParsed) {
  v1::BatchCheckPermissionsRequest batch;
  for (int i = 0; i < 30; ++i) {
    *batch.add_checks() = Proto<v1::CheckPermissionRequest>("anonymous: true permission: 'a:b'");
    batch.mutable_checks(i)->set_access_token(std::string(3000, '.'));
  }
  const std::string large = batch.SerializeAsString();
  for (int i = 0; i < 40; ++i) EXPECT_THAT(BatchOf(large, server().root()), Succeeds()) << i;
  for (int i = 0; i < 15; ++i) EXPECT_THAT(BatchOf(large), FailsWith(ErrorReason::kCallerUnknown)) << i;
  EXPECT_THAT(BatchOf(large), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(BatchOf(large, server().root()), Succeeds()) << "memory knows this caller";
}

TEST_F(ThrottleTest, RefreshesCountForTheClientsAddress) {
  v1::RefreshRequest request;
  request.set_refresh_token("no token");
  request.mutable_client_info()->set_ip_address("192.0.2.14");
  for (int i = 0; i < 30; ++i) {
    EXPECT_THAT(server().Call(&Identity::Refresh, request, frontend()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  }
  EXPECT_THAT(server().Call(&Identity::Refresh, request, frontend()), FailsWith(ErrorReason::kRateLimited));
  request.mutable_client_info()->set_ip_address("192.0.2.15");
  EXPECT_THAT(server().Call(&Identity::Refresh, request, frontend()), FailsWith(ErrorReason::kRefreshTokenInvalid));
}

TEST_F(ThrottleTest, AnAddressMayRegisterThreeAccountsAnHour) {
  for (int i = 0; i < 3; ++i) EXPECT_THAT(RegisterFrom("192.0.2.16", absl::StrCat("three-", i)), Succeeds());
  EXPECT_THAT(RegisterFrom("192.0.2.16", "three-3"), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(RegisterFrom("192.0.2.17", "three-3"), Succeeds());
  server().AdvanceUptime(absl::Minutes(59));
  EXPECT_THAT(RegisterFrom("192.0.2.16", "three-4"), FailsWith(ErrorReason::kRateLimited));
  server().AdvanceUptime(absl::Minutes(1));
  EXPECT_THAT(RegisterFrom("192.0.2.16", "three-4"), Succeeds());
}

TEST_F(ThrottleTest, AMalformedRegistrationIsNotCountedButATakenNameIs) {
  const TestUser user = server().MakeUser();
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(RegisterFrom("192.0.2.18", "form", "short"), FailsWith(ErrorReason::kInvalidField));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(RegisterFrom("192.0.2.18", user.username), FailsWith(ErrorReason::kAlreadyExists));
  }
  EXPECT_THAT(RegisterFrom("192.0.2.18", user.username), FailsWith(ErrorReason::kRateLimited));
}

TEST_F(ThrottleTest, RefusedPasswordsOfRegistrationsCountForTheAddress) {
  const auto runs_on_hash_threads = [] { return server().metrics().hash_duration.Read().count; };
  const uint64_t before = runs_on_hash_threads();
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(RegisterFrom("192.0.2.50", "weak", "password1"), RefusesField("password")) << i;
  }
  EXPECT_EQ(runs_on_hash_threads(), before + 10);
  EXPECT_THAT(RegisterFrom("192.0.2.50", "weak"), FailsWith(ErrorReason::kRateLimited)) << "even with a good one";
  EXPECT_EQ(runs_on_hash_threads(), before + 10) << "counted before it is checked";
  EXPECT_THAT(RegisterFrom("192.0.2.51", "weak", "password1"), RefusesField("password"));
  server().AdvanceUptime(absl::Minutes(1));
  for (int i = 0; i < 3; ++i) EXPECT_THAT(RegisterFrom("192.0.2.50", absl::StrCat("weak-", i)), Succeeds()) << i;
}

TEST_F(ThrottleTest, RefusedPasswordsOfAnAccountCountForIt) {
  const TestUser user = server().MakeUser();
  const Metadata session = Bearer(server().Login(user).access_token());
  v1::ChangePasswordRequest change;
  change.mutable_proof()->set_current_password(user.password);
  change.set_new_password("password1");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(server().Call(&Account::ChangePassword, change, session), RefusesField("new_password")) << i;
  }
  Must(RequestResetFrom("192.0.2.52", user.username));
  v1::ResetPasswordRequest reset;
  reset.set_token(MailedToken(server(), MailKind::kResetPassword, user.email));
  reset.set_new_password("password1");
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(server().Call(&Account::ResetPassword, reset), RefusesField("new_password")) << i;
  }
  reset.set_new_password("incorrect zebra battery staple");
  change.set_new_password("incorrect zebra battery staple");
  EXPECT_THAT(server().Call(&Account::ResetPassword, reset), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(server().Call(&Account::ChangePassword, change, session), FailsWith(ErrorReason::kRateLimited));
  server().AdvanceUptime(absl::Minutes(1));
  EXPECT_THAT(server().Call(&Account::ResetPassword, reset), Succeeds()) << "the token is still valid";
}

TEST_F(ThrottleTest, AnAccountGetsThreeMailsAnHourAndSoDoesAnUnknownName) {
  const TestUser user = server().MakeUser();
  for (const std::string& name : {user.username, std::string("nobody-at-all")}) {
    for (int i = 0; i < 3; ++i) EXPECT_THAT(RequestResetFrom("192.0.2.19", name), Succeeds()) << name;
    EXPECT_THAT(RequestResetFrom("192.0.2.20", " " + name), FailsWith(ErrorReason::kRateLimited)) << name;
  }
  EXPECT_EQ(MailsTo(user), "3");
}

TEST_F(ThrottleTest, TwoNamesOfOneAccountShareItsMailsWithoutRevealingIt) {
  const TestUser user = server().MakeUser();
  for (int i = 0; i < 3; ++i) RequestResetFrom("192.0.2.21", user.username);
  EXPECT_THAT(RequestResetFrom("192.0.2.21", user.email), Succeeds());
  EXPECT_EQ(MailsTo(user), "3");
}

TEST_F(ThrottleTest, AnAddressMayRequestTwentyMailsAnHour) {
  for (int i = 0; i < 20; ++i) EXPECT_THAT(RequestResetFrom("192.0.2.22", absl::StrCat("nobody-", i)), Succeeds());
  EXPECT_THAT(RequestResetFrom("192.0.2.22", "nobody-20"), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(RequestResetFrom("192.0.2.23", "nobody-20"), Succeeds());
}

TEST_F(ThrottleTest, AVerificationIsSentThreeTimesAnHour) {
  const TestUser user = server().MakeUser();
  const Metadata session = Bearer(server().Login(user).access_token());
  const v1::ResendVerificationRequest request;
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(server().Call(&Account::ResendVerification, request, session), Succeeds());
  }
  EXPECT_THAT(server().Call(&Account::ResendVerification, request, session), FailsWith(ErrorReason::kRateLimited));
  const Metadata other = Bearer(server().Login(server().MakeUser()).access_token());
  EXPECT_THAT(server().Call(&Account::ResendVerification, request, other), Succeeds()) << "the limit is per account";
}

TEST_F(ThrottleTest, StrangersCannotUseUpTheOwnersMails) {
  const TestUser user = server().MakeUser();
  const Metadata session = Bearer(server().Login(user).access_token());
  for (int i = 0; i < 4; ++i) RequestResetFrom("198.51.100.77", user.username);
  EXPECT_EQ(MailsTo(user), "3");
  EXPECT_THAT(server().Call(&Account::ResendVerification, v1::ResendVerificationRequest(), session), Succeeds());
  EXPECT_EQ(MailsTo(user), "4");
}

}  // namespace
}  // namespace identity
