#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::IsEmpty;

class UserUpdateTest : public RpcTest {
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
  // The number of audit events `event` about the user.
  static std::string Audited(const std::string& event, const std::string& id) {
    return server().Ask(absl::StrCat("SELECT count(*)::text FROM audit_events WHERE event = '", event,
                                     "' AND subject_id = '", id, "'"));
  }
  static std::string DetailsOfUpdates(const std::string& id) {
    return server().Ask(absl::StrCat("SELECT string_agg(details, ';' ORDER BY id) FROM audit_events ",
                                     "WHERE event = 'user.updated' AND subject_id = '", id, "'"));
  }
  static std::string Revision() { return server().Ask("SELECT value::text FROM revision"); }
  static TestUser MakeSuperAdmin() {
    const TestUser user = server().MakeUser();
    server().Bind(user.id, "super_admin");
    return user;
  }
};

TEST_F(UserUpdateTest, AnUpdateChangesTheFieldsOfTheMask) {
  const TestUser user = server().MakeUser();
  const auto updated = Must(Update(server().root(),
                                   "user { id: '$0' full_name: 'Ada L.' email: 'unused@example.com' } "
                                   "update_mask { paths: 'full_name' }",
                                   user.id));
  EXPECT_EQ(updated.user().full_name(), "Ada L.");
  EXPECT_EQ(updated.user().email(), user.email);
  Must(Update(server().root(), "user { id: '$0' } update_mask { paths: 'full_name' }", user.id));
  EXPECT_THAT(Get(user.id).full_name(), IsEmpty()) << "a field of the mask is replaced even by an empty value";
}

TEST_F(UserUpdateTest, WithoutAMaskAnUpdateChangesTheFieldsThatAreNotEmpty) {
  const TestUser user = server().MakeUser();
  Must(Update(server().root(), "user { id: '$0' full_name: 'Ada' }", user.id));
  const auto updated =
      Must(Update(server().root(), "user { id: '$0' email: 'Ada.$1@Example.com' }", user.id, user.username));
  EXPECT_EQ(updated.user().full_name(), "Ada");
  EXPECT_EQ(updated.user().email(), absl::StrCat("Ada.", user.username, "@Example.com"));
  EXPECT_THAT(server().TryLogin(absl::StrCat("ADA.", user.username, "@example.com"), user.password), Succeeds())
      << "the address is compared folded";
  EXPECT_FALSE(server().TryLogin(user.email, user.password).ok()) << "the old address is no longer a login name";
}

TEST_F(UserUpdateTest, TheAdministratorDecidesWhetherAnAddressIsVerified) {
  const TestUser user = server().MakeUser();
  const char* text = "user { id: '$0' email: '$1' email_verified: $2 }";
  EXPECT_TRUE(Must(Update(server().root(), text, user.id, user.email, "true")).user().email_verified());
  EXPECT_FALSE(Must(Update(server().root(), text, user.id, user.email, "false")).user().email_verified());
  EXPECT_TRUE(Must(Update(server().root(), text, user.id, "v-" + user.email, "true")).user().email_verified());
  EXPECT_FALSE(Must(Update(server().root(), text, user.id, "w-" + user.email, "false")).user().email_verified());
  EXPECT_EQ(DetailsOfUpdates(user.id), "email_verified;email_verified;email, email_verified;email, email_verified");
}

TEST_F(UserUpdateTest, ANewAddressDeletesPendingMailTokens) {
  const TestUser user = server().MakeUser();
  server().database().Execute(absl::StrCat("UPDATE users SET pending_email = 'wish@example.com' WHERE id = '", user.id,
                                           "'; INSERT INTO mailed_tokens VALUES (uuid_v7(), '', 'reset_password', '",
                                           user.id, "', '", user.email, "', now() + interval '1 hour')"));
  Must(Update(server().root(), "user { id: '$0' email: 'moved-$1' }", user.id, user.email));
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM mailed_tokens WHERE principal_id = '" + user.id + "'"), "0");
  EXPECT_EQ(server().Ask("SELECT (pending_email IS NULL)::text FROM users WHERE id = '" + user.id + "'"), "true");
}

