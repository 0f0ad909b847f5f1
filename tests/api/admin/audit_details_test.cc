#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/base/secret.h"
#include "server/domain/ids.h"
#include "server/domain/opaque_token.h"
#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// What an investigator reads in the events: who tried what, why it failed, and what changed.
class AuditDetailsTest : public RpcTest {
 protected:
  using Events = std::vector<v1::AuditEvent>;

  // Oldest first.
  template <typename... Arguments>
  static Events List(TestServer& server, const char* text, const Arguments&... arguments) {
    const auto listed = Must(
        server.Call(&Admin::ListAuditEvents, Proto<v1::ListAuditEventsRequest>(text, arguments...), server.root()));
    return Events(listed.events().rbegin(), listed.events().rend());
  }
  static std::vector<std::string> Details(const Events& events) {
    std::vector<std::string> details;
    for (const v1::AuditEvent& event : events) details.push_back(event.details());
    return details;
  }
  // The details of the events about `target`, oldest first.
  static std::vector<std::string> DetailsAbout(const std::string& event, const std::string& target) {
    std::vector<std::string> details;
    for (const v1::AuditEvent& listed : List(server(), "event: '$0' page_size: 1000", event)) {
      if (listed.target() == target) details.push_back(listed.details());
    }
    return details;
  }
  static Events Denials(const TestUser& user) {
    return List(server(), "actor_id: '$0' event: 'administration.denied'", user.id);
  }
  static std::vector<std::string> Causes(const std::string& principal) {
    return Details(List(server(), "subject_id: '$0' event: 'login' outcome: 'failure'", principal));
  }
  static Events Locks(const TestUser& user) { return List(server(), "subject_id: '$0' event: 'user.locked'", user.id); }

  static Metadata LoggedIn(const TestUser& user) { return Bearer(server().Login(user).access_token()); }
  static grpc::Status ListUsers(const Metadata& caller) {
    return server().Call(&Admin::ListUsers, v1::ListUsersRequest(), caller).status;
  }
  static void Guess(const TestUser& user, int count) {
    for (int i = 0; i < count; ++i) server().TryLogin(user.username, "wrong password");
  }
  static void EndLock(const TestUser& user) {
    server().database().Execute("UPDATE passwords SET locked_until = clock_timestamp() WHERE principal_id = '" +
                                user.id + "'");
  }
  static grpc::Status TryKey(const std::string& key) {
    v1::AuthenticateRequest request;
    request.mutable_api_key()->set_key(key);
    return server().Call(&Identity::Authenticate, request).status;
  }
  static void UpdateRole(const v1::Role& role) {
    v1::UpdateRoleRequest request;
    *request.mutable_role() = role;
    Must(server().Call(&Admin::UpdateRole, request, server().root()));
  }
};

// ---- Denied administration

TEST_F(AuditDetailsTest, ACallerWithoutThePermissionIsAudited) {
  const TestUser user = server().MakeUser();
  EXPECT_THAT(ListUsers(LoggedIn(user)), FailsWith(ErrorReason::kPermissionDenied));
  const Events denials = Denials(user);
  ASSERT_THAT(denials, SizeIs(1));
  EXPECT_EQ(denials[0].target(), "identity.v1.AdminService/ListUsers");
  EXPECT_EQ(denials[0].outcome(), "failure");
  EXPECT_EQ(denials[0].ip_address(), "127.0.0.1");
  EXPECT_THAT(denials[0].details(), AllOf(StartsWith("PERMISSION_DENIED: "), HasSubstr("identity:users:read")));
}

TEST_F(AuditDetailsTest, ADenialByTheRulesOfAdministrationIsAudited) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"identity:roles:write", "identity:bindings:write", "identity:principals:write"});
  const Metadata caller = LoggedIn(user);
  EXPECT_THAT(server().Call(&Admin::CreateRole,
                            Proto<v1::CreateRoleRequest>("role { name: 'too-much' permissions: '*' }"), caller),
              FailsWith(ErrorReason::kGrantExceedsCaller));
  EXPECT_THAT(server().Call(&Admin::DisablePrincipal,
                            Proto<v1::DisablePrincipalRequest>("principal_id: '$0'", server().root_id()), caller),
              FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Details(Denials(user)),
              ElementsAre(StartsWith("GRANT_EXCEEDS_CALLER: "), StartsWith("SUPER_ADMIN_REQUIRED: ")));
}

