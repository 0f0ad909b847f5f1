#include <atomic>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class MfaTest : public RpcTest {
 protected:
  static Result<v1::EnrollTotpResponse> Enroll(const Metadata& caller, const std::string& password) {
    v1::EnrollTotpRequest request;
    request.mutable_proof()->set_current_password(password);
    return server().Call(&Account::EnrollTotp, request, caller);
  }
  static Result<v1::ConfirmTotpResponse> Confirm(const Metadata& caller, const std::string& code) {
    v1::ConfirmTotpRequest request;
    request.set_totp_code(code);
    return server().Call(&Account::ConfirmTotp, request, caller);
  }
  static Result<v1::DisableTotpResponse> Disable(const Metadata& caller, const v1::Proof& proof) {
    v1::DisableTotpRequest request;
    *request.mutable_proof() = proof;
    return server().Call(&Account::DisableTotp, request, caller);
  }
  static Result<v1::RegenerateRecoveryCodesResponse> Regenerate(const Metadata& caller, const v1::Proof& proof) {
    v1::RegenerateRecoveryCodesRequest request;
    *request.mutable_proof() = proof;
    return server().Call(&Account::RegenerateRecoveryCodes, request, caller);
  }
  // Tries `count` wrong codes of the app, five for each challenge.
  static void ShowWrongCodes(const TestUser& user, const App& app, int count) {
    const std::string wrong = app.WrongCode(server());
    std::string challenge;
    for (int i = 0; i < count; ++i) {
      if (i % 5 == 0) challenge = Challenge(server(), user);
      EXPECT_THAT(TryCode(server(), challenge, wrong), FailsWith(ErrorReason::kInvalidCredentials)) << i;
    }
  }
  static std::string Stored(const TestUser& user, const std::string& column) {
    return server().Ask("SELECT " + column + "::text FROM totp_factors WHERE principal_id = '" + user.id + "'");
  }
};

TEST_F(MfaTest, AnAppIsASecondFactorOnceItIsConfirmed) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  const auto enrolled = Must(Enroll(session, user.password));
  EXPECT_TRUE(absl::StartsWith(enrolled.otpauth_uri(), "otpauth://totp/Identity:" + user.username + "?secret="));
  EXPECT_TRUE(absl::StartsWith(enrolled.qr_code_png(), "\x89PNG"));
  EXPECT_FALSE(AccountOf(server(), session).mfa_enabled());
  EXPECT_TRUE(Must(TryPassword(server(), user.username, user.password)).has_tokens()) << "not confirmed";
  const App app(enrolled.otpauth_uri());
  const auto confirmed = Must(Confirm(session, app.Code(server())));
  const std::set<std::string> codes(confirmed.recovery_codes().begin(), confirmed.recovery_codes().end());
  EXPECT_THAT(codes, SizeIs(10));
  const v1::Account account = AccountOf(server(), session);
  EXPECT_TRUE(account.mfa_enabled());
  EXPECT_EQ(account.recovery_codes_left(), 10);
  ForgetStep(server(), user);
  const auto challenged = Must(TryPassword(server(), user.username, user.password));
  ASSERT_TRUE(challenged.has_mfa_challenge());
  EXPECT_TRUE(absl::StartsWith(challenged.mfa_challenge().challenge_token(), "idc_"));
  EXPECT_THAT(challenged.mfa_challenge().methods(), ElementsAre(v1::MFA_METHOD_TOTP, v1::MFA_METHOD_RECOVERY_CODE));
  const auto tokens =
      Must(TryCode(server(), challenged.mfa_challenge().challenge_token(), app.Code(server()))).tokens();
  EXPECT_EQ(ClaimsOf(tokens.access_token()).at("amr"), nlohmann::json::array({"pwd", "otp", "mfa"}));
  EXPECT_THAT(TryRefresh(server(), tokens.refresh_token()), Succeeds());
}

TEST_F(MfaTest, RecoveryCodesAreNeitherStoredNorAudited) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string digits = absl::StrReplaceAll(factor.recovery_codes[0], {{"-", ""}});
  for (const char* table : {"audit_events", "totp_factors", "recovery_codes"}) {
    const std::string like = absl::StrCat("SELECT count(*)::text FROM ", table, " t WHERE t::text LIKE '%");
    EXPECT_EQ(server().Ask(like + digits + "%'"), "0");
    EXPECT_EQ(server().Ask(like + factor.recovery_codes[0] + "%'"), "0");
  }
}

