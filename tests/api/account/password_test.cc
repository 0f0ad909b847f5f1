#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kNew[] = "incorrect zebra battery staple";

Result<v1::ChangePasswordResponse> Change(TestServer& server, const Metadata& caller, const v1::Proof& proof,
                                          const std::string& fresh) {
  v1::ChangePasswordRequest request;
  *request.mutable_proof() = proof;
  request.set_new_password(fresh);
  return server.Call(&Account::ChangePassword, request, caller);
}

Result<v1::ChangePasswordResponse> Change(TestServer& server, const Metadata& caller, const std::string& current,
                                          const std::string& fresh) {
  v1::Proof proof;
  proof.set_current_password(current);
  return Change(server, caller, proof, fresh);
}

grpc::Status StatusOfSession(TestServer& server, const std::string& access_token) {
  return server.Call(&Account::GetAccount, v1::GetAccountRequest(), Bearer(access_token)).status;
}

class PasswordChangeTest : public RpcTest {
 protected:
  template <typename Proof>  // a password, or a whole proof
  static Result<v1::ChangePasswordResponse> Change(const Metadata& caller, const Proof& proof,
                                                   const std::string& fresh) {
    return identity::Change(server(), caller, proof, fresh);
  }
};

TEST_F(PasswordChangeTest, EndsAllOtherSessionsAndKeepsTheCurrentOne) {
  const TestUser user = server().MakeUser();
  const v1::TokenSet other = server().Login(user);
  const v1::TokenSet another = server().Login(user, {}, "blog");
  const v1::TokenSet mine = server().Login(user);
  const auto changed = Must(Change(Bearer(mine.access_token()), user.password, kNew));
  EXPECT_EQ(changed.ended_sessions(), 2);
  EXPECT_FALSE(changed.consistency_token().empty());
  EXPECT_EQ(changed.tokens().session_id(), mine.session_id());
  EXPECT_THAT(changed.tokens().refresh_token(), IsEmpty());
  EXPECT_THAT(StatusOfSession(server(), changed.tokens().access_token()), Succeeds());
  EXPECT_THAT(StatusOfSession(server(), mine.access_token()), FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_THAT(StatusOfSession(server(), other.access_token()), FailsWith(ErrorReason::kCallerInvalid));
  for (const v1::TokenSet& ended : {other, another}) {
    EXPECT_THAT(TryRefresh(server(), ended.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  }
  const auto refreshed = Must(TryRefresh(server(), mine.refresh_token()));
  EXPECT_THAT(StatusOfSession(server(), refreshed.tokens().access_token()), Succeeds());
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin(user.username, kNew), Succeeds());
}

TEST_F(PasswordChangeTest, NeedsTheCurrentPassword) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  EXPECT_THAT(Change(session, "", kNew), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(Change(session, "wrong", kNew), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(Change(session, user.password + " ", kNew), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(Change(session, std::string(1025, 'x'), kNew), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds());
}

TEST_F(PasswordChangeTest, WrongPasswordsCountAsAtALoginAndARightOneResetsTheCount) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  for (int i = 0; i < 4; ++i) Change(session, "wrong", kNew);
  EXPECT_THAT(Change(session, user.password, "short"), RefusesField("new_password"));
  for (int i = 0; i < 4; ++i) Change(session, "wrong", kNew);
  EXPECT_THAT(server().TryLogin(user.username, "wrong"), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials)) << "locked";
  EXPECT_THAT(Change(session, user.password, kNew), FailsWith(ErrorReason::kInvalidCredentials)) << "locked here, too";
}

TEST_F(PasswordChangeTest, ThePolicyApplies) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  for (const std::string& bad : {std::string("short"), std::string("password"), user.username + user.username,
                                 user.email, user.password, std::string(1025, 'x'), std::string()}) {
    EXPECT_THAT(Change(session, user.password, bad), RefusesField("new_password")) << bad.substr(0, 30);
  }
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds());
}

