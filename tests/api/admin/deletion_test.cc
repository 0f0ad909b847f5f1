#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;

// Deleted principals, and credentials that an administrator replaces.
class DeletionTest : public MailTest {
 protected:
  static Result<v1::DeleteUserResponse> DeleteUser(const std::string& id, const Metadata& caller = server().root()) {
    return server().Call(&Admin::DeleteUser, Proto<v1::DeleteUserRequest>("user_id: '$0'", id), caller);
  }
  static Result<v1::DeleteServiceAccountResponse> DeleteAccount(const std::string& id,
                                                                const Metadata& caller = server().root()) {
    return server().Call(&Admin::DeleteServiceAccount,
                         Proto<v1::DeleteServiceAccountRequest>("service_account_id: '$0'", id), caller);
  }
  static Result<v1::ResetCredentialsResponse> ResetCredentials(const std::string& id,
                                                               const Metadata& caller = server().root()) {
    return server().Call(&Admin::ResetCredentials, Proto<v1::ResetCredentialsRequest>("user_id: '$0'", id), caller);
  }
  static Result<v1::CreateUserResponse> CreateUser(const std::string& username, const std::string& email) {
    return server().Call(&Admin::CreateUser,
                         Proto<v1::CreateUserRequest>("username: '$0' email: '$1'", username, email), server().root());
  }
  static v1::Reason ReasonOfKey(const std::string& key) {
    return server().Check(Proto<v1::CheckPermissionRequest>("api_key: '$0' permission: 'posts:read'", key)).reason();
  }
  static grpc::Status GetUser(const std::string& id) {
    return server().Call(&Admin::GetUser, Proto<v1::GetUserRequest>("user_id: '$0'", id), server().root()).status;
  }
  // The tables in which the server still stores something about the principal or the text.
  static std::vector<std::string> TablesWith(const std::string& text) {
    std::vector<std::string> found;
    const Rows tables = server().database().Execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'identity'::regnamespace AND relkind = 'r'");
    for (size_t i = 0; i < tables.size(); ++i) {
      const std::string table = tables[i].Text("relname");
      const std::string has =
          absl::StrCat("SELECT EXISTS (SELECT FROM ", table, " t WHERE t::text LIKE '%", text, "%')::text");
      if (server().Ask(has) == "true") found.push_back(table);
    }
    return found;
  }
  // Tables that may still name a deleted principal.
  static auto MayStay() {
    return ::testing::AnyOf("principals", "changes", ::testing::StartsWith("audit_events_"), "remembered_requests");
  }
};