TEST_F(MfaTest, EnrollingRequiresThePasswordAndASession) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  EXPECT_THAT(Enroll(session, ""), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(Enroll(session, "wrong"), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(Enroll(ApiKeyHeader(server().IssueKey(user.id, {}).secret()), user.password),
              FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(Confirm(session, "123456"), FailsWith(ErrorReason::kMfaNotEnrolled));
  EXPECT_THAT(Enroll(session, user.password), Succeeds());
}

TEST_F(MfaTest, OnlyAnUnconfirmedEnrolmentIsReplaced) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  const App first(Must(Enroll(session, user.password)).otpauth_uri());
  const App second(Must(Enroll(session, user.password)).otpauth_uri());
  EXPECT_THAT(Confirm(session, first.Code(server())), FailsWith(ErrorReason::kInvalidCredentials));
  const std::string code = second.Code(server());
  EXPECT_EQ(CountSuccesses(8, [&] { return Confirm(session, code).status; }), 1);
  EXPECT_THAT(Confirm(session, second.Code(server(), 1)), FailsWith(ErrorReason::kAlreadyExists));
  v1::EnrollTotpRequest again;
  *again.mutable_proof() = ProofOf(user);
  again.mutable_proof()->set_totp_code(second.Code(server(), 1));
  EXPECT_THAT(server().Call(&Account::EnrollTotp, again, session), FailsWith(ErrorReason::kAlreadyExists));
}

// The thief of a session must not be able to guess the code of a pending enrolment and so obtain recovery codes.
TEST_F(MfaTest, TenWrongConfirmationsBlockTheRightOne) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  const App app(Must(Enroll(session, user.password)).otpauth_uri());
  const std::string wrong = app.WrongCode(server());
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Confirm(session, wrong), FailsWith(ErrorReason::kInvalidCredentials)) << i;
  }
  EXPECT_THAT(Confirm(session, app.Code(server())), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_FALSE(AccountOf(server(), session).mfa_enabled());
  server().database().Execute("UPDATE totp_factors SET blocked_until = now() WHERE principal_id = '" + user.id + "'");
  EXPECT_THAT(Confirm(session, app.Code(server())), Succeeds());
  EXPECT_EQ(Stored(user, "failures"), "0");
}

TEST_F(MfaTest, AFailedConfirmationIsAudited) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  Must(Enroll(session, user.password));
  Confirm(session, "no code");
  EXPECT_EQ(
      server().Ask("SELECT outcome FROM audit_events WHERE event = 'mfa.enabled' AND subject_id = '" + user.id + "'"),
      "failure");
}

TEST_F(MfaTest, TheConfirmationCodeIsSpent) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  const App app(Must(Enroll(session, user.password)).otpauth_uri());
  const std::string code = app.Code(server());
  Must(Confirm(session, code));
  EXPECT_THAT(TryCode(server(), Challenge(server(), user), code), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(MfaTest, ACodeWorksOnceAndInvalidatesEarlierOnes) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string code = factor.app.Code(server());
  EXPECT_THAT(TryCode(server(), Challenge(server(), user), code), Succeeds());
  EXPECT_THAT(TryCode(server(), Challenge(server(), user), code), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryCode(server(), Challenge(server(), user), factor.app.Code(server(), -1)),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryCode(server(), Challenge(server(), user), factor.app.Code(server(), 1)), Succeeds());
}

TEST_F(MfaTest, OneOfFiftyParallelUsesOfACodeSucceeds) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string one = Challenge(server(), user);
  const std::string another = Challenge(server(), user);
  const std::string code = factor.app.Code(server());
  std::atomic<int> turn = 0;
  EXPECT_EQ(CountSuccesses(50, [&] { return TryCode(server(), ++turn % 2 == 0 ? one : another, code).status; }), 1);
}

