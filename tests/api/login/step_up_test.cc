#include <atomic>

#include "absl/strings/str_cat.h"
#include "tests/support/people.h"

namespace identity {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;

constexpr int64_t kHour = 3600;

class StepUpTest : public RpcTest {
 protected:
  // A user with a second factor, and a session that began before its enrolment.
  struct Person {
    TestUser user;
    v1::TokenSet tokens;
    Factor factor;
    Metadata session() const { return Bearer(tokens.access_token()); }
  };
  static Person MakePerson() {
    const TestUser user = server().MakeUser();
    const v1::TokenSet tokens = server().Login(user);
    return {user, tokens, GiveFactor(server(), user)};
  }
  static v1::TokenSet StepUp(const Person& person) {
    ForgetStep(server(), person.user);
    return Must(TryCode(server(), "", person.factor.app.Code(server()), person.session())).tokens();
  }
  // Grants `permission` by a role that counts for an hour after a second factor.
  static void GrantForAnHourAfterMfa(const TestUser& user, const std::string& permission) {
    v1::CreateRoleRequest request;
    request.mutable_role()->set_name("careful-" + user.username);
    request.mutable_role()->add_permissions(permission);
    request.mutable_role()->mutable_mfa_max_age()->set_seconds(kHour);
    server().Bind(user.id, Must(server().Call(&Admin::CreateRole, request, server().root())).role().name());
  }
  static void AgeProof(const v1::TokenSet& tokens, const std::string& span) {
    server().database().Execute("UPDATE sessions SET auth_time = auth_time - interval '" + span + "' WHERE id = '" +
                                tokens.session_id() + "'");
  }
};

TEST_F(StepUpTest, ProvesTheFactorInTheSameSession) {
  const Person person = MakePerson();
  EXPECT_EQ(ClaimsOf(person.tokens.access_token()).at("amr"), json::array({"pwd"}));
  AgeProof(person.tokens, "1 hour");
  const v1::TokenSet tokens = StepUp(person);
  EXPECT_EQ(tokens.session_id(), person.tokens.session_id());
  EXPECT_THAT(tokens.refresh_token(), IsEmpty());
  const json claims = ClaimsOf(tokens.access_token());
  EXPECT_EQ(claims.at("amr"), json::array({"pwd", "otp", "mfa"}));
  EXPECT_GE(claims.at("auth_time").get<int64_t>() + 1, ClaimsOf(person.tokens.access_token()).at("auth_time"));
  EXPECT_EQ(AccountOf(server(), person.session()).id(), person.user.id) << "the earlier token remains valid";
}

TEST_F(StepUpTest, ARefreshKeepsTheProofAndItsTime) {
  const Person person = MakePerson();
  StepUp(person);
  AgeProof(person.tokens, "30 minutes");
  const auto refreshed = Must(TryRefresh(server(), person.tokens.refresh_token())).tokens();
  const json claims = ClaimsOf(refreshed.access_token());
  EXPECT_EQ(claims.at("amr"), json::array({"pwd", "otp", "mfa"}));
  EXPECT_LE(claims.at("auth_time").get<int64_t>() + kHour / 2, claims.at("iat").get<int64_t>() + 1);
}

TEST_F(StepUpTest, ARoleThatRequiresAFactorCountsForItsMaxAge) {
  const Person person = MakePerson();
  GrantForAnHourAfterMfa(person.user, "payroll:write");
  EXPECT_EQ(server().ReasonFor(person.tokens.access_token(), "payroll:write"), v1::REASON_STEP_UP_REQUIRED);
  EXPECT_EQ(server().ReasonFor(person.tokens.access_token(), "payroll:delete"), v1::REASON_NO_BINDING);
  const v1::TokenSet stepped_up = StepUp(person);
  EXPECT_EQ(server().ReasonFor(stepped_up.access_token(), "payroll:write"), v1::REASON_GRANTED);
  EXPECT_EQ(server().ReasonFor(person.tokens.access_token(), "payroll:write"), v1::REASON_STEP_UP_REQUIRED)
      << "the earlier token shows no factor";
  AgeProof(person.tokens, "61 minutes");
  const auto refreshed = Must(TryRefresh(server(), person.tokens.refresh_token())).tokens();
  EXPECT_EQ(server().ReasonFor(refreshed.access_token(), "payroll:write"), v1::REASON_STEP_UP_REQUIRED);
  EXPECT_EQ(server().ReasonFor(StepUp(person).access_token(), "payroll:write"), v1::REASON_GRANTED);
}

// An intruder with the password must not be able to enrol a factor and then use it.
TEST_F(StepUpTest, AFactorThatWasEnrolledForTheRoleCountsAfterADay) {
  const TestUser user = server().MakeUser();
  GrantForAnHourAfterMfa(user, "payroll:write");
  const v1::TokenSet first = server().Login(user);
  EXPECT_TRUE(first.mfa_enrollment_required());
  const Factor factor = GiveFactor(server(), user);
  const auto log_in = [&](int code) {
    return Must(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[code])).tokens();
  };
  const v1::TokenSet tokens = log_in(0);
  EXPECT_EQ(server().ReasonFor(tokens.access_token(), "payroll:write"), v1::REASON_STEP_UP_REQUIRED);
  EXPECT_EQ(ClaimsOf(tokens.access_token()).at("amr"), json::array({"pwd"}))
      << "services that read tokens must not take it for a factor, either";
  EXPECT_THAT(TryCode(server(), "", factor.app.Code(server()), Bearer(tokens.access_token())),
              FailsWith(ErrorReason::kMfaTooNew));
  EXPECT_THAT(TryCode(server(), "", factor.app.WrongCode(server()), Bearer(tokens.access_token())),
              FailsWith(ErrorReason::kInvalidCredentials));
  const auto confirmed_ago = [&](const std::string& age) {
    server().database().Execute("UPDATE totp_factors SET confirm_time = now() - interval '" + age +
                                "' WHERE principal_id = '" + user.id + "'");
  };
  confirmed_ago("23 hours");
  EXPECT_EQ(server().ReasonFor(log_in(1).access_token(), "payroll:write"), v1::REASON_STEP_UP_REQUIRED);
  confirmed_ago("25 hours");
  EXPECT_EQ(server().ReasonFor(log_in(2).access_token(), "payroll:write"), v1::REASON_GRANTED);
  const auto stepped_up = Must(TryCode(server(), "", factor.app.Code(server()), Bearer(tokens.access_token())));
  EXPECT_EQ(server().ReasonFor(stepped_up.tokens().access_token(), "payroll:write"), v1::REASON_GRANTED)
      << "the refused step-up spent no code";
}

