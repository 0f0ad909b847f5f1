#include <atomic>

#include "absl/strings/str_cat.h"
#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Result<v1::UpdateAccountResponse> SetEmail(TestServer& server, const Metadata& caller, const std::string& email,
                                           const std::string& password = "correct horse battery staple") {
  v1::UpdateAccountRequest request;
  request.mutable_account()->set_email(email);
  request.mutable_proof()->set_current_password(password);
  return server.Call(&Account::UpdateAccount, request, caller);
}

Result<v1::ResendVerificationResponse> Resend(TestServer& server, const Metadata& caller) {
  return server.Call(&Account::ResendVerification, v1::ResendVerificationRequest(), caller);
}

class EmailTest : public MailTest {
 protected:
  static TestUser MakeVerified(const std::string& name) {
    const TestUser user = RegisterUser(server(), name, name + "@example.com");
    Must(Verify(server(), user, TokenTo(user.email)));
    return user;
  }
  static std::string TokenTo(const std::string& email) { return MailedToken(server(), MailKind::kVerifyEmail, email); }
};

TEST_F(EmailTest, ATokenWorksOnceEvenInParallel) {
  const TestUser user = RegisterUser(server(), "once", "once@example.com");
  const std::string token = TokenTo(user.email);
  const Metadata session = SessionOf(server(), user);
  EXPECT_EQ(CountSuccesses(50, [&] { return Verify(server(), session, token).status; }), 1);
  EXPECT_TRUE(AccountOf(server(), SessionOf(server(), user)).email_verified());
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM audit_events WHERE event = 'email.verified' AND subject_id = '" +
                         user.id + "'"),
            "1");
}