TEST_F(UserUpdateTest, ATakenAddressIsRefusedAndNothingChanges) {
  const TestUser user = server().MakeUser();
  const TestUser other = server().MakeUser();
  EXPECT_THAT(Update(server().root(), "user { id: '$0' full_name: 'New' email: '$1' }", user.id,
                     absl::AsciiStrToUpper(other.email)),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_EQ(Get(user.id).email(), user.email);
  EXPECT_THAT(Get(user.id).full_name(), IsEmpty());
  EXPECT_EQ(Audited("user.updated", user.id), "0");
}

TEST_F(UserUpdateTest, AnUpdateIsAuditedWithItsFieldNamesAndKeepsTheRevision) {
  const TestUser user = server().MakeUser();
  const std::string before = Revision();
  const char* text = "user { id: '$0' full_name: 'Tell Tale' email: 'tell-tale-$1' }";
  Must(Update(server().root(), text, user.id, user.email));
  Must(Update(server().root(), text, user.id, user.email));
  EXPECT_EQ(DetailsOfUpdates(user.id), "full_name, email") << "audited once, since the second update changed nothing";
  EXPECT_EQ(Revision(), before);
}

TEST_F(UserUpdateTest, FieldsOfAnUpdateAreChecked) {
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
  EXPECT_THAT(Update(root, "user { id: '$0' full_name: 'y' }", kUnknownId), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Update(root, "user { id: '$0' full_name: 'y' }", server().MakeServiceAccount()),
              FailsWith(ErrorReason::kNotFound));
}

TEST_F(UserUpdateTest, OnlyASuperAdminUpdatesOrUnlocksASuperAdmin) {
  const TestUser target = MakeSuperAdmin();
  const Metadata admin = server().MakeCaller({"identity:*"});
  EXPECT_THAT(Update(admin, "user { id: '$0' full_name: 'x' }", target.id),
              FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Unlock(admin, target.id), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Update(server().root(), "user { id: '$0' full_name: 'x' }", target.id), Succeeds());
  EXPECT_THAT(Unlock(server().root(), target.id), Succeeds());
}

TEST_F(UserUpdateTest, AScopedAdministratorReachesOnlyTheirUser) {
  const TestUser user = server().MakeUser();
  const TestUser other = server().MakeUser();
  const Metadata admin = server().MakeCaller({"identity:users:write"}, "users/" + user.id);
  EXPECT_THAT(Update(admin, "user { id: '$0' full_name: 'x' }", user.id), Succeeds());
  EXPECT_THAT(Unlock(admin, user.id), Succeeds());
  for (const std::string& id : {other.id, std::string(kUnknownId), std::string("x")}) {
    EXPECT_THAT(Update(admin, "user { id: '$0' full_name: 'x' }", id), FailsWith(ErrorReason::kPermissionDenied)) << id;
    EXPECT_THAT(Unlock(admin, id), FailsWith(ErrorReason::kPermissionDenied)) << id;
  }
}

// An administrator who sets an address can have a password reset mailed to it.
TEST_F(UserUpdateTest, SettingAnAddressRequiresAllPermissionsOfTheUser) {
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

TEST_F(UserUpdateTest, AdministratorsCannotSetTheirOwnAddress) {
  EXPECT_THAT(Update(server().root(), "user { id: '$0' email: 'mine@example.com' }", server().root_id()),
              FailsWith(ErrorReason::kOwnRoles));
}

TEST_F(UserUpdateTest, UnlockingEndsALockAfterWrongPasswords) {
  const TestUser user = server().MakeUser();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(server().TryLogin(user.username, "wrong").ok());
  EXPECT_FALSE(server().TryLogin(user.username, user.password).ok());
  EXPECT_TRUE(Get(user.id).has_locked_until());
  EXPECT_THAT(Unlock(server().root(), user.id), Succeeds());
  EXPECT_FALSE(Get(user.id).has_locked_until());
  EXPECT_EQ(Audited("user.unlocked", user.id), "1");
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds());
  EXPECT_THAT(Unlock(server().root(), kUnknownId), FailsWith(ErrorReason::kNotFound));
}

TEST_F(UserUpdateTest, UnlockingEndsABlockAfterWrongCodes) {
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

TEST_F(UserUpdateTest, AUserHasASecondFactorOnceItIsConfirmed) {
  const TestUser user = server().MakeUser();
  server().database().Execute(absl::StrCat(
      "INSERT INTO totp_factors (principal_id, sealed_secret, master_key_id) VALUES ('", user.id, "', '', '')"));
  EXPECT_FALSE(Get(user.id).mfa_enabled());
  server().database().Execute(
      absl::StrCat("UPDATE totp_factors SET confirm_time = now() WHERE principal_id = '", user.id, "'"));
  EXPECT_TRUE(Get(user.id).mfa_enabled());
}

}  // namespace
}  // namespace identity