TEST_F(PasswordChangeTest, ANewPasswordIsExactBytes) {
  const TestUser user = server().MakeUser();
  std::string current = user.password;
  for (const std::string& fresh :
       {std::string("incorrect zebra battery "), std::string("incorrect zebra\0battery", 23),
        std::string("\xf0\x9f\xa6\x93 zebra battery \xf0\x9f\x94\x8b!"), std::string(kNew)}) {
    const Metadata session = SessionOf(server(), {"", user.username, "", current});
    EXPECT_THAT(Change(session, current, fresh), Succeeds());
    EXPECT_THAT(server().TryLogin(user.username, fresh.substr(0, fresh.size() - 1)),
                FailsWith(ErrorReason::kInvalidCredentials));
    EXPECT_THAT(server().TryLogin(user.username, fresh), Succeeds());
    current = fresh;
  }
}

TEST_F(PasswordChangeTest, NeedsASessionAndItsScope) {
  const TestUser user = server().MakeUser();
  const std::string key = server().IssueKey(user.id, {}).secret();
  EXPECT_THAT(Change(ApiKeyHeader(key), user.password, kNew), FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(Change(SessionOf(server(), user, {"identity:self:read"}), user.password, kNew),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Change({}, user.password, kNew), FailsWith(ErrorReason::kCallerUnknown));
}

TEST_F(PasswordChangeTest, KeepsTheScopesOfTheCallersToken) {
  const TestUser user = server().MakeUser();
  const auto changed = Must(Change(SessionOf(server(), user, {"identity:self:write"}), user.password, kNew));
  EXPECT_THAT(changed.tokens().scopes(), ElementsAre("identity:self:write"));
}

TEST_F(PasswordChangeTest, TurnsAnAccountWithAOneTimeSecretIntoANormalOne) {
  const auto created = Must(server().Call(
      &Admin::CreateUser, Proto<v1::CreateUserRequest>("username: 'newcomer' email: 'newcomer@example.com'"),
      server().root()));
  const TestUser user = {created.user().id(), "newcomer", "newcomer@example.com", created.one_time_secret()};
  const v1::TokenSet first = server().Login(user);
  EXPECT_TRUE(first.password_change_required());
  EXPECT_THAT(first.scopes(), ElementsAre("identity:self:*"));
  const auto changed = Must(Change(Bearer(first.access_token()), user.password, kNew));
  EXPECT_FALSE(changed.tokens().password_change_required());
  const v1::TokenSet second = server().Login({"", user.username, "", kNew});
  EXPECT_FALSE(second.password_change_required());
  EXPECT_THAT(second.scopes(), ElementsAre("*"));
}

TEST_F(PasswordChangeTest, KeepsTheSecondFactorOfTheSession) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto login = Must(TryCode(server(), Challenge(server(), user), factor.app.Code(server())));
  const Metadata session = Bearer(login.tokens().access_token());
  const auto changed = Must(Change(session, ProofOf(user, factor.recovery_codes[0]), kNew));
  EXPECT_EQ(ClaimsOf(changed.tokens().access_token()).at("amr"), nlohmann::json::array({"pwd", "otp", "mfa"}));
  EXPECT_TRUE(Must(TryPassword(server(), user.username, kNew)).has_mfa_challenge());
}