TEST_F(MfaTest, OneOfTheParallelUsesOfAChallengeBeginsASession) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string challenge = Challenge(server(), user);
  std::atomic<size_t> next = 0;
  EXPECT_EQ(
      CountSuccesses(5, [&] { return TryRecoveryCode(server(), challenge, factor.recovery_codes.at(next++)).status; }),
      1);
}

TEST_F(MfaTest, OtherFormsOfACodeAreRefused) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string code = factor.app.Code(server());
  for (const std::string& form : {"+" + code.substr(1), " " + code, code + " ", code + std::string(1, '\0'), "0" + code,
                                  code.substr(1), std::string()}) {
    EXPECT_THAT(TryCode(server(), Challenge(server(), user), form), FailsWith(ErrorReason::kInvalidCredentials));
  }
  EXPECT_THAT(TryRecoveryCode(server(), Challenge(server(), user), code), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryCode(server(), Challenge(server(), user), factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(MfaTest, AChallengeHasFiveTries) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string challenge = Challenge(server(), user);
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(TryRecoveryCode(server(), challenge, "0000-0000-0000-0000-0000-0000"),
                FailsWith(ErrorReason::kInvalidCredentials));
  }
  EXPECT_THAT(TryCode(server(), challenge, factor.app.Code(server())), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), challenge, factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0]), Succeeds())
      << "a challenge without tries left spends no code";
}

TEST_F(MfaTest, AChallengeExpiresAndWorksOnce) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string late = Challenge(server(), user);
  server().database().Execute("UPDATE mfa_challenges SET expire_time = now() WHERE principal_id = '" + user.id + "'");
  EXPECT_THAT(TryCode(server(), late, factor.app.Code(server())), FailsWith(ErrorReason::kInvalidCredentials));
  const std::string challenge = Challenge(server(), user);
  EXPECT_THAT(TryCode(server(), challenge, factor.app.Code(server())), Succeeds());
  EXPECT_THAT(TryRecoveryCode(server(), challenge, factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(MfaTest, ChallengesAndOtherCredentialsAreNotInterchangeable) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string challenge = Challenge(server(), user);
  EXPECT_THAT(server().Call(&Account::GetAccount, v1::GetAccountRequest(), Bearer(challenge)),
              FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_THAT(TryRefresh(server(), challenge), FailsWith(ErrorReason::kRefreshTokenInvalid));
  const TestUser other = server().MakeUser();
  const v1::TokenSet tokens = server().Login(other);
  for (const std::string& token : {tokens.refresh_token(), tokens.access_token(), std::string("idc_"),
                                   challenge.substr(0, challenge.size() - 1), challenge + "0"}) {
    EXPECT_THAT(TryCode(server(), token, factor.app.Code(server())), FailsWith(ErrorReason::kInvalidCredentials));
  }
}

TEST_F(MfaTest, ACodeOfAnotherPersonIsWrong) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const TestUser other = server().MakeUser();
  const Factor others = GiveFactor(server(), other);
  EXPECT_THAT(TryCode(server(), Challenge(server(), user), others.app.Code(server())),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), Challenge(server(), user), others.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), Challenge(server(), other), others.recovery_codes[0]), Succeeds());
}

TEST_F(MfaTest, TooManyWrongCodesBlockTheAppButKeepTheRequirement) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  ShowWrongCodes(user, factor.app, 10);
  // Makes the block outlast this test.
  server().database().Execute(
      "UPDATE totp_factors SET blocked_until = blocked_until + interval '1 hour' "
      "WHERE principal_id = '" +
      user.id + "'");
  ShowWrongCodes(user, factor.app, 91);
  const std::string challenge = Challenge(server(), user);
  EXPECT_THAT(TryCode(server(), challenge, factor.app.Code(server())), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), challenge, factor.recovery_codes[0]), Succeeds());
  EXPECT_EQ(Stored(user, "failures"), "10") << "nothing is counted during a block";
  server().database().Execute("UPDATE totp_factors SET blocked_until = now() WHERE principal_id = '" + user.id + "'");
  ShowWrongCodes(user, factor.app, 1);
  EXPECT_THAT(TryCode(server(), Challenge(server(), user), factor.app.Code(server())),
              FailsWith(ErrorReason::kInvalidCredentials))
      << "after a block one wrong code blocks again";
  server().database().Execute("UPDATE totp_factors SET blocked_until = now() WHERE principal_id = '" + user.id + "'");
  EXPECT_THAT(TryCode(server(), Challenge(server(), user), factor.app.Code(server())), Succeeds());
  EXPECT_EQ(Stored(user, "failures"), "0");
}