TEST_F(StepUpTest, AnAdministratorMayTrustAFactorEarlier) {
  const TestUser user = server().MakeUser();
  GrantForAnHourAfterMfa(user, "payroll:write");
  const auto trust = [&](const Metadata& caller) {
    return server().Call(&Admin::TrustSecondFactor, Proto<v1::TrustSecondFactorRequest>("user_id: '$0'", user.id),
                         caller);
  };
  EXPECT_THAT(trust(server().root()), FailsWith(ErrorReason::kMfaNotEnrolled));
  const Factor factor = GiveFactor(server(), user);
  EXPECT_THAT(trust(server().MakeCaller({"identity:users:write"})), FailsWith(ErrorReason::kPermissionDenied))
      << "who cannot grant the role must not open it either";
  Must(trust(server().root()));
  const auto login = Must(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0])).tokens();
  EXPECT_EQ(server().ReasonFor(login.access_token(), "payroll:write"), v1::REASON_GRANTED);
}

TEST_F(StepUpTest, WithoutAFactorALoginCanOnlyEnrolOne) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"posts:read"});
  EXPECT_FALSE(server().Login(user).mfa_enrollment_required());
  GrantForAnHourAfterMfa(user, "payroll:write");
  const v1::TokenSet tokens = server().Login(user);
  EXPECT_TRUE(tokens.mfa_enrollment_required());
  EXPECT_THAT(tokens.scopes(), ::testing::ElementsAre("identity:self:*"));
  EXPECT_EQ(server().ReasonFor(tokens.access_token(), "posts:read"), v1::REASON_SCOPE_INSUFFICIENT);
  GiveFactor(server(), user);
  EXPECT_TRUE(Must(TryPassword(server(), user.username, user.password)).has_mfa_challenge());
}

