#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kNobody[] = "0190b5a0-0000-7000-8000-000000000000";

class AdminUsersTest : public RpcTest {
 protected:
  template <typename... Arguments>
  static Result<v1::UpdateUserResponse> Update(const Metadata& metadata, const char* text,
                                               const Arguments&... arguments) {
    return server().Call(&Admin::UpdateUser, Proto<v1::UpdateUserRequest>(text, arguments...), metadata);
  }
  static Result<v1::UnlockUserResponse> Unlock(const Metadata& metadata, const std::string& id) {
    return server().Call(&Admin::UnlockUser, Proto<v1::UnlockUserRequest>("user_id: '$0'", id), metadata);
  }
  static v1::User Get(const std::string& id) {
    return Must(server().Call(&Admin::GetUser, Proto<v1::GetUserRequest>("user_id: '$0'", id), server().root())).user();
  }
  template <typename... Arguments>
  static Result<v1::ListPrincipalSessionsResponse> Sessions(const Metadata& metadata, const char* text,
                                                            const Arguments&... arguments) {
    return server().Call(&Admin::ListPrincipalSessions, Proto<v1::ListPrincipalSessionsRequest>(text, arguments...),
                         metadata);
  }
  template <typename... Arguments>
  static Result<v1::ListPrincipalApiKeysResponse> Keys(const Metadata& metadata, const char* text,
                                                       const Arguments&... arguments) {
    return server().Call(&Admin::ListPrincipalApiKeys, Proto<v1::ListPrincipalApiKeysRequest>(text, arguments...),
                         metadata);
  }
  // How many audit events say `event` of the user.
  static std::string Audited(const std::string& event, const std::string& id) {
    return server().Ask(absl::StrCat("SELECT count(*)::text FROM audit_events WHERE event = '", event,
                                     "' AND subject_id = '", id, "'"));
  }
  static std::string DetailsOfUpdates(const std::string& id) {
    return server().Ask(absl::StrCat("SELECT string_agg(details, ';' ORDER BY id) FROM audit_events ",
                                     "WHERE event = 'user.updated' AND subject_id = '", id, "'"));
  }
  static std::string Revision() { return server().Ask("SELECT value::text FROM revision"); }
  // A user that is a super admin, and an administrator of users who is none.
  static TestUser MakeSuperAdmin() {
    const TestUser user = server().MakeUser();
    server().Bind(user.id, "super_admin");
    return user;
  }
  static std::vector<std::string> IdsOf(const v1::ListPrincipalSessionsResponse& response) {
    std::vector<std::string> ids;
    for (const v1::Session& session : response.sessions()) ids.push_back(session.id());
    return ids;
  }
};

TEST_F(AdminUsersTest, AnUpdateChangesWhatTheMaskNames) {
  const TestUser user = server().MakeUser();
  const auto updated = Must(Update(server().root(),
                                   "user { id: '$0' full_name: 'Ada L.' email: 'unused@example.com' } "
                                   "update_mask { paths: 'full_name' }",
                                   user.id));
  EXPECT_EQ(updated.user().full_name(), "Ada L.");
  EXPECT_EQ(updated.user().email(), user.email);
  Must(Update(server().root(), "user { id: '$0' } update_mask { paths: 'full_name' }", user.id));
  EXPECT_THAT(Get(user.id).full_name(), IsEmpty()) << "what the mask names is replaced, by nothing too";
}

TEST_F(AdminUsersTest, WithoutAMaskWhatIsNotEmptyChanges) {
  const TestUser user = server().MakeUser();
  Must(Update(server().root(), "user { id: '$0' full_name: 'Ada' }", user.id));
  const auto updated =
      Must(Update(server().root(), "user { id: '$0' email: 'Ada.$1@Example.com' }", user.id, user.username));
  EXPECT_EQ(updated.user().full_name(), "Ada");
  EXPECT_EQ(updated.user().email(), absl::StrCat("Ada.", user.username, "@Example.com"));
  EXPECT_THAT(server().TryLogin(absl::StrCat("ADA.", user.username, "@example.com"), user.password), Succeeds())
      << "the address is compared folded";
  EXPECT_FALSE(server().TryLogin(user.email, user.password).ok()) << "the old address is no login name any more";
}

TEST_F(AdminUsersTest, AnAddressIsVerifiedWhenTheAdministratorSaysSo) {
  const TestUser user = server().MakeUser();
  const char* text = "user { id: '$0' email: '$1' email_verified: $2 }";
  EXPECT_TRUE(Must(Update(server().root(), text, user.id, user.email, "true")).user().email_verified());
  EXPECT_FALSE(Must(Update(server().root(), text, user.id, user.email, "false")).user().email_verified());
  EXPECT_TRUE(Must(Update(server().root(), text, user.id, "v-" + user.email, "true")).user().email_verified());
  EXPECT_FALSE(Must(Update(server().root(), text, user.id, "w-" + user.email, "false")).user().email_verified());
  EXPECT_EQ(DetailsOfUpdates(user.id), "email_verified;email_verified;email, email_verified;email, email_verified");
}