TEST_F(DeletionTest, NothingOfAUserWorksAfterwards) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"posts:read"});
  const v1::TokenSet session = server().Login(user);
  const std::string key = server().IssueKey(user.id, {}).secret();
  const Factor factor = GiveFactor(server(), user);
  const std::string challenge = Challenge(server(), user);
  Must(server().Call(&Account::RequestPasswordReset,
                     Proto<v1::RequestPasswordResetRequest>("login: '$0'", user.username)));
  const std::string reset = MailedToken(server(), MailKind::kResetPassword, user.email);
  EXPECT_EQ(server().ReasonFor(session.access_token(), "posts:read"), v1::REASON_GRANTED);
  EXPECT_EQ(ReasonOfKey(key), v1::REASON_GRANTED);

  EXPECT_FALSE(Must(DeleteUser(user.id)).consistency_token().empty());
  EXPECT_EQ(server().ReasonFor(session.access_token(), "posts:read"), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_EQ(ReasonOfKey(key), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_EQ(server()
                .Check(Proto<v1::CheckPermissionRequest>("principal_id: '$0' permission: 'posts:read'", user.id))
                .reason(),
            v1::REASON_NO_BINDING);
  EXPECT_THAT(TryRefresh(server(), session.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_THAT(TryRecoveryCode(server(), challenge, factor.recovery_codes[0]),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().TryLogin(user.email, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().Call(&Account::ResetPassword,
                            Proto<v1::ResetPasswordRequest>("token: '$0' new_password: '$1'", reset, user.password)),
              FailsWith(ErrorReason::kMailedTokenInvalid));
}

TEST_F(DeletionTest, OnlyTheNameAndTheAuditStay) {
  const TestUser user = RegisterUser(server(), "erased", "erased@personal.example");
  Must(Verify(server(), user, MailedToken(server(), MailKind::kVerifyEmail, user.email)));
  server().Grant(user.id, {"posts:read"});
  server().IssueKey(user.id, {});
  v1::AuthenticateRequest login;
  login.mutable_password()->set_login(user.username);
  login.mutable_password()->set_password(user.password);
  login.set_remember_device(true);
  EXPECT_FALSE(Must(server().Call(&Identity::Authenticate, login)).device_token().empty());
  GiveFactor(server(), user);
  Must(DeleteUser(user.id));
  EXPECT_THAT(TablesWith("personal.example"), IsEmpty());
  EXPECT_THAT(TablesWith("erased"), ::testing::ElementsAre("principals"));
  EXPECT_THAT(TablesWith(user.id), Each(MayStay()));
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM audit_events WHERE event = 'user.deleted' AND subject_id = '" +
                         user.id + "'"),
            "1");
  EXPECT_NE(
      server().Ask("SELECT count(*)::text FROM audit_events WHERE event = 'login' AND subject_id = '" + user.id + "'"),
      "0");
}

TEST_F(DeletionTest, ADeletedPrincipalCannotBeChangedAnyMore) {
  const TestUser user = server().MakeUser();
  Must(DeleteUser(user.id));
  EXPECT_THAT(DeleteUser(user.id), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(GetUser(user.id), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(server().Call(&Admin::EnablePrincipal, Proto<v1::EnablePrincipalRequest>("principal_id: '$0'", user.id),
                            server().root()),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(server().Call(&Admin::CreateBinding,
                            Proto<v1::CreateBindingRequest>("binding { principal_id: '$0' role: 'checker' }", user.id),
                            server().root()),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(
      server().Call(&Identity::IssueApiKey, Proto<v1::IssueApiKeyRequest>("owner_id: '$0'", user.id), server().root()),
      FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(ResetCredentials(user.id), FailsWith(ErrorReason::kNotFound));
}

TEST_F(DeletionTest, TheNameIsFreeAfterThirtyDaysAndTheAddressAtOnce) {
  const TestUser user = server().MakeUser();
  Must(DeleteUser(user.id));
  EXPECT_THAT(CreateUser(user.username, "another@example.com"), FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_THAT(CreateUser("somebody-else", user.email), Succeeds());
  const auto free_names = [](const std::string& age) {
    server().database().Execute("UPDATE principals SET delete_time = now() - interval '" + age +
                                "' WHERE delete_time IS NOT NULL");
    return server().Ask("SELECT clean_deleted_principals(1000)::text");
  };
  EXPECT_EQ(free_names("29 days 23 hours"), "0");
  EXPECT_NE(free_names("30 days 1 hour"), "0");
  EXPECT_THAT(CreateUser(user.username, "another@example.com"), Succeeds());
}

// A login that was under way may leave a session behind. It must not keep housekeeping from its work for ever.
TEST_F(DeletionTest, WhatALoginLeftBehindIsDeletedBeforeTheNameIsFree) {
  const TestUser user = server().MakeUser();
  Must(DeleteUser(user.id));
  server().database().Execute(absl::Substitute(
      "INSERT INTO sessions (id, principal_id, epoch, client_id, audience, scopes, amr, auth_time, expire_time)"
      "  SELECT uuid_v7(), '$0', 0, '', '', '{}', '{}', now(), now() + interval '40 days' FROM generate_series(1, 3);"
      "INSERT INTO bindings (principal_id, role, resource) VALUES ('$0', 'checker', '');"
      "UPDATE principals SET delete_time = now() - interval '31 days' WHERE id = '$0'",
      user.id));
  const auto clean = [] { return server().Ask("SELECT clean_deleted_principals(2)::text"); };
  const auto rows = [&] {
    return server().Ask(
        absl::Substitute("SELECT (SELECT count(*) FROM sessions WHERE principal_id = '$0') || ' ' ||"
                         " (SELECT count(*) FROM principals WHERE id = '$0')",
                         user.id));
  };
  EXPECT_EQ(clean(), "2");
  EXPECT_EQ(rows(), "1 1") << "the name waits for the session";
  EXPECT_NE(clean(), "0");
  clean();
  EXPECT_EQ(rows(), "0 0");
}

TEST_F(DeletionTest, TheTotalsFollow) {
  const auto totals = [] {
    return server().Ask(
        "SELECT string_agg(name || '=' || n, ' ' ORDER BY name) FROM (SELECT name, sum(count) AS n FROM totals GROUP "
        "BY "
        "name) AS t");
  };
  const std::string before = totals();
  const TestUser user = RegisterUser(server(), "counted", "counted@example.com");
  Must(Verify(server(), user, MailedToken(server(), MailKind::kVerifyEmail, user.email)));
  server().IssueKey(user.id, {});
  GiveFactor(server(), user);
  const TestUser disabled = server().MakeUser();
  server().Disable(disabled.id);
  const std::string account = server().MakeServiceAccount();
  server().IssueKey(account, {});
  EXPECT_NE(totals(), before);
  Must(DeleteUser(user.id));
  Must(DeleteUser(disabled.id));
  Must(DeleteAccount(account));
  EXPECT_EQ(totals(), before);
}

TEST_F(DeletionTest, AServiceAccountEndsWithItsKeys) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"posts:read"});
  const std::string key = server().IssueKey(account, {}).secret();
  EXPECT_EQ(ReasonOfKey(key), v1::REASON_GRANTED);
  Must(DeleteAccount(account));
  EXPECT_EQ(ReasonOfKey(key), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_THAT(TablesWith(account), Each(MayStay()));
  EXPECT_THAT(DeleteAccount(account), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(DeleteAccount(server().MakeUser().id), FailsWith(ErrorReason::kNotFound)) << "each RPC has its kind";
  EXPECT_THAT(DeleteUser(server().MakeServiceAccount()), FailsWith(ErrorReason::kNotFound));
}

TEST_F(DeletionTest, OnlyThoseWhoMayDelete) {
  const TestUser user = server().MakeUser();
  const TestUser second_root = server().MakeUser();
  server().Bind(second_root.id, "super_admin");
  const Metadata admin = server().MakeCaller({"identity:*"});
  EXPECT_THAT(DeleteUser(user.id, server().MakeCaller({"identity:users:read"})),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(DeleteUser(second_root.id, admin), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(DeleteUser(server().root_id()), FailsWith(ErrorReason::kOwnRoles));
  EXPECT_THAT(DeleteUser("00000000-0000-7000-8000-000000000001", admin), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(DeleteUser(user.id, admin), Succeeds());
  EXPECT_THAT(DeleteUser(second_root.id), Succeeds());
}

TEST_F(DeletionTest, OnlyThoseWhoMayDeleteAServiceAccount) {
  const std::string account = server().MakeServiceAccount();
  const std::string robot_root = server().MakeServiceAccount();
  server().Bind(robot_root, "super_admin");
  const Metadata admin = server().MakeCaller({"identity:*"});
  EXPECT_THAT(DeleteAccount(account, server().MakeCaller({"identity:service_accounts:read"})),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(DeleteAccount(robot_root, admin), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(DeleteAccount(robot_root, Bearer(server().IssueKey(robot_root, {}).secret())),
              FailsWith(ErrorReason::kOwnRoles));
  EXPECT_THAT(DeleteAccount(account, admin), Succeeds());
  EXPECT_THAT(DeleteAccount(robot_root), Succeeds());
}

// The caller's own right ends in an hour. After that nobody could administer the service.
TEST_F(DeletionTest, TheLastSuperAdminWithoutAnEndCannotBeTakenAway) {
  TestServer own;
  const TestUser deputy = own.MakeUser();
  v1::CreateBindingRequest bind;
  bind.mutable_binding()->set_principal_id(deputy.id);
  bind.mutable_binding()->set_role("super_admin");
  bind.mutable_binding()->mutable_expire_time()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(1)));
  Must(own.Call(&Admin::CreateBinding, bind, own.root()));
  const Metadata caller = Bearer(own.Login(deputy).access_token());
  const std::string binding = own.Ask("SELECT id::text FROM bindings WHERE principal_id = '" + own.root_id() + "'");
  const auto remove = [&] {
    return own.Call(&Admin::DeleteBinding, Proto<v1::DeleteBindingRequest>("binding_id: '$0'", binding), caller).status;
  };
  const auto disable = [&] {
    return own
        .Call(&Admin::DisablePrincipal, Proto<v1::DisablePrincipalRequest>("principal_id: '$0'", own.root_id()), caller)
        .status;
  };
  const auto erase = [&] {
    return own.Call(&Admin::DeleteUser, Proto<v1::DeleteUserRequest>("user_id: '$0'", own.root_id()), caller).status;
  };
  for (const auto& take : std::vector<std::function<grpc::Status()>>{remove, disable, erase}) {
    EXPECT_THAT(take(), FailsWith(ErrorReason::kLastSuperAdmin));
  }
  const std::string robot = own.MakeServiceAccount();
  own.Bind(robot, "super_admin");
  EXPECT_THAT(disable(), Succeeds()) << "another one stays";
  EXPECT_THAT(own.Call(&Admin::DeleteServiceAccount,
                       Proto<v1::DeleteServiceAccountRequest>("service_account_id: '$0'", robot), caller),
              FailsWith(ErrorReason::kLastSuperAdmin));
}

TEST_F(DeletionTest, ReplacedCredentialsGiveOneLoginThatOnlyChangesThePassword) {
  const TestUser user = server().MakeUser();
  const v1::TokenSet session = server().Login(user);
  const std::string key = server().IssueKey(user.id, {}).secret();
  for (int i = 0; i < 5; ++i) server().TryLogin(user.username, "wrong");
  const auto reset = Must(ResetCredentials(user.id));
  EXPECT_EQ(reset.ended_sessions(), 1);
  EXPECT_THAT(TryRefresh(server(), session.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_EQ(ReasonOfKey(key), v1::REASON_CREDENTIAL_REVOKED);
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  const auto first = Must(TryPassword(server(), user.username, reset.one_time_secret())).tokens();
  EXPECT_TRUE(first.password_change_required());
  EXPECT_EQ(absl::StrJoin(first.scopes(), " "), "identity:self:*");
  v1::ChangePasswordRequest change;
  change.mutable_proof()->set_current_password(reset.one_time_secret());
  change.set_new_password("incorrect zebra battery staple");
  Must(server().Call(&Account::ChangePassword, change, Bearer(first.access_token())));
  EXPECT_FALSE(Must(TryPassword(server(), user.username, change.new_password())).tokens().password_change_required());
  EXPECT_EQ(MailsTo(server(), user.email).front().kind, MailKind::kAccountChanged);
  EXPECT_EQ(
      server().Ask("SELECT count(*)::text FROM audit_events WHERE event = 'credentials.reset' AND subject_id = '" +
                   user.id + "'"),
      "1");
}

TEST_F(DeletionTest, ReplacedCredentialsKeepTheSecondFactor) {
  const TestUser user = server().MakeUser();
  GiveFactor(server(), user);
  const auto reset = Must(ResetCredentials(user.id));
  EXPECT_TRUE(Must(TryPassword(server(), user.username, reset.one_time_secret())).has_mfa_challenge());
}

// Whoever gets the one-time secret can act as the user.
TEST_F(DeletionTest, CredentialsAreReplacedOnlyByThoseWhoCouldGrantWhatTheUserHolds) {
  const TestUser strong = server().MakeUser();
  server().Grant(strong.id, {"identity:audit:read"});
  const TestUser editor = server().MakeUser();
  server().Grant(editor.id, {"posts:write"});
  const TestUser second_root = server().MakeUser();
  server().Bind(second_root.id, "super_admin");
  const Metadata helpdesk = server().MakeCaller({"identity:users:write"});
  EXPECT_THAT(ResetCredentials(strong.id, helpdesk), FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(ResetCredentials(editor.id, helpdesk), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(ResetCredentials(second_root.id, server().MakeCaller({"identity:*"})),
              FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(ResetCredentials(server().root_id()), FailsWith(ErrorReason::kOwnRoles));
  EXPECT_THAT(ResetCredentials(server().MakeUser().id, helpdesk), Succeeds());
}

}  // namespace
}  // namespace identity