TEST_F(StepUpTest, SuperAdminsCanBeMadeToShowAFactor) {
  TestServer own;
  const TestUser root = own.root_user();
  const Factor factor = GiveFactor(own, root);
  const auto log_in = [&](int code) {
    return Bearer(
        Must(TryRecoveryCode(own, Challenge(own, root), factor.recovery_codes[code])).tokens().access_token());
  };
  const auto update = [&](const char* role, const Metadata& caller) {
    return own.Call(&Admin::UpdateRole, Proto<v1::UpdateRoleRequest>(role), caller);
  };
  const TestUser other = own.MakeUser();
  own.Bind(other.id, "super_admin");
  const std::string robot = own.MakeServiceAccount();
  own.Bind(robot, "super_admin");
  own.Grant(robot, {"identity:*"});
  const std::string robot_key = own.IssueKey(robot, {}).secret();
  const Metadata session = log_in(0);
  EXPECT_THAT(update("role { name: 'super_admin' permissions: 'posts:*' mfa_max_age { seconds: 60 } }", session),
              FailsWith(ErrorReason::kBuiltIn));
  EXPECT_THAT(update("role { name: 'self' mfa_max_age { seconds: 60 } }", session), FailsWith(ErrorReason::kBuiltIn));
  EXPECT_THAT(update("role { name: 'super_admin' mfa_max_age { seconds: 60 } }", own.MakeCaller({"identity:*"})),
              FailsWith(ErrorReason::kGrantExceedsCaller));
  Must(update("role { name: 'super_admin' mfa_max_age { seconds: 3600 } }", session));
  Must(update("role { name: 'admin' mfa_max_age { seconds: 3600 } }", session));
  const auto list = [&](const Metadata& caller) { return own.Call(&Admin::ListUsers, v1::ListUsersRequest(), caller); };
  EXPECT_THAT(list(own.root()), FailsWith(ErrorReason::kStepUpRequired)) << "a key never shows a factor";
  EXPECT_THAT(own.Call(&Admin::DisablePrincipal, Proto<v1::DisablePrincipalRequest>("principal_id: '$0'", other.id),
                       Bearer(robot_key)),
              FailsWith(ErrorReason::kSuperAdminRequired))
      << "a super admin who shows no factor is none";
  own.database().Execute("UPDATE totp_factors SET confirm_time = now() - interval '2 days'");
  EXPECT_THAT(list(log_in(1)), Succeeds());
}

TEST_F(StepUpTest, ALoginWithACodeCountsLikeAStepUp) {
  const Person person = MakePerson();
  GrantForAnHourAfterMfa(person.user, "payroll:write");
  const auto login = Must(TryRecoveryCode(server(), Challenge(server(), person.user), person.factor.recovery_codes[0]));
  EXPECT_EQ(server().ReasonFor(login.tokens().access_token(), "payroll:write"), v1::REASON_GRANTED);
}

TEST_F(StepUpTest, ApiKeysAndTheirTokensNeverCount) {
  const Person person = MakePerson();
  GrantForAnHourAfterMfa(person.user, "payroll:write");
  StepUp(person);
  const std::string key = server().IssueKey(person.user.id, {}).secret();
  const auto exchanged =
      Must(server().Call(&Identity::Authenticate, Proto<v1::AuthenticateRequest>("api_key { key: '$0' }", key)));
  const std::string& token = exchanged.tokens().access_token();
  EXPECT_EQ(
      server().Check(Proto<v1::CheckPermissionRequest>("api_key: '$0' permission: 'payroll:write'", key)).reason(),
      v1::REASON_STEP_UP_REQUIRED);
  EXPECT_EQ(server().ReasonFor(token, "payroll:write"), v1::REASON_STEP_UP_REQUIRED);
  ForgetStep(server(), person.user);
  for (const Metadata& caller : {ApiKeyHeader(key), Bearer(key), Bearer(token)}) {
    EXPECT_THAT(TryCode(server(), "", person.factor.app.Code(server()), caller),
                FailsWith(ErrorReason::kSessionRequired));
  }
  EXPECT_THAT(TryCode(server(), "", person.factor.app.Code(server()), person.session()), Succeeds())
      << "the refused attempts spent no code";
}

