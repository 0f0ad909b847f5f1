#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kPassword[] = "correct horse battery staple";

class RegistrationTest : public RpcTest {};
class RegistrationWithMailTest : public MailTest {};

TEST_F(RegistrationTest, NamesAreFoldedAndTheRestIsKeptAsTyped) {
  const auto made = Must(Register(server(), "Ada_L-1", "Ada@Example.COM", kPassword, "Ada Lovelace \xe2\x99\xa5"));
  const v1::Account& account = made.account();
  EXPECT_EQ(account.username(), "ada_l-1");
  EXPECT_EQ(account.email(), "Ada@Example.COM");
  EXPECT_EQ(account.full_name(), "Ada Lovelace \xe2\x99\xa5");
  EXPECT_FALSE(account.email_verified() || account.mfa_enabled() || account.has_last_login_time());
  EXPECT_THAT(account.roles(), IsEmpty());
  EXPECT_TRUE(account.has_create_time());
  EXPECT_FALSE(made.consistency_token().empty());
  EXPECT_THAT(server().TryLogin("ADA_L-1", kPassword), Succeeds());
  EXPECT_THAT(server().TryLogin("aDA@eXAMPLE.com", kPassword), Succeeds())
      << "without mail the account owns its address immediately";
}

TEST_F(RegistrationTest, FieldsAreChecked) {
  for (const std::string& name :
       {std::string(), std::string("ab"), std::string(51, 'a'), std::string("a b c"), std::string("ada@example.com"),
        std::string("\xd0\xb0"
                    "dam"),
        std::string("ada\0x", 5), std::string("ada.l")}) {
    EXPECT_THAT(Register(server(), name, "fields@example.com"), RefusesField("username")) << name;
  }
  for (const std::string& email :
       {std::string(), std::string("x"), std::string("x@y"), std::string("a@b@example.com"),
        std::string("x@example.com "), std::string("x@ex\xc3\xa4mple.com"), std::string("x\r\nBcc: y@example.com"),
        std::string("x@example.com\0", 14), "x@" + std::string(250, 'a') + ".com"}) {
    EXPECT_THAT(Register(server(), "fields", email), RefusesField("email")) << email;
  }
  for (const std::string& name : {std::string(257, 'x'), std::string("a\r\nb"), std::string("a\0b", 3)}) {
    EXPECT_THAT(Register(server(), "fields", "fields@example.com", kPassword, name), RefusesField("full_name"));
  }
}