TEST_F(AuditDetailsTest, DeniedActsOnKeysAndSessionsOfOthersAreAudited) {
  const TestUser user = server().MakeUser();
  const Metadata caller = LoggedIn(user);
  const std::string key = server().IssueKey(server().MakeServiceAccount(), {}).api_key().id();
  server().Call(&Identity::IssueApiKey, Proto<v1::IssueApiKeyRequest>("owner_id: '$0'", server().root_id()), caller);
  server().Call(&Account::RotateApiKey, Proto<v1::RotateApiKeyRequest>("api_key_id: '$0'", key), caller);
  server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("api_key_id: '$0'", key), caller);
  std::vector<std::string> methods;
  for (const v1::AuditEvent& event : Denials(user)) methods.push_back(event.target());
  EXPECT_THAT(methods, ElementsAre("identity.v1.IdentityService/IssueApiKey", "identity.v1.AccountService/RotateApiKey",
                                   "identity.v1.IdentityService/Revoke"));
}

TEST_F(AuditDetailsTest, OtherFailuresAreNoDenials) {
  const TestUser user = server().MakeUser();
  const Metadata caller = LoggedIn(user);
  server().Grant(user.id, {"identity:roles:read"});
  EXPECT_THAT(server().Call(&Admin::GetRole, Proto<v1::GetRoleRequest>("name: 'no-such-role'"), caller),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(server().Call(&Identity::CheckPermission,
                            Proto<v1::CheckPermissionRequest>("anonymous: true permission: 'a:b'"), caller),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(server().Call(&Identity::IssueApiKey, v1::IssueApiKeyRequest(), caller),
              FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(server().Call(&Account::GetAccount, v1::GetAccountRequest(),
                            Bearer(server().Login(user, {"identity:roles:read"}).access_token())),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Denials(user), IsEmpty());
}

TEST_F(AuditDetailsTest, DeniedCallsCannotFillTheAudit) {
  const TestUser user = server().MakeUser();
  const TestUser other = server().MakeUser();
  const Metadata caller = LoggedIn(user);
  for (int i = 0; i < 25; ++i) EXPECT_THAT(ListUsers(caller), FailsWith(ErrorReason::kPermissionDenied));
  const auto details = Details(Denials(user));
  ASSERT_THAT(details, SizeIs(10));
  EXPECT_THAT(details[8], Not(HasSubstr("further denials")));
  EXPECT_THAT(details[9], HasSubstr("further denials within a minute are not listed"));
  EXPECT_THAT(ListUsers(LoggedIn(other)), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Denials(other), SizeIs(1)) << "each principal has its own count";
  server().AdvanceUptime(absl::Minutes(1));
  EXPECT_THAT(ListUsers(caller), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Denials(user), SizeIs(11));
}

// ---- Failed logins

TEST_F(AuditDetailsTest, AFailedPasswordLoginHasItsCause) {
  const TestUser user = server().MakeUser();
  Guess(user, 6);
  EXPECT_THAT(Causes(user.id), ElementsAre("wrong password", "wrong password", "wrong password", "wrong password",
                                           "wrong password", "locked"));
  const TestUser disabled = server().MakeUser();
  server().Disable(disabled.id);
  server().TryLogin(disabled.username, disabled.password);
  EXPECT_THAT(Causes(disabled.id), ElementsAre("disabled"));
  const TestUser without_password = server().MakeUser();
  server().database().Execute("DELETE FROM passwords WHERE principal_id = '" + without_password.id + "'");
  server().TryLogin(without_password.username, without_password.password);
  EXPECT_THAT(Causes(without_password.id), ElementsAre("no password"));
  server().TryLogin("nobody-at-all", "wrong password");
  const v1::AuditEvent newest = List(server(), "event: 'login'").back();
  EXPECT_EQ(newest.details(), "unknown account");
  EXPECT_THAT(newest.subject_id(), IsEmpty());
}

TEST_F(AuditDetailsTest, ALoginWithoutAVerifiedAddressHasItsCause) {
  TestServer strict([](Config& config) { config.require_verified_email = true; });
  const TestUser user = strict.MakeUser();
  strict.database().Execute("UPDATE users SET email_verify_time = NULL WHERE id = '" + user.id + "'");
  EXPECT_THAT(strict.TryLogin(user.username, user.password), FailsWith(ErrorReason::kEmailNotVerified));
  EXPECT_THAT(Details(List(strict, "subject_id: '$0' event: 'login'", user.id)), ElementsAre("e-mail not verified"));
}

TEST_F(AuditDetailsTest, AFailedSecondStepHasItsCause) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const std::string challenge = Challenge(server(), user);
  for (int i = 0; i < 6; ++i) TryCode(server(), challenge, factor.app.WrongCode(server()));
  EXPECT_THAT(Causes(user.id), ElementsAre("wrong code", "wrong code", "wrong code", "wrong code", "wrong code"));
  EXPECT_EQ(List(server(), "event: 'login'").back().details(), "no challenge") << "it has no try left";
}

TEST_F(AuditDetailsTest, AFailedStepUpHasItsCause) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto session = Must(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0])).tokens();
  const Metadata caller = Bearer(session.access_token());
  EXPECT_THAT(TryCode(server(), "", factor.app.WrongCode(server()), caller),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(Details(List(server(), "subject_id: '$0' event: 'session.stepped_up'", user.id)),
              ElementsAre("wrong code"));
}