TEST_F(MfaTest, EachRecoveryCodeWorksOnceInAnySpelling) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string& code = factor.recovery_codes[0];
  const auto tokens = Must(TryRecoveryCode(server(), Challenge(server(), user), absl::AsciiStrToUpper(code))).tokens();
  EXPECT_EQ(ClaimsOf(tokens.access_token()).at("amr"), nlohmann::json::array({"pwd", "mfa"}));
  EXPECT_EQ(AccountOf(server(), Bearer(tokens.access_token())).recovery_codes_left(), 9);
  EXPECT_THAT(TryRecoveryCode(server(), Challenge(server(), user), absl::StrReplaceAll(code, {{"-", " "}})),
              FailsWith(ErrorReason::kInvalidCredentials));
  const std::string first = Challenge(server(), user);
  const std::string second = Challenge(server(), user);
  std::atomic<int> turn = 0;
  EXPECT_EQ(
      CountSuccesses(
          6,
          [&] { return TryRecoveryCode(server(), ++turn % 2 == 0 ? first : second, factor.recovery_codes[1]).status; }),
      1);
}

TEST_F(MfaTest, NewRecoveryCodesReplaceAllEarlierOnes) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto login = Must(TryCode(server(), Challenge(server(), user), factor.app.Code(server())));
  const Metadata session = Bearer(login.tokens().access_token());
  const auto fresh = Must(Regenerate(session, ProofOf(user, factor.recovery_codes[1])));
  EXPECT_THAT(fresh.recovery_codes(), SizeIs(10));
  EXPECT_THAT(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), Challenge(server(), user), fresh.recovery_codes(9)), Succeeds());
  const TestUser without = server().MakeUser();
  EXPECT_THAT(Regenerate(SessionOf(server(), without), ProofOf(without)), FailsWith(ErrorReason::kMfaNotEnrolled));
}

TEST_F(MfaTest, DisablingRemovesTheAppItsCodesAndItsChallenges) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string challenge = Challenge(server(), user);
  const auto login = Must(TryCode(server(), Challenge(server(), user), factor.app.Code(server())));
  const Metadata session = Bearer(login.tokens().access_token());
  EXPECT_THAT(Disable(session, ProofOf(user, factor.recovery_codes[1])), Succeeds());
  EXPECT_TRUE(Must(TryPassword(server(), user.username, user.password)).has_tokens());
  EXPECT_THAT(TryRecoveryCode(server(), challenge, factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(AccountOf(server(), session).recovery_codes_left(), 0);
  EXPECT_THAT(Disable(session, ProofOf(user)), FailsWith(ErrorReason::kMfaNotEnrolled));
}

TEST_F(MfaTest, AfterDisablingNoSessionShowsTheFactor) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto login = Must(TryCode(server(), Challenge(server(), user), factor.app.Code(server()))).tokens();
  EXPECT_THAT(ClaimsOf(login.access_token()).at("amr"), ::testing::Contains("mfa"));
  Must(Disable(Bearer(login.access_token()), ProofOf(user, factor.recovery_codes[1])));
  const auto refreshed = Must(TryRefresh(server(), login.refresh_token())).tokens();
  EXPECT_EQ(ClaimsOf(refreshed.access_token()).at("amr"), nlohmann::json::array({"pwd"}));
}

// An app that was never confirmed is not a second factor, so there is nothing to disable.
TEST_F(MfaTest, AnUnconfirmedAppCannotBeDisabled) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  const App app(Must(Enroll(session, user.password)).otpauth_uri());
  EXPECT_THAT(Disable(session, ProofOf(user)), FailsWith(ErrorReason::kMfaNotEnrolled));
  EXPECT_THAT(Regenerate(session, ProofOf(user)), FailsWith(ErrorReason::kMfaNotEnrolled));
  EXPECT_THAT(Confirm(session, app.Code(server())), Succeeds());
}