TEST_F(RegistrationTest, NoFieldOfTheRequestGivesARole) {
  // Fields that our request does not have, as a client with another schema may send.
  v1::RegisterRequest request;
  request.set_username("climber");
  request.set_email("climber@example.com");
  request.set_password(kPassword);
  const std::string unknown_fields = "\x3a\x0bsuper_admin\x4a\x0bsuper_admin";
  EXPECT_THAT(server().CallRaw("identity.v1.AccountService/Register", request.SerializeAsString() + unknown_fields),
              Succeeds());
  const Metadata caller = SessionOf(server(), {"", "climber", "", kPassword});
  EXPECT_THAT(AccountOf(server(), caller).roles(), IsEmpty());
  EXPECT_THAT(server().Call(&Admin::ListUsers, v1::ListUsersRequest(), caller),
              FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(RegistrationTest, ARegistrationByASuperAdminGrantsNothing) {
  v1::RegisterRequest request;
  request.set_username("registered-by-root");
  request.set_email("registered-by-root@example.com");
  request.set_password(kPassword);
  const auto made = Must(server().Call(&Account::Register, request, server().root()));
  EXPECT_THAT(made.account().roles(), IsEmpty());
}

TEST_F(RegistrationTest, GuessablePasswordsAreRefused) {
  for (const std::string& password :
       {std::string(), std::string("short"), std::string("password"), std::string("Password123"),
        std::string("12345678901234"), std::string("qwertyuiopasdf"), std::string(200, 'a'), std::string(1025, 'x'),
        std::string("guesswork-name"), std::string("guesswork-name@example.com"), std::string("Charles Babbage"),
        std::string("identity")}) {
    const auto result = Register(server(), "guesswork-name", "guesswork-name@example.com", password, "Charles Babbage");
    EXPECT_THAT(result, RefusesField("password")) << password.substr(0, 40);
    if (password.size() > 8) {
      EXPECT_EQ(result.status.error_message().find(password), std::string::npos)
          << "the error does not repeat the password";
    }
  }
  EXPECT_THAT(server().TryLogin("guesswork-name", "short"), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(RegistrationTest, PasswordsAreExactBytes) {
  const std::vector<std::string> passwords = {"correct horse battery ", std::string("correct horse\0battery", 21),
                                              "\xf0\x9f\x90\x8e correct battery \xf0\x9f\x94\x8b!",
                                              std::string("correct horse battery staple ") + std::string(995, 'x')};
  for (size_t i = 0; i < passwords.size(); ++i) {
    const std::string name = absl::StrCat("exact-", i);
    const std::string& password = passwords[i];
    EXPECT_THAT(Register(server(), name, name + "@example.com", password), Succeeds()) << i;
    EXPECT_THAT(server().TryLogin(name, password), Succeeds()) << i;
    EXPECT_THAT(server().TryLogin(name, password.substr(0, password.size() - 1)),
                FailsWith(ErrorReason::kInvalidCredentials))
        << i;
    EXPECT_THAT(server().TryLogin(name, password.substr(0, 13)), FailsWith(ErrorReason::kInvalidCredentials)) << i;
  }
}

TEST_F(RegistrationTest, ATakenNameOrAddressIsReportedInAnyCase) {
  const TestUser user = server().MakeUser();
  EXPECT_THAT(Register(server(), absl::AsciiStrToUpper(user.username), "other@example.com"),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(Register(server(), "other-name", absl::AsciiStrToUpper(user.email)),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(Register(server(), "other-name", "other@example.com"), Succeeds())
      << "the refused attempts left nothing behind";
}

TEST_F(RegistrationTest, OfParallelRegistrationsOfANameOneSucceeds) {
  EXPECT_EQ(CountSuccesses(10, [] { return Register(server(), "race", "race@example.com").status; }), 1);
}

TEST_F(RegistrationTest, ABreachedPasswordIsRefused) {
  const std::string file = ::testing::TempDir() + "/breached.txt";
  std::ofstream(file) << kPassword << "\n";
  TestServer strict([&file](Config& config) { config.breached_passwords_file = file; });
  EXPECT_THAT(Register(strict, "breached", "breached@example.com", kPassword), RefusesField("password"));
  EXPECT_THAT(Register(strict, "breached", "breached@example.com", "incorrect zebra battery staple"), Succeeds());
}

TEST_F(RegistrationTest, CompositionRulesApplyWhenConfigured) {
  TestServer strict([](Config& config) {
    config.password_rules.upper = true;
    config.password_rules.digit = true;
    config.password_rules.min_characters = 15;
  });
  for (const char* password : {"correct horse battery staple", "Correct horse battery staple", "Tr0ub4dor&3xyz"}) {
    EXPECT_THAT(Register(strict, "composed", "composed@example.com", password), RefusesField("password")) << password;
  }
  EXPECT_THAT(Register(strict, "composed", "composed@example.com", "Correct horse battery 9 staple"), Succeeds());
}

TEST_F(RegistrationTest, IsAuditedWithoutThePassword) {
  const TestUser user = RegisterUser(server(), "audited", "audited@example.com");
  EXPECT_EQ(
      server().Ask("SELECT count(*)::text FROM audit_events e WHERE event = 'user.registered' AND subject_id = '" +
                   user.id + "'"),
      "1");
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM audit_events e WHERE e::text LIKE '%battery%'"), "0");
}

TEST_F(RegistrationWithMailTest, KnownAndUnknownAddressesGetTheSameAnswerAndOnlyTheMailDiffers) {
  const TestUser owner = RegisterUser(server(), "owner", "owner@example.com");
  Must(Verify(server(), owner, MailedToken(server(), MailKind::kVerifyEmail, owner.email)));
  auto known = Must(Register(server(), "prober-1", "OWNER@example.com")).account();
  auto unknown = Must(Register(server(), "prober-2", "nobody@example.com")).account();
  for (v1::Account* account : {&known, &unknown}) {
    EXPECT_FALSE(account->id().empty() || !account->has_create_time());
    EXPECT_THAT(server().TryLogin(account->username(), kPassword), Succeeds());
    EXPECT_EQ(AccountOf(server(), SessionOf(server(), {"", account->username(), "", kPassword})).email_verified(),
              false);
    account->clear_id();
    account->clear_create_time();
    account->clear_username();
  }
  EXPECT_EQ(known.email(), "OWNER@example.com");
  known.clear_email();
  unknown.clear_email();
  EXPECT_EQ(known.SerializeAsString(), unknown.SerializeAsString());
  EXPECT_THAT(KindsOf(MailsTo(server(), "nobody@example.com")), ElementsAre(MailKind::kVerifyEmail));
  EXPECT_THAT(KindsOf(MailsTo(server(), owner.email)),
              ElementsAre(MailKind::kVerifyEmail, MailKind::kAlreadyRegistered));
  EXPECT_FALSE(MailsTo(server(), owner.email).back().parameters.contains("token"));
}

TEST_F(RegistrationWithMailTest, AClaimedAddressIsNotALoginName) {
  const TestUser user = RegisterUser(server(), "claimer", "claimer@example.com");
  EXPECT_THAT(server().TryLogin(user.email, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  Must(Verify(server(), user, MailedToken(server(), MailKind::kVerifyEmail, user.email)));
  EXPECT_THAT(server().TryLogin(user.email, user.password), Succeeds());
  const v1::Account account = AccountOf(server(), SessionOf(server(), user));
  EXPECT_TRUE(account.email_verified());
  EXPECT_THAT(account.pending_email(), IsEmpty());
}

TEST_F(RegistrationWithMailTest, ATakenUsernameIsReported) {
  const TestUser user = RegisterUser(server(), "taken", "taken@example.com");
  EXPECT_THAT(Register(server(), "TAKEN", "another@example.com"), FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(MailsTo(server(), "another@example.com"), IsEmpty());
}

TEST_F(RegistrationWithMailTest, ASquatterLosesTheAddressToTheReaderOfItsMail) {
  const TestUser squatter = RegisterUser(server(), "squatter", "victim@example.com");
  const std::string squatted = MailedToken(server(), MailKind::kVerifyEmail, "victim@example.com");
  const TestUser victim = RegisterUser(server(), "victim", "Victim@example.com");
  Must(Verify(server(), victim, MailedToken(server(), MailKind::kVerifyEmail, "victim@example.com")));
  EXPECT_EQ(AccountOf(server(), SessionOf(server(), victim)).email_verified(), true);
  EXPECT_EQ(AccountOf(server(), SessionOf(server(), squatter)).email_verified(), false);
  EXPECT_THAT(Verify(server(), squatter, squatted), FailsWith(ErrorReason::kAlreadyExists))
      << "a verified address stays with its account";
  EXPECT_EQ(AccountOf(server(), SessionOf(server(), {"", "victim@example.com", "", victim.password})).username(),
            "victim");
}

// Such accounts date from a time without mail, or an administrator created them.
TEST_F(RegistrationWithMailTest, AnUnverifiedAddressGoesToTheAccountThatVerifiesIt) {
  const TestUser first = server().MakeUser();
  EXPECT_THAT(server().TryLogin(first.email, first.password), Succeeds());
  const TestUser prover = RegisterUser(server(), "prover", first.email);
  EXPECT_THAT(server().TryLogin(first.email, first.password), Succeeds())
      << "a claim removes nothing from the first account";
  Must(Verify(server(), prover, MailedToken(server(), MailKind::kVerifyEmail, first.email)));
  EXPECT_EQ(AccountOf(server(), SessionOf(server(), {"", first.email, "", prover.password})).id(), prover.id);
  EXPECT_THAT(server().TryLogin(first.username, first.password), Succeeds()) << "the username still works";
}

TEST_F(RegistrationWithMailTest, LookAlikeAddressesAreDifferentOrRefused) {
  const TestUser owner = RegisterUser(server(), "lookalike", "first.last@example.com");
  Must(Verify(server(), owner, MailedToken(server(), MailKind::kVerifyEmail, owner.email)));
  for (const char* address : {"f\xc4\xb1rst.last@example.com", "first.last@\xd0\xb5xample.com",
                              "first\xef\xbc\x8elast@example.com", "first.last@example.com\xe2\x80\x8b"}) {
    EXPECT_THAT(Register(server(), "imposter", address), RefusesField("email")) << address;
  }
  const std::vector<std::string> others = {"firstlast@example.com", "first.last+tag@example.com",
                                           "first.last@example.com.evil.example"};
  for (size_t i = 0; i < others.size(); ++i) {
    const TestUser other = RegisterUser(server(), absl::StrCat("imposter-", i), others[i]);
    Must(Verify(server(), other, MailedToken(server(), MailKind::kVerifyEmail, others[i])));
    EXPECT_EQ(AccountOf(server(), SessionOf(server(), {"", others[i], "", other.password})).id(), other.id);
  }
  EXPECT_EQ(AccountOf(server(), SessionOf(server(), {"", owner.email, "", owner.password})).id(), owner.id);
}

TEST_F(RegistrationWithMailTest, ARefusedRegistrationSendsNothing) {
  EXPECT_THAT(Register(server(), "refused", "refused@example.com", "short"), RefusesField("password"));
  EXPECT_THAT(MailsTo(server(), "refused@example.com"), IsEmpty());
}

}  // namespace
}  // namespace identity