TEST_F(EmailTest, OtherTextsAreInvalidTokens) {
  const TestUser user = RegisterUser(server(), "others", "others@example.com");
  const std::string token = TokenTo(user.email);
  std::string flipped = token;
  flipped[40] = flipped[40] == 'a' ? 'b' : 'a';
  for (const std::string& bad : {std::string(), std::string("idm_"), token.substr(1), token + " ", flipped,
                                 server().Login(user).refresh_token(), server().Login(user).access_token()}) {
    EXPECT_THAT(Verify(server(), user, bad), FailsWith(ErrorReason::kMailedTokenInvalid));
  }
  EXPECT_THAT(server().Call(&Account::GetAccount, v1::GetAccountRequest(), Bearer(token)),
              FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_THAT(TryRefresh(server(), token), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_THAT(Verify(server(), user, token), Succeeds());
}

TEST_F(EmailTest, ATokenEndsWithItsLifetimeAndWithTheAccount) {
  const TestUser user = RegisterUser(server(), "late", "late@example.com");
  const std::string late = TokenTo(user.email);
  server().database().Execute("UPDATE mailed_tokens SET expire_time = now() WHERE principal_id = '" + user.id + "'");
  EXPECT_THAT(Verify(server(), user, late), FailsWith(ErrorReason::kMailedTokenInvalid));
  Must(Resend(server(), SessionOf(server(), user)));
  const std::string token = TokenTo(user.email);
  server().Disable(user.id);
  server().Enable(user.id);
  EXPECT_THAT(Verify(server(), user, token), FailsWith(ErrorReason::kMailedTokenInvalid));
}

// A victim, or a program that scans mail, only opens the link.
TEST_F(EmailTest, ATokenVerifiesOnlyInASessionOfItsAccount) {
  const TestUser user = RegisterUser(server(), "claims-it", "claims-it@example.com");
  const TestUser victim = RegisterUser(server(), "opens-it", "opens-it@example.com");
  const std::string token = TokenTo(user.email);
  EXPECT_THAT(Verify(server(), Metadata(), token), FailsWith(ErrorReason::kCallerUnknown));
  EXPECT_THAT(Verify(server(), victim, token), FailsWith(ErrorReason::kMailedTokenInvalid));
  EXPECT_THAT(Verify(server(), ApiKeyHeader(server().IssueKey(user.id, {}).secret()), token),
              FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(Verify(server(), SessionOf(server(), user, {"identity:self:read"}), token),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_FALSE(AccountOf(server(), SessionOf(server(), user)).email_verified());
  EXPECT_THAT(Verify(server(), user, token), Succeeds()) << "no failed call spends the token";
}

// Somebody else may have registered the address, and have waited for its reader.
TEST_F(EmailTest, TheFirstVerificationEndsAllThatWasMadeBeforeIt) {
  const TestUser user = RegisterUser(server(), "first-time", "first-time@example.com");
  const auto other = server().Login(user);
  const Metadata session = SessionOf(server(), user);
  const std::string key = server().IssueKey(user.id, {}).secret();
  GiveFactor(server(), user);
  const auto verified = Must(Verify(server(), session, TokenTo(user.email)));
  EXPECT_EQ(verified.ended_sessions(), 2) << "the other one, and the one that enrolled the factor";
  EXPECT_THAT(TryRefresh(server(), other.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_THAT(server().Call(&Account::GetAccount, v1::GetAccountRequest(), ApiKeyHeader(key)),
              FailsWith(ErrorReason::kCallerInvalid));
  const v1::Account account = AccountOf(server(), Bearer(verified.tokens().access_token()));
  EXPECT_TRUE(account.email_verified());
  EXPECT_FALSE(account.mfa_enabled());
  EXPECT_TRUE(Must(TryPassword(server(), user.username, user.password)).has_tokens());
}

TEST_F(EmailTest, ALaterVerificationEndsNothing) {
  const TestUser user = MakeVerified("second-time");
  const auto other = server().Login(user);
  const std::string key = server().IssueKey(user.id, {}).secret();
  const Metadata session = SessionOf(server(), user);
  Must(SetEmail(server(), session, "second-time@new.example.com"));
  EXPECT_EQ(Must(Verify(server(), session, TokenTo("second-time@new.example.com"))).ended_sessions(), 0);
  EXPECT_THAT(TryRefresh(server(), other.refresh_token()), Succeeds());
  EXPECT_THAT(server().Call(&Account::GetAccount, v1::GetAccountRequest(), ApiKeyHeader(key)), Succeeds());
}

// Otherwise an administrator could remove a second factor by setting another address.
TEST_F(EmailTest, AVerificationAfterAnAdministratorSetAnotherAddressEndsNothing) {
  const TestUser user = MakeVerified("moved-by-admin");
  const Factor factor = GiveFactor(server(), user);
  const auto login = Must(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0]));
  const Metadata session = Bearer(login.tokens().access_token());
  Must(server().Call(&Admin::UpdateUser,
                     Proto<v1::UpdateUserRequest>("user { id: '$0' email: 'moved-by-admin@new.example.com' }", user.id),
                     server().root()));
  Must(Resend(server(), session));
  EXPECT_EQ(Must(Verify(server(), session, TokenTo("moved-by-admin@new.example.com"))).ended_sessions(), 0);
  EXPECT_TRUE(AccountOf(server(), session).mfa_enabled());
}

TEST_F(EmailTest, AOneTimePasswordMustStillBeChangedAfterAVerification) {
  const auto created = Must(server().Call(
      &Admin::CreateUser, Proto<v1::CreateUserRequest>("username: 'newcomer' email: 'newcomer@example.com'"),
      server().root()));
  const TestUser user = {created.user().id(), "newcomer", "newcomer@example.com", created.one_time_secret()};
  const Metadata session = SessionOf(server(), user);
  Must(Resend(server(), session));
  const auto verified = Must(Verify(server(), session, TokenTo(user.email)));
  v1::IssueApiKeyRequest key;
  *key.mutable_proof() = ProofOf(user);
  EXPECT_THAT(server().Call(&Identity::IssueApiKey, key, Bearer(verified.tokens().access_token())),
              FailsWith(ErrorReason::kPermissionDenied));
}

// The frontend needs a session for VerifyEmail.
TEST(EmailRequiredTest, AnUnverifiedAccountLogsInForItsOwnAccountOnly) {
  TestServer server([](Config& config) {
    WithMail(config);
    config.require_verified_email = true;
  });
  const TestUser user = RegisterUser(server, "strict", "strict@example.com");
  EXPECT_THAT(TryPassword(server, user.username, user.password), FailsWith(ErrorReason::kEmailNotVerified));
  for (const char* scopes : {"scopes: '*'", "scopes: 'identity:*'", "scopes: ['identity:self:write', 'read:*']"}) {
    auto request = Proto<v1::AuthenticateRequest>(scopes);
    request.mutable_password()->set_login(user.username);
    request.mutable_password()->set_password(user.password);
    EXPECT_THAT(server.Call(&Identity::Authenticate, request), FailsWith(ErrorReason::kEmailNotVerified)) << scopes;
  }
  const Metadata session = SessionOf(server, user, {"identity:self:write"});
  Must(Verify(server, session, MailedToken(server, MailKind::kVerifyEmail, user.email)));
  EXPECT_TRUE(Must(TryPassword(server, user.username, user.password)).has_tokens());
}

TEST_F(EmailTest, TheSecretIsNeitherStoredNorAudited) {
  const TestUser user = RegisterUser(server(), "sealed", "sealed@example.com");
  const std::string secret = TokenTo(user.email).substr(27, 43);
  for (const char* table : {"mailed_tokens", "outbox", "audit_events"}) {
    EXPECT_EQ(
        server().Ask(absl::StrCat("SELECT count(*)::text FROM ", table, " t WHERE t::text LIKE '%", secret, "%'")), "0")
        << table;
  }
}

TEST_F(EmailTest, ANewAddressTakesEffectWhenItIsVerified) {
  const TestUser user = MakeVerified("mover");
  const Metadata session = SessionOf(server(), user);
  const auto updated = Must(SetEmail(server(), session, "Mover@new.example.com")).account();
  EXPECT_EQ(updated.email(), user.email);
  EXPECT_EQ(updated.pending_email(), "Mover@new.example.com");
  EXPECT_TRUE(updated.email_verified());
  EXPECT_THAT(server().TryLogin(user.email, user.password), Succeeds());
  EXPECT_THAT(server().TryLogin("mover@new.example.com", user.password), FailsWith(ErrorReason::kInvalidCredentials));
  Must(Verify(server(), session, TokenTo("mover@new.example.com")));
  const v1::Account moved = AccountOf(server(), session);
  EXPECT_EQ(moved.email(), "Mover@new.example.com");
  EXPECT_TRUE(moved.email_verified());
  EXPECT_THAT(moved.pending_email(), IsEmpty());
  EXPECT_THAT(server().TryLogin(user.email, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin("mover@new.example.com", user.password), Succeeds());
  EXPECT_EQ(MailsTo(server(), user.email).back().kind, MailKind::kEmailChanged);
}

TEST_F(EmailTest, ANewAddressNeedsASessionAndTheCurrentPassword) {
  const TestUser user = MakeVerified("sensitive");
  const Metadata session = SessionOf(server(), user);
  EXPECT_THAT(SetEmail(server(), session, "s@new.example.com", ""), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(SetEmail(server(), session, "s@new.example.com", "wrong"), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(SetEmail(server(), ApiKeyHeader(server().IssueKey(user.id, {}).secret()), "s@new.example.com"),
              FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(MailsTo(server(), "s@new.example.com"), IsEmpty());
  EXPECT_THAT(AccountOf(server(), session).pending_email(), IsEmpty());
}

TEST_F(EmailTest, OnlyTheLatestRequestedAddressCounts) {
  const TestUser user = MakeVerified("undecided");
  const Metadata session = SessionOf(server(), user);
  Must(SetEmail(server(), session, "first@new.example.com"));
  const std::string first = TokenTo("first@new.example.com");
  Must(SetEmail(server(), session, "second@new.example.com"));
  EXPECT_THAT(Verify(server(), user, first), FailsWith(ErrorReason::kMailedTokenInvalid));
  EXPECT_THAT(Verify(server(), session, TokenTo("second@new.example.com")), Succeeds());
}

TEST_F(EmailTest, SettingTheCurrentAddressCancelsAPendingOne) {
  const TestUser user = MakeVerified("typo");
  const Metadata session = SessionOf(server(), user);
  Must(SetEmail(server(), session, "typo@stranger.example.com"));
  const std::string strangers = TokenTo("typo@stranger.example.com");
  EXPECT_THAT(Must(SetEmail(server(), session, user.email)).account().pending_email(), IsEmpty());
  EXPECT_THAT(Verify(server(), session, strangers), FailsWith(ErrorReason::kMailedTokenInvalid));
  EXPECT_EQ(AccountOf(server(), session).email(), user.email);
}

// Otherwise an intruder who knew the old password could verify the pending address and reset the password.
TEST_F(EmailTest, APasswordChangeCancelsAPendingAddress) {
  const TestUser user = MakeVerified("cleaner");
  Must(SetEmail(server(), SessionOf(server(), user), "intruder@new.example.com"));
  const std::string intruders = TokenTo("intruder@new.example.com");
  v1::ChangePasswordRequest change;
  change.mutable_proof()->set_current_password(user.password);
  change.set_new_password("incorrect zebra battery staple");
  const auto changed = Must(server().Call(&Account::ChangePassword, change, SessionOf(server(), user)));
  EXPECT_THAT(Verify(server(), Bearer(changed.tokens().access_token()), intruders),
              FailsWith(ErrorReason::kMailedTokenInvalid));
  EXPECT_THAT(AccountOf(server(), Bearer(changed.tokens().access_token())).pending_email(), IsEmpty());
}

TEST_F(EmailTest, APasswordChangeKeepsTheVerificationOfTheCurrentAddress) {
  const TestUser user = RegisterUser(server(), "eager", "eager@example.com");
  v1::ChangePasswordRequest change;
  change.mutable_proof()->set_current_password(user.password);
  change.set_new_password("incorrect zebra battery staple");
  Must(server().Call(&Account::ChangePassword, change, SessionOf(server(), user)));
  EXPECT_THAT(Verify(server(), TestUser{"", user.username, "", "incorrect zebra battery staple"}, TokenTo(user.email)),
              Succeeds());
}

TEST_F(EmailTest, AnAddressOfAnotherAccountMayBeRequestedButIsNeverTaken) {
  const TestUser owner = MakeVerified("bona-fide");
  const TestUser thief = MakeVerified("thief");
  const auto known = Must(SetEmail(server(), SessionOf(server(), thief), owner.email)).account();
  EXPECT_EQ(known.pending_email(), owner.email);
  EXPECT_EQ(MailsTo(server(), owner.email).back().kind, MailKind::kAlreadyRegistered);
  EXPECT_EQ(AccountOf(server(), SessionOf(server(), {"", owner.email, "", owner.password})).username(), "bona-fide");
}

TEST_F(EmailTest, OfTwoAccountsThatVerifyAnAddressOneGetsIt) {
  std::vector<std::pair<Metadata, std::string>> tokens;
  for (int i = 0; i < 2; ++i) {
    const TestUser twin = RegisterUser(server(), absl::StrCat("twin-", i), "twins@example.com");
    tokens.emplace_back(SessionOf(server(), twin), TokenTo("twins@example.com"));
  }
  std::atomic<size_t> next = 0;
  const auto verify_next = [&] {
    const auto& [session, token] = tokens[next++];
    return Verify(server(), session, token).status;
  };
  EXPECT_EQ(CountSuccesses(2, verify_next), 1);
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM users WHERE email_folded = 'twins@example.com'"), "1");
}

TEST_F(EmailTest, ResendMailsTheUnverifiedAddress) {
  const TestUser user = RegisterUser(server(), "again", "again@example.com");
  const std::string first = TokenTo(user.email);
  Must(Resend(server(), SessionOf(server(), user)));
  const std::string second = TokenTo(user.email);
  EXPECT_NE(first, second);
  EXPECT_THAT(Verify(server(), user, second), Succeeds());
  EXPECT_THAT(Verify(server(), user, first), FailsWith(ErrorReason::kMailedTokenInvalid))
      << "both tokens were for the same address";
  EXPECT_THAT(Resend(server(), SessionOf(server(), user)), Succeeds());
  EXPECT_THAT(MailsTo(server(), user.email), ::testing::SizeIs(2)) << "nothing is left to verify";
  Must(SetEmail(server(), SessionOf(server(), user), "again@new.example.com"));
  Must(Resend(server(), SessionOf(server(), user)));
  EXPECT_THAT(KindsOf(MailsTo(server(), "again@new.example.com")),
              ElementsAre(MailKind::kVerifyEmail, MailKind::kVerifyEmail));
}

TEST_F(EmailTest, ResendNeedsASession) {
  const TestUser user = server().MakeUser();
  EXPECT_THAT(Resend(server(), {}), FailsWith(ErrorReason::kCallerUnknown));
  EXPECT_THAT(Resend(server(), ApiKeyHeader(server().IssueKey(user.id, {}).secret())),
              FailsWith(ErrorReason::kSessionRequired));
}

// Even a session with its password must not be able to flood strangers with mail.
TEST(EmailLimitTest, AddressChangesAreLimitedLikeOtherMails) {
  TestServer server([](Config& config) {
    WithMail(config);
    config.throttle.mails_per_hour = 3;
  });
  const TestUser user = server.MakeUser();
  const Metadata session = SessionOf(server, user);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(SetEmail(server, session, absl::StrCat("victim-", i, "@example.com")), Succeeds());
  }
  EXPECT_THAT(SetEmail(server, session, "victim-3@example.com"), FailsWith(ErrorReason::kRateLimited));
  EXPECT_THAT(Resend(server, session), FailsWith(ErrorReason::kRateLimited));
  server.AdvanceUptime(absl::Hours(1));
  EXPECT_THAT(Resend(server, session), Succeeds());
}

class EmailWithoutMailTest : public RpcTest {};

TEST_F(EmailWithoutMailTest, ANewAddressTakesEffectImmediatelyAndUnverified) {
  const TestUser user = server().MakeUser();
  server().database().Execute("UPDATE users SET email_verify_time = now() WHERE id = '" + user.id + "'");
  const Metadata session = SessionOf(server(), user);
  EXPECT_TRUE(AccountOf(server(), session).email_verified());
  const auto updated = Must(SetEmail(server(), session, "At-Once@example.com")).account();
  EXPECT_EQ(updated.email(), "At-Once@example.com");
  EXPECT_FALSE(updated.email_verified());
  EXPECT_THAT(server().TryLogin("at-once@example.com", user.password), Succeeds());
  EXPECT_THAT(server().TryLogin(user.email, user.password), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(EmailWithoutMailTest, ATakenAddressIsReportedAndNothingChanges) {
  const TestUser user = server().MakeUser();
  const TestUser owner = server().MakeUser();
  v1::UpdateAccountRequest request;
  request.mutable_account()->set_email("USER" + owner.email.substr(4));
  request.mutable_account()->set_full_name("Changed");
  request.mutable_proof()->set_current_password(user.password);
  EXPECT_THAT(server().Call(&Account::UpdateAccount, request, SessionOf(server(), user)),
              FailsWith(ErrorReason::kAlreadyExists));
  const v1::Account account = AccountOf(server(), SessionOf(server(), user));
  EXPECT_EQ(account.email(), user.email);
  EXPECT_THAT(account.full_name(), IsEmpty()) << "all or nothing";
}

TEST_F(EmailWithoutMailTest, NothingIsResent) {
  EXPECT_THAT(Resend(server(), SessionOf(server(), server().MakeUser())), FailsWith(ErrorReason::kMailNotConfigured));
}

}  // namespace
}  // namespace identity