TEST_F(AdminUsersTest, AnUpdateEndsWhatWasMailedToTheOldAddress) {
  const TestUser user = server().MakeUser();
  server().database().Execute(absl::StrCat("UPDATE users SET pending_email = 'wish@example.com' WHERE id = '", user.id,
                                           "'; INSERT INTO mailed_tokens VALUES (uuid_v7(), '', 'reset_password', '",
                                           user.id, "', '", user.email, "', now() + interval '1 hour')"));
  Must(Update(server().root(), "user { id: '$0' email: 'moved-$1' }", user.id, user.email));
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM mailed_tokens WHERE principal_id = '" + user.id + "'"), "0");
  EXPECT_EQ(server().Ask("SELECT (pending_email IS NULL)::text FROM users WHERE id = '" + user.id + "'"), "true");
}

TEST_F(AdminUsersTest, ATakenAddressIsRefusedAndNothingChanges) {
  const TestUser user = server().MakeUser();
  const TestUser other = server().MakeUser();
  EXPECT_THAT(Update(server().root(), "user { id: '$0' full_name: 'New' email: '$1' }", user.id,
                     absl::AsciiStrToUpper(other.email)),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_EQ(Get(user.id).email(), user.email);
  EXPECT_THAT(Get(user.id).full_name(), IsEmpty());
  EXPECT_EQ(Audited("user.updated", user.id), "0");
}

TEST_F(AdminUsersTest, AnUpdateIsAuditedByTheNamesOfItsFieldsAndLeavesTheRevisionAlone) {
  const TestUser user = server().MakeUser();
  const std::string before = Revision();
  const char* text = "user { id: '$0' full_name: 'Tell Tale' email: 'tell-tale-$1' }";
  Must(Update(server().root(), text, user.id, user.email));
  Must(Update(server().root(), text, user.id, user.email));
  EXPECT_EQ(DetailsOfUpdates(user.id), "full_name, email") << "once: the second changed nothing";
  EXPECT_EQ(Revision(), before);
}

TEST_F(AdminUsersTest, FieldsOfAnUpdateAreChecked) {
  const TestUser user = server().MakeUser();
  const Metadata& root = server().root();
  EXPECT_THAT(Update(root, "user { id: '$0' email: 'x' }", user.id), RefusesField("user.email"));
  EXPECT_THAT(Update(root, "user { id: '$0' } update_mask { paths: 'email' }", user.id), RefusesField("user.email"));
  EXPECT_THAT(Update(root, "user { id: '$0' full_name: '$1' }", user.id, std::string(257, 'x')),
              RefusesField("user.full_name"));
  for (const char* path : {"username", "disabled", "id", "email_verified", "*", ""}) {
    EXPECT_THAT(Update(root, "user { id: '$0' } update_mask { paths: '$1' }", user.id, path),
                RefusesField("update_mask"))
        << path;
  }
  EXPECT_THAT(Update(root, "user { id: 'x' full_name: 'y' }"), RefusesField("user.id"));
  EXPECT_THAT(Update(root, "user { id: '$0' full_name: 'y' }", kNobody), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Update(root, "user { id: '$0' full_name: 'y' }", server().MakeServiceAccount()),
              FailsWith(ErrorReason::kNotFound));
}

TEST_F(AdminUsersTest, OnlyASuperAdminUpdatesOrUnlocksASuperAdmin) {
  const TestUser target = MakeSuperAdmin();
  const Metadata admin = server().MakeCaller({"identity:*"});
  EXPECT_THAT(Update(admin, "user { id: '$0' full_name: 'x' }", target.id),
              FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Unlock(admin, target.id), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Update(server().root(), "user { id: '$0' full_name: 'x' }", target.id), Succeeds());
  EXPECT_THAT(Unlock(server().root(), target.id), Succeeds());
}

TEST_F(AdminUsersTest, AScopedAdministratorReachesTheirUserAlone) {
  const TestUser user = server().MakeUser();
  const TestUser other = server().MakeUser();
  const Metadata admin = server().MakeCaller({"identity:users:write"}, "users/" + user.id);
  EXPECT_THAT(Update(admin, "user { id: '$0' full_name: 'x' }", user.id), Succeeds());
  EXPECT_THAT(Unlock(admin, user.id), Succeeds());
  for (const std::string& id : {other.id, std::string(kNobody), std::string("x")}) {
    EXPECT_THAT(Update(admin, "user { id: '$0' full_name: 'x' }", id), FailsWith(ErrorReason::kPermissionDenied)) << id;
    EXPECT_THAT(Unlock(admin, id), FailsWith(ErrorReason::kPermissionDenied)) << id;
  }
}

// Whoever sets an address can have the password mailed to it.
TEST_F(AdminUsersTest, AnAddressIsSetOnlyByWhoHoldsWhatTheUserHolds) {
  const TestUser target = server().MakeUser();
  server().Grant(target.id, {"identity:roles:write"});
  const Metadata weaker = server().MakeCaller({"identity:users:write"});
  EXPECT_THAT(Update(weaker, "user { id: '$0' email: 'mine@example.com' }", target.id),
              FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(Update(weaker, "user { id: '$0' full_name: 'x' }", target.id), Succeeds());
  const Metadata equal = server().MakeCaller({"identity:users:write", "identity:roles:write"});
  EXPECT_THAT(Update(equal, "user { id: '$0' email: 'theirs@example.com' }", target.id), Succeeds());
  const TestUser payer = server().MakeUser();
  server().Grant(payer.id, {"payments:approve"}, "orgs/acme");
  EXPECT_THAT(Update(equal, "user { id: '$0' email: 'payer@example.com' }", payer.id),
              FailsWith(ErrorReason::kPermissionDenied));
  const Metadata binder = server().MakeCaller({"identity:users:write", "identity:bindings:write"});
  EXPECT_THAT(Update(binder, "user { id: '$0' email: 'payer@example.com' }", payer.id), Succeeds());
}

TEST_F(AdminUsersTest, NobodySetsTheirOwnAddressAsAnAdministrator) {
  EXPECT_THAT(Update(server().root(), "user { id: '$0' email: 'mine@example.com' }", server().root_id()),
              FailsWith(ErrorReason::kOwnRoles));
}

TEST_F(AdminUsersTest, UnlockingEndsALockAfterWrongPasswords) {
  const TestUser user = server().MakeUser();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(server().TryLogin(user.username, "wrong").ok());
  EXPECT_FALSE(server().TryLogin(user.username, user.password).ok());
  EXPECT_TRUE(Get(user.id).has_locked_until());
  EXPECT_THAT(Unlock(server().root(), user.id), Succeeds());
  EXPECT_FALSE(Get(user.id).has_locked_until());
  EXPECT_EQ(Audited("user.unlocked", user.id), "1");
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds());
  EXPECT_THAT(Unlock(server().root(), kNobody), FailsWith(ErrorReason::kNotFound));
}

TEST_F(AdminUsersTest, UnlockingEndsABlockAfterWrongCodes) {
  const TestUser user = server().MakeUser();
  server().database().Execute(
      absl::StrCat("INSERT INTO totp_factors (principal_id, sealed_secret, master_key_id, failures, blocked_until) "
                   "VALUES ('",
                   user.id, "', '', '', 7, now() + interval '1 hour')"));
  Must(Unlock(server().root(), user.id));
  EXPECT_EQ(
      server().Ask("SELECT failures || ' ' || blocked_until FROM totp_factors WHERE principal_id = '" + user.id + "'"),
      "0 -infinity");
}

TEST_F(AdminUsersTest, AUserShowsASecondFactorOnceItIsConfirmed) {
  const TestUser user = server().MakeUser();
  server().database().Execute(absl::StrCat(
      "INSERT INTO totp_factors (principal_id, sealed_secret, master_key_id) VALUES ('", user.id, "', '', '')"));
  EXPECT_FALSE(Get(user.id).mfa_enabled());
  server().database().Execute(
      absl::StrCat("UPDATE totp_factors SET confirm_time = now() WHERE principal_id = '", user.id, "'"));
  EXPECT_TRUE(Get(user.id).mfa_enabled());
}

TEST_F(AdminUsersTest, ServiceAccountsAreListedInTheOrderOfTheirCreation) {
  const std::vector<std::string> made = {server().MakeServiceAccount(), server().MakeServiceAccount(),
                                         server().MakeServiceAccount()};
  server().Disable(made[2]);
  std::vector<std::string> listed;
  std::string token;
  v1::ServiceAccount last;
  do {
    const auto page = Must(server().Call(&Admin::ListServiceAccounts,
                                         Proto<v1::ListServiceAccountsRequest>("page_size: 1 page_token: '$0'", token),
                                         server().root()));
    EXPECT_LE(page.service_accounts_size(), 1);
    for (const v1::ServiceAccount& account : page.service_accounts()) listed.push_back((last = account).id());
    token = page.next_page_token();
  } while (!token.empty());
  ASSERT_GE(listed.size(), made.size());
  EXPECT_TRUE(std::equal(made.rbegin(), made.rend(), listed.rbegin()));
  EXPECT_TRUE(last.disabled());
  EXPECT_TRUE(last.has_create_time());
}

TEST_F(AdminUsersTest, SessionsAreListedNewestFirstUntilTheyEnd) {
  const TestUser user = server().MakeUser();
  const std::string first = server().Login(user).session_id();
  const v1::TokenSet ended = server().Login(user);
  const std::string last = server().Login(user).session_id();
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("refresh_token: '$0'", ended.refresh_token())));
  const auto listed = Must(Sessions(server().root(), "principal_id: '$0'", user.id));
  EXPECT_THAT(IdsOf(listed), ElementsAre(last, first));
  const auto page = Must(Sessions(server().root(), "principal_id: '$0' page_size: 1", user.id));
  EXPECT_THAT(IdsOf(page), ElementsAre(last));
  EXPECT_THAT(IdsOf(Must(Sessions(server().root(), "principal_id: '$0' page_size: 1 page_token: '$1'", user.id,
                                  page.next_page_token()))),
              ElementsAre(first));
  EXPECT_THAT(
      Sessions(server().root(), "principal_id: '$0' page_token: '$1'", server().root_id(), page.next_page_token()),
      RefusesField("page_token"));
  server().Disable(user.id);
  server().Enable(user.id);
  EXPECT_THAT(IdsOf(Must(Sessions(server().root(), "principal_id: '$0'", user.id))), IsEmpty())
      << "they are of an older epoch";
}