TEST_F(AuditDetailsTest, AWrongProofHasItsCause) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto session = Must(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0])).tokens();
  v1::DeactivateAccountRequest request;
  *request.mutable_proof() = ProofOf(user);
  request.mutable_proof()->set_totp_code(factor.app.WrongCode(server()));
  server().Call(&Account::DeactivateAccount, request, Bearer(session.access_token()));
  request.mutable_proof()->set_current_password("wrong password");
  server().Call(&Account::DeactivateAccount, request, Bearer(session.access_token()));
  EXPECT_THAT(Details(List(server(), "subject_id: '$0' event: 'reauthentication'", user.id)),
              ElementsAre("wrong code", "wrong password"));
}

TEST_F(AuditDetailsTest, AFailedLoginWithAKeyHasItsCause) {
  const std::string account = server().MakeServiceAccount();
  const auto expired = server().IssueKey(account, {});
  const auto revoked = server().IssueKey(account, {});
  const auto disabled = server().IssueKey(account, {});
  server().ExpireKey(expired.api_key().id());
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("api_key: '$0'", revoked.secret())));
  TryKey(expired.secret());
  TryKey(revoked.secret());
  server().Disable(account);
  TryKey(disabled.secret());
  EXPECT_THAT(Causes(account), ElementsAre("expired key", "revoked key", "disabled"));
  const OpaqueToken unknown(OpaqueToken::Kind::kApiKey, Uuid(), Secret(std::string(kTokenSecretBytes, 'x')));
  TryKey(std::string(unknown.ToText().Reveal()));
  EXPECT_EQ(List(server(), "event: 'login'").back().details(), "unknown key");
}

// ---- Locks

TEST_F(AuditDetailsTest, ALockIsAudited) {
  const TestUser user = server().MakeUser();
  Guess(user, 4);
  EXPECT_THAT(Locks(user), IsEmpty());
  Guess(user, 1);
  const Events locks = Locks(user);
  ASSERT_THAT(locks, SizeIs(1));
  EXPECT_EQ(locks[0].target(), user.id);
  EXPECT_EQ(locks[0].ip_address(), "127.0.0.1");
  EXPECT_THAT(locks[0].details(), StartsWith("5 wrong passwords in a row, locked until 20"));
  Guess(user, 3);
  EXPECT_THAT(Locks(user), SizeIs(1)) << "guesses during a lock do not lock again";
  EndLock(user);
  Guess(user, 1);
  EXPECT_THAT(Details(Locks(user)), ElementsAre(StartsWith("5 wrong"), StartsWith("6 wrong")));
}

TEST_F(AuditDetailsTest, TheRightPasswordAsTheLastGuessLocksNothing) {
  const TestUser user = server().MakeUser();
  Guess(user, 4);
  server().Login(user);
  EXPECT_THAT(Locks(user), IsEmpty());
}

TEST_F(AuditDetailsTest, ALockByWrongProofsIsAudited) {
  const TestUser user = server().MakeUser();
  const Metadata caller = LoggedIn(user);
  const auto request = Proto<v1::IssueApiKeyRequest>("proof { current_password: 'wrong password' }");
  for (int i = 0; i < 6; ++i) server().Call(&Identity::IssueApiKey, request, caller);
  const Events locks = Locks(user);
  ASSERT_THAT(locks, SizeIs(1));
  EXPECT_EQ(locks[0].actor_id(), user.id);
}

TEST_F(AuditDetailsTest, ALockOfATrustedDeviceIsAudited) {
  const TestUser user = server().MakeUser();
  v1::AuthenticateRequest request;
  request.mutable_password()->set_login(user.username);
  request.mutable_password()->set_password(user.password);
  request.set_remember_device(true);
  const std::string device = Must(server().Call(&Identity::Authenticate, request)).device_token();
  request.mutable_password()->set_password("wrong password");
  request.mutable_password()->set_device_token(device);
  for (int i = 0; i < 4; ++i) server().Call(&Identity::Authenticate, request);
  EXPECT_THAT(Locks(user), IsEmpty());
  server().Call(&Identity::Authenticate, request);
  const Events locks = Locks(user);
  EXPECT_THAT(Details(locks),
              ElementsAre(StartsWith("5 wrong passwords in a row on a trusted device, the device locked until 20")));
  EXPECT_EQ(locks[0].target(),
            server().Ask("SELECT id::text FROM trusted_devices WHERE principal_id = '" + user.id + "'"));
}