TEST_F(StepUpTest, AWrongCodeProvesNothing) {
  const Person person = MakePerson();
  EXPECT_THAT(TryCode(server(), "", person.factor.app.WrongCode(server()), person.session()),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), "", "0000-0000-0000-0000-0000-0000", person.session()),
              FailsWith(ErrorReason::kInvalidCredentials));
  const auto refreshed = Must(TryRefresh(server(), person.tokens.refresh_token())).tokens();
  EXPECT_EQ(ClaimsOf(refreshed.access_token()).at("amr"), json::array({"pwd"}));
}

TEST_F(StepUpTest, NeedsASessionAndASecondFactor) {
  EXPECT_THAT(TryCode(server(), "", "123456"), FailsWith(ErrorReason::kCallerUnknown));
  const TestUser without = server().MakeUser();
  EXPECT_THAT(TryCode(server(), "", "123456", SessionOf(server(), without)), FailsWith(ErrorReason::kMfaNotEnrolled));
}

TEST_F(StepUpTest, ACodeOfAnotherPersonOrASpentOneIsWrong) {
  const Person person = MakePerson();
  const Person other = MakePerson();
  EXPECT_THAT(TryCode(server(), "", other.factor.app.Code(server()), person.session()),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), "", other.factor.recovery_codes[0], person.session()),
              FailsWith(ErrorReason::kInvalidCredentials));
  const std::string code = person.factor.app.Code(server());
  EXPECT_EQ(CountSuccesses(20, [&] { return TryCode(server(), "", code, person.session()).status; }), 1);
  EXPECT_THAT(TryCode(server(), Challenge(server(), person.user), code), FailsWith(ErrorReason::kInvalidCredentials))
      << "the code is spent for logins, too";
}

TEST_F(StepUpTest, GuessesBlockTheAppAsAtALogin) {
  const Person person = MakePerson();
  const std::string wrong = person.factor.app.WrongCode(server());
  for (int i = 0; i < 10; ++i) TryCode(server(), "", wrong, person.session());
  EXPECT_THAT(TryCode(server(), "", person.factor.app.Code(server()), person.session()),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryCode(server(), Challenge(server(), person.user), person.factor.app.Code(server())),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), "", person.factor.recovery_codes[0], person.session()), Succeeds());
}

TEST_F(StepUpTest, AnEndedSessionCannotStepUp) {
  const Person person = MakePerson();
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("session_id: '$0'", person.tokens.session_id()),
                     server().root()));
  EXPECT_THAT(TryCode(server(), "", person.factor.app.Code(server()), person.session()),
              FailsWith(ErrorReason::kCallerInvalid));
}

TEST_F(StepUpTest, KeepsTheScopesOfTheToken) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  v1::AuthenticateRequest login;
  login.mutable_password()->set_login(user.username);
  login.mutable_password()->set_password(user.password);
  login.add_scopes("identity:self:read");
  const auto challenged = Must(server().Call(&Identity::Authenticate, login));
  const auto narrow =
      Must(TryCode(server(), challenged.mfa_challenge().challenge_token(), factor.app.Code(server()))).tokens();
  ForgetStep(server(), user);
  v1::AuthenticateRequest wider;
  wider.mutable_mfa()->set_totp_code(factor.app.Code(server()));
  wider.add_scopes("*");
  const auto tokens = Must(server().Call(&Identity::Authenticate, wider, Bearer(narrow.access_token()))).tokens();
  EXPECT_THAT(tokens.scopes(), ::testing::ElementsAre("identity:self:read"));
}

// A role may require a second factor for Identity's own RPCs, too.
TEST_F(StepUpTest, IdentitysOwnRpcsRequireIt) {
  const Person person = MakePerson();
  GrantForAnHourAfterMfa(person.user, "identity:users:read");
  const auto list = [](const std::string& token) {
    return server().Call(&Admin::ListUsers, v1::ListUsersRequest(), Bearer(token));
  };
  EXPECT_THAT(list(person.tokens.access_token()), FailsWith(ErrorReason::kStepUpRequired));
  EXPECT_THAT(list(StepUp(person).access_token()), Succeeds());
}

}  // namespace
}  // namespace identity