TEST_F(MfaTest, DisablingOrRevokingThePrincipalEndsAChallenge) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string of_disabled = Challenge(server(), user);
  server().Disable(user.id);
  EXPECT_THAT(TryRecoveryCode(server(), of_disabled, factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
  server().Enable(user.id);
  EXPECT_THAT(TryRecoveryCode(server(), of_disabled, factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
  const std::string revoked = Challenge(server(), user);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("principal_id: '$0'", user.id), server().root()));
  EXPECT_THAT(TryRecoveryCode(server(), revoked, factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0]), Succeeds());
}

class SecondStepTest : public MfaTest {
 protected:
  // Answers the challenge of a login with the scopes posts:* and wiki:read for the audience "blog".
  static Result<v1::AuthenticateResponse> Answer(const std::vector<std::string>& scopes, const std::string& audience) {
    const TestUser user = server().MakeUser();
    server().Grant(user.id, {"posts:*", "wiki:read"});
    const Factor factor = GiveFactor(server(), user);
    v1::AuthenticateRequest login;
    login.mutable_password()->set_login(user.username);
    login.mutable_password()->set_password(user.password);
    for (const char* scope : {"posts:*", "wiki:read"}) login.add_scopes(scope);
    login.set_audience("blog");
    const auto challenged = Must(server().Call(&Identity::Authenticate, login));
    v1::AuthenticateRequest answer;
    answer.mutable_mfa()->set_challenge_token(challenged.mfa_challenge().challenge_token());
    answer.mutable_mfa()->set_totp_code(factor.app.Code(server()));
    for (const std::string& scope : scopes) answer.add_scopes(scope);
    answer.set_audience(audience);
    auto first = server().Call(&Identity::Authenticate, answer);
    if (first.status.ok()) return first;
    // The refused request did not use up the challenge or the code.
    answer.clear_scopes();
    answer.clear_audience();
    EXPECT_THAT(server().Call(&Identity::Authenticate, answer), Succeeds());
    return first;
  }
};

TEST_F(SecondStepTest, HasTheScopesAndTheAudienceOfTheFirst) {
  const auto tokens = Must(Answer({}, "")).tokens();
  EXPECT_THAT(tokens.scopes(), ::testing::UnorderedElementsAre("posts:*", "wiki:read"));
  EXPECT_EQ(ClaimsOf(tokens.access_token()).at("aud"), "blog");
}

TEST_F(SecondStepTest, NarrowsTheSession) {
  const auto tokens = Must(Answer({"posts:read"}, "blog")).tokens();
  EXPECT_THAT(tokens.scopes(), ElementsAre("posts:read"));
  const auto refreshed = Must(TryRefresh(server(), tokens.refresh_token())).tokens();
  EXPECT_THAT(refreshed.scopes(), ElementsAre("posts:read"));
  EXPECT_EQ(ClaimsOf(refreshed.access_token()).at("aud"), "blog");
}

TEST_F(SecondStepTest, CannotWidenTheFirst) {
  EXPECT_THAT(Must(Answer({"*"}, "")).tokens().scopes(), ::testing::UnorderedElementsAre("posts:*", "wiki:read"));
  EXPECT_THAT(Answer({"identity:self:read"}, ""), FailsWith(ErrorReason::kInvalidScope));
  EXPECT_THAT(Answer({}, "identity"), RefusesField("audience"));
}

TEST_F(SecondStepTest, AStepUpNarrowsTheAccessToken) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto login = Must(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0])).tokens();
  v1::AuthenticateRequest step_up;
  step_up.mutable_mfa()->set_recovery_code(factor.recovery_codes[1]);
  step_up.add_scopes("identity:self:read");
  const auto narrow = Must(server().Call(&Identity::Authenticate, step_up, Bearer(login.access_token()))).tokens();
  EXPECT_THAT(narrow.scopes(), ElementsAre("identity:self:read"));
  step_up.set_audience("blog");
  step_up.mutable_mfa()->set_recovery_code(factor.recovery_codes[2]);
  EXPECT_THAT(server().Call(&Identity::Authenticate, step_up, Bearer(login.access_token())), RefusesField("audience"));
}

}  // namespace
}  // namespace identity