TEST_F(PasswordChangeTest, EndsLoginsThatWaitForTheirCode) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string challenge = Challenge(server(), user);
  const auto login = Must(TryCode(server(), Challenge(server(), user), factor.app.Code(server())));
  Must(Change(Bearer(login.tokens().access_token()), ProofOf(user, factor.recovery_codes[1]), kNew));
  EXPECT_THAT(TryRecoveryCode(server(), challenge, factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(PasswordChangeTest, OfParallelChangesOneSucceeds) {
  const TestUser user = server().MakeUser();
  std::vector<Metadata> sessions;
  for (int i = 0; i < 4; ++i) sessions.push_back(SessionOf(server(), user));
  std::atomic<size_t> next = 0;
  EXPECT_EQ(CountSuccesses(4,
                           [&] {
                             const size_t i = next++ % sessions.size();
                             return Change(sessions[i], user.password, absl::StrCat(kNew, " ", i)).status;
                           }),
            1);
}

// Whichever comes first, no credential of another session outlives the change.
TEST_F(PasswordChangeTest, ARaceWithARefreshLeavesNoOtherSessionAlive) {
  TestUser user = server().MakeUser();
  for (int round = 0; round < 20; ++round) {
    const v1::TokenSet theirs = server().Login(user);
    const v1::TokenSet mine = server().Login(user);
    const std::string fresh = absl::StrCat(kNew, " ", round);
    Result<v1::RefreshResponse> refreshed;
    std::thread refresher([&] { refreshed = TryRefresh(server(), theirs.refresh_token()); });
    EXPECT_THAT(Change(Bearer(mine.access_token()), user.password, fresh), Succeeds());
    refresher.join();
    user.password = fresh;
    if (!refreshed.status.ok()) continue;
    const v1::TokenSet& child = refreshed->tokens();
    EXPECT_THAT(StatusOfSession(server(), child.access_token()), FailsWith(ErrorReason::kCallerInvalid)) << round;
    EXPECT_THAT(TryRefresh(server(), child.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid)) << round;
  }
}

TEST_F(PasswordChangeTest, ARaceWithALoginByTheOldPasswordLeavesItNoSession) {
  TestUser user = server().MakeUser();
  for (int round = 0; round < 10; ++round) {
    const v1::TokenSet mine = server().Login(user);
    const std::string fresh = absl::StrCat(kNew, " ", round);
    Result<v1::AuthenticateResponse> login;
    std::thread intruder([&] { login = TryPassword(server(), user.username, user.password); });
    const auto changed = Change(Bearer(mine.access_token()), user.password, fresh);
    intruder.join();
    EXPECT_THAT(changed, Succeeds());
    user.password = fresh;
    if (!login.status.ok()) continue;
    EXPECT_THAT(StatusOfSession(server(), login->tokens().access_token()), FailsWith(ErrorReason::kCallerInvalid));
    EXPECT_THAT(TryRefresh(server(), login->tokens().refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  }
}

class PasswordResetTest : public MailTest {
 protected:
  static Result<v1::RequestPasswordResetResponse> RequestReset(const std::string& login) {
    v1::RequestPasswordResetRequest request;
    request.set_login(login);
    return server().Call(&Account::RequestPasswordReset, request);
  }
  static Result<v1::ResetPasswordResponse> Reset(const std::string& token, const std::string& password) {
    v1::ResetPasswordRequest request;
    request.set_token(token);
    request.set_new_password(password);
    return server().Call(&Account::ResetPassword, request);
  }
  static std::string TokenFor(const TestUser& user) {
    Must(RequestReset(user.username));
    return MailedToken(server(), MailKind::kResetPassword, user.email);
  }
};

TEST_F(PasswordResetTest, SetsThePasswordAndEndsAllSessionsWithoutALogin) {
  const TestUser user = server().MakeUser();
  const v1::TokenSet first = server().Login(user);
  server().Login(user);
  const auto done = Must(Reset(TokenFor(user), kNew));
  EXPECT_EQ(done.ended_sessions(), 2);
  EXPECT_FALSE(done.consistency_token().empty());
  EXPECT_THAT(StatusOfSession(server(), first.access_token()), FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_THAT(TryRefresh(server(), first.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin(user.username, kNew), Succeeds());
  EXPECT_EQ(MailsTo(server(), user.email).back().kind, MailKind::kPasswordChanged);
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM audit_events WHERE event = 'password.reset' AND subject_id = '" +
                         user.id + "'"),
            "1");
}

TEST_F(PasswordResetTest, AnUnknownNameGetsTheSameAnswer) {
  const TestUser user = server().MakeUser();
  const TestUser disabled = server().MakeUser();
  server().Disable(disabled.id);
  const auto known = RequestReset(user.email);
  for (const std::string& login : {std::string("nobody"), std::string("nobody@example.com"), std::string(),
                                   std::string("\xff"
                                               "not utf-8")
                                       .substr(1),
                                   disabled.username}) {
    const auto unknown = RequestReset(login);
    EXPECT_THAT(unknown, Succeeds()) << login;
    EXPECT_EQ(unknown->SerializeAsString(), known->SerializeAsString());
  }
  EXPECT_THAT(MailsTo(server(), disabled.email), IsEmpty());
  EXPECT_THAT(MailsTo(server(), "nobody@example.com"), IsEmpty());
  EXPECT_THAT(KindsOf(MailsTo(server(), user.email)), ElementsAre(MailKind::kResetPassword));
}

TEST_F(PasswordResetTest, ATokenWorksOnce) {
  const TestUser user = server().MakeUser();
  const std::string token = TokenFor(user);
  std::atomic<int> next = 0;
  EXPECT_EQ(CountSuccesses(12, [&] { return Reset(token, absl::StrCat(kNew, " ", next++)).status; }), 1);
  EXPECT_THAT(Reset(token, kNew), FailsWith(ErrorReason::kMailedTokenInvalid));
}

TEST_F(PasswordResetTest, AUseEndsAllTokensOfTheAccount) {
  const TestUser user = server().MakeUser();
  const std::string first = TokenFor(user);
  const std::string second = TokenFor(user);
  EXPECT_NE(first, second);
  Must(Reset(first, kNew));
  EXPECT_THAT(Reset(second, "another zebra battery staple"), FailsWith(ErrorReason::kMailedTokenInvalid));
}

TEST_F(PasswordResetTest, APasswordThatBreaksThePolicyLeavesTheTokenValid) {
  const TestUser user = server().MakeUser();
  const std::string token = TokenFor(user);
  for (const std::string& bad : {std::string("short"), user.email, std::string(1025, 'x')}) {
    EXPECT_THAT(Reset(token, bad), RefusesField("new_password"));
  }
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds());
  EXPECT_THAT(Reset(token, kNew), Succeeds());
}

TEST_F(PasswordResetTest, OtherTextsAreInvalidTokens) {
  const TestUser user = server().MakeUser();
  const std::string token = TokenFor(user);
  std::string flipped = token;
  flipped[30] = flipped[30] == 'a' ? 'b' : 'a';
  const TestUser registered = RegisterUser(server(), "wrong-purpose", "wrong-purpose@example.com");
  for (const std::string& bad :
       {std::string(), std::string("idm_"), token.substr(0, token.size() - 1), token + "0", flipped,
        MailedToken(server(), MailKind::kVerifyEmail, registered.email), server().Login(user).refresh_token()}) {
    EXPECT_THAT(Reset(bad, kNew), FailsWith(ErrorReason::kMailedTokenInvalid));
  }
  EXPECT_THAT(Verify(server(), user, token), FailsWith(ErrorReason::kMailedTokenInvalid))
      << "the token is for the other purpose";
  EXPECT_THAT(Reset(token, kNew), Succeeds());
}

TEST_F(PasswordResetTest, ATokenEndsWithItsLifetimeAndWithTheAccount) {
  const TestUser user = server().MakeUser();
  const std::string late = TokenFor(user);
  server().database().Execute("UPDATE mailed_tokens SET expire_time = now() WHERE principal_id = '" + user.id + "'");
  EXPECT_THAT(Reset(late, kNew), FailsWith(ErrorReason::kMailedTokenInvalid));
  const std::string token = TokenFor(user);
  server().Disable(user.id);
  EXPECT_THAT(Reset(token, kNew), FailsWith(ErrorReason::kMailedTokenInvalid));
  server().Enable(user.id);
  EXPECT_THAT(Reset(token, kNew), FailsWith(ErrorReason::kMailedTokenInvalid)) << "ended tokens stay ended";
}

// As when the reset was requested while the address changed.
TEST_F(PasswordResetTest, ATokenThatWasMailedToAnEarlierAddressIsInvalid) {
  const TestUser user = server().MakeUser();
  const std::string token = TokenFor(user);
  server().database().Execute("UPDATE users SET email = 'new@example.com' WHERE id = '" + user.id + "'");
  EXPECT_THAT(Reset(token, kNew), FailsWith(ErrorReason::kMailedTokenInvalid));
}

TEST_F(PasswordResetTest, ATokenEndsWhenThePasswordOrTheAddressChanges) {
  const TestUser user = server().MakeUser();
  const std::string before_change = TokenFor(user);
  const auto changed = Must(Change(server(), SessionOf(server(), user), user.password, kNew));
  EXPECT_THAT(Reset(before_change, kNew), FailsWith(ErrorReason::kMailedTokenInvalid));
  const std::string to_old_address = TokenFor(user);
  v1::UpdateAccountRequest update;
  update.mutable_account()->set_email("moved@example.com");
  update.mutable_proof()->set_current_password(kNew);
  Must(server().Call(&Account::UpdateAccount, update, Bearer(changed.tokens().access_token())));
  Must(Verify(server(), Bearer(changed.tokens().access_token()),
              MailedToken(server(), MailKind::kVerifyEmail, "moved@example.com")));
  EXPECT_THAT(Reset(to_old_address, "another zebra battery staple"), FailsWith(ErrorReason::kMailedTokenInvalid));
}

TEST_F(PasswordResetTest, RemovesALock) {
  const TestUser user = server().MakeUser();
  for (int i = 0; i < 5; ++i) server().TryLogin(user.username, "wrong");
  Must(Reset(TokenFor(user), kNew));
  EXPECT_THAT(server().TryLogin(user.username, kNew), Succeeds());
}

TEST_F(PasswordResetTest, TheSecondFactorIsStillRequired) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string waiting = Challenge(server(), user);
  Must(Reset(TokenFor(user), kNew));
  EXPECT_TRUE(Must(TryPassword(server(), user.username, kNew)).has_mfa_challenge());
  EXPECT_THAT(TryRecoveryCode(server(), waiting, factor.recovery_codes[0]), FailsWith(ErrorReason::kInvalidCredentials))
      << "the login began with the old password";
}

TEST_F(PasswordResetTest, VerifiesTheAddressThatItWasMailedTo) {
  const TestUser user = RegisterUser(server(), "forgetful", "forgetful@example.com");
  EXPECT_THAT(server().TryLogin(user.email, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  Must(RequestReset(user.email));
  EXPECT_THAT(KindsOf(MailsTo(server(), user.email)), ElementsAre(MailKind::kVerifyEmail))
      << "no account owns the address yet";
  Must(Reset(TokenFor(user), kNew));
  EXPECT_THAT(server().TryLogin(user.email, kNew), Succeeds());
}

TEST_F(PasswordResetTest, DoesNotTakeAnAddressThatAnotherHasVerified) {
  const TestUser squatter = RegisterUser(server(), "reset-squatter", "contested@example.com");
  const TestUser owner = RegisterUser(server(), "reset-owner", "contested@example.com");
  Must(Verify(server(), owner, MailedToken(server(), MailKind::kVerifyEmail, owner.email)));
  Must(Reset(TokenFor(squatter), kNew));
  EXPECT_EQ(AccountOf(server(), SessionOf(server(), {"", owner.email, "", owner.password})).username(), "reset-owner");
}

// Otherwise an intruder who knew the old password could return through a pending address.
TEST_F(PasswordResetTest, AnIntrudersPendingAddressIsCancelled) {
  const TestUser user = RegisterUser(server(), "intruded", "intruded@example.com");
  Must(Verify(server(), user, MailedToken(server(), MailKind::kVerifyEmail, user.email)));
  v1::UpdateAccountRequest update;
  update.mutable_account()->set_email("intruder@example.com");
  update.mutable_proof()->set_current_password(user.password);
  Must(server().Call(&Account::UpdateAccount, update, SessionOf(server(), user)));
  const std::string intruders = MailedToken(server(), MailKind::kVerifyEmail, "intruder@example.com");
  Must(Reset(TokenFor(user), kNew));
  EXPECT_THAT(Verify(server(), TestUser{"", user.username, "", kNew}, intruders),
              FailsWith(ErrorReason::kMailedTokenInvalid));
  const v1::Account account = AccountOf(server(), SessionOf(server(), {"", user.username, "", kNew}));
  EXPECT_EQ(account.email(), user.email);
  EXPECT_THAT(account.pending_email(), IsEmpty());
}

class PasswordResetWithoutMailTest : public RpcTest {};

TEST_F(PasswordResetWithoutMailTest, IsUnavailable) {
  for (const char* login : {"root", "nobody"}) {
    EXPECT_THAT(
        server().Call(&Account::RequestPasswordReset, Proto<v1::RequestPasswordResetRequest>("login: '$0'", login)),
        FailsWith(ErrorReason::kMailNotConfigured));
  }
}

}  // namespace
}  // namespace identity