TEST_F(AuditDetailsTest, ABlockOfTheAuthenticatorAppIsAudited) {
  const TestUser user = server().MakeUser();
  const Factor factor = GiveFactor(server(), user);
  const auto session = Must(TryRecoveryCode(server(), Challenge(server(), user), factor.recovery_codes[0])).tokens();
  const Metadata caller = Bearer(session.access_token());
  const std::string wrong = factor.app.WrongCode(server());
  for (int i = 0; i < 9; ++i) TryCode(server(), "", wrong, caller);
  EXPECT_THAT(Locks(user), IsEmpty());
  for (int i = 0; i < 3; ++i) TryCode(server(), "", wrong, caller);
  EXPECT_THAT(Details(Locks(user)),
              ElementsAre(StartsWith("10 wrong codes in a row, authenticator app blocked until 20")));
}

// ---- Changes

TEST_F(AuditDetailsTest, AChangedRoleShowsWhatItGranted) {
  const std::string base = server().MakeRole({"wiki:read"});
  v1::Role role;
  role.set_name(server().MakeRole({"posts:read", "posts:edit"}));
  EXPECT_THAT(DetailsAbout("role.created", role.name()), ElementsAre("permissions added posts:read posts:edit"));
  role.add_permissions("posts:read");
  role.add_permissions("posts:*");
  role.add_inherits(base);
  role.mutable_mfa_max_age()->set_seconds(600);
  UpdateRole(role);
  EXPECT_THAT(
      DetailsAbout("role.updated", role.name()),
      ElementsAre(absl::StrCat("permissions removed posts:edit, added posts:*, kept posts:read; inherits added ", base,
                               "; mfa_max_age was none, is 10m")));
  Must(server().Call(&Admin::DeleteRole, Proto<v1::DeleteRoleRequest>("name: '$0'", role.name()), server().root()));
  EXPECT_THAT(DetailsAbout("role.deleted", role.name()), Contains(HasSubstr("permissions removed posts:")));
}

TEST_F(AuditDetailsTest, ALongListShowsTheServicesOwnPermissionsFirst) {
  std::vector<std::string> permissions;
  for (int i = 0; i < 900; ++i) permissions.push_back(absl::StrCat("a:", i));
  permissions.emplace_back("identity:users:write");
  const auto details = DetailsAbout("role.created", server().MakeRole(permissions));
  ASSERT_THAT(details, SizeIs(1));
  EXPECT_THAT(details[0], StartsWith("permissions added identity:users:write a:"));
  EXPECT_TRUE(absl::EndsWith(details[0], " more"));
  EXPECT_LT(details[0].size(), 1100u);
}

TEST_F(AuditDetailsTest, ADeletedBindingShowsPrincipalRoleAndResource) {
  const TestUser user = server().MakeUser();
  const std::string role = server().MakeRole({"posts:read"});
  const std::string binding = server().Bind(user.id, role, "orgs/acme");
  Must(server().Call(&Admin::DeleteBinding, Proto<v1::DeleteBindingRequest>("binding_id: '$0'", binding),
                     server().root()));
  const Events events = List(server(), "subject_id: '$0' event: 'binding.*'", user.id);
  EXPECT_THAT(Details(events), ElementsAre(role + " on orgs/acme", role + " on orgs/acme"));
  EXPECT_EQ(events.back().event(), "binding.deleted");
  EXPECT_EQ(events.back().target(), binding);
}

TEST_F(AuditDetailsTest, ABindingThatExpiresShowsWhen) {
  const TestUser user = server().MakeUser();
  Must(server().Call(&Admin::CreateBinding,
                     Proto<v1::CreateBindingRequest>("binding { principal_id: '$0' role: '$1' expire_time { seconds: "
                                                     "4102444800 } }",
                                                     user.id, server().MakeRole({"posts:read"})),
                     server().root()));
  EXPECT_THAT(Details(List(server(), "subject_id: '$0' event: 'binding.created'", user.id)),
              ElementsAre(HasSubstr(" on everything until 2100-01-01T00:00:00")));
}

TEST_F(AuditDetailsTest, AnIssuedKeyShowsItsScopes) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"posts:*"});
  const auto narrow = server().IssueKey(account, {"posts:write", "posts:read", "wiki:read"});
  const auto unlimited = server().IssueKey(account, {});
  EXPECT_THAT(DetailsAbout("api_key.issued", narrow.api_key().id()), ElementsAre("scopes posts:read posts:write"));
  EXPECT_THAT(DetailsAbout("api_key.issued", unlimited.api_key().id()), ElementsAre("scopes *"));
}

}  // namespace
}  // namespace identity