TEST_F(AdminUsersTest, ASessionShowsHowAndFromWhereItBegan) {
  const TestUser user = server().MakeUser();
  v1::AuthenticateRequest request = Proto<v1::AuthenticateRequest>(
      "password { login: '$0' password: '$1' } scopes: 'posts:*' scopes: 'identity:self:*' audience: 'blog' "
      "client_info { user_agent: 'lynx' device_name: 'laptop' }",
      user.username, user.password);
  server().Grant(user.id, {"posts:read"});
  Must(server().Call(&Identity::Authenticate, request));
  const auto listed = Must(Sessions(server().root(), "principal_id: '$0'", user.id));
  ASSERT_EQ(listed.sessions_size(), 1);
  const v1::Session& session = listed.sessions(0);
  EXPECT_FALSE(session.current());
  EXPECT_EQ(session.audience(), "blog");
  EXPECT_EQ(session.client_id(), "identity");
  EXPECT_THAT(session.amr(), ElementsAre("pwd"));
  EXPECT_EQ(session.user_agent(), "lynx");
  EXPECT_EQ(session.device_name(), "laptop");
  EXPECT_EQ(session.scopes_size(), 2);
  EXPECT_EQ(session.create_time().seconds(), session.auth_time().seconds());
  EXPECT_GT(session.expire_time().seconds(), session.create_time().seconds());
}

TEST_F(AdminUsersTest, TheSessionOfTheCallIsTheCurrentOne) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"identity:sessions:read"}, "users/" + user.id);
  server().Login(user);
  const v1::TokenSet tokens = server().Login(user);
  const auto listed = Must(Sessions(Bearer(tokens.access_token()), "principal_id: '$0'", user.id));
  ASSERT_EQ(listed.sessions_size(), 2);
  EXPECT_TRUE(listed.sessions(0).current());
  EXPECT_FALSE(listed.sessions(1).current());
  EXPECT_THAT(Sessions(Bearer(tokens.access_token()), "principal_id: '$0'", server().root_id()),
              FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(AdminUsersTest, ApiKeysAreListedNewestFirstDeadOnesToo) {
  const TestUser user = server().MakeUser();
  const v1::IssueApiKeyResponse first = server().IssueKey(user.id, {});
  const v1::IssueApiKeyResponse last = server().IssueKey(user.id, {});
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("api_key_id: '$0'", first.api_key().id()),
                     server().root()));
  const auto page = Must(Keys(server().root(), "principal_id: '$0' page_size: 1", user.id));
  ASSERT_EQ(page.api_keys_size(), 1);
  EXPECT_EQ(page.api_keys(0).id(), last.api_key().id());
  const auto rest =
      Must(Keys(server().root(), "principal_id: '$0' page_token: '$1' page_size: 1", user.id, page.next_page_token()));
  ASSERT_EQ(rest.api_keys_size(), 1);
  EXPECT_EQ(rest.api_keys(0).prefix(), first.api_key().prefix());
  EXPECT_TRUE(rest.api_keys(0).has_revoke_time());
  EXPECT_THAT(rest.next_page_token(), IsEmpty());
}

TEST_F(AdminUsersTest, APrincipalThatNobodyIsHasNeitherSessionsNorKeys) {
  EXPECT_EQ(Must(Sessions(server().root(), "principal_id: '$0'", kNobody)).sessions_size(), 0);
  EXPECT_EQ(Must(Keys(server().root(), "principal_id: '$0'", kNobody)).api_keys_size(), 0);
}

}  // namespace
}  // namespace identity
