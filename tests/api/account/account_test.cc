#include <atomic>

#include "absl/strings/str_cat.h"
#include "tests/support/people.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kRequestId[] = "0190b5a0-2222-7000-8000-000000000001";

class AccountTest : public RpcTest {
 protected:
  template <typename... Arguments>
  static Result<v1::UpdateAccountResponse> Update(const Metadata& caller, const char* text,
                                                  const Arguments&... arguments) {
    return server().Call(&Account::UpdateAccount, Proto<v1::UpdateAccountRequest>(text, arguments...), caller);
  }
  static Result<v1::DeactivateAccountResponse> Deactivate(TestServer& on, const Metadata& caller,
                                                          const std::string& password) {
    v1::DeactivateAccountRequest request;
    request.mutable_proof()->set_current_password(password);
    return on.Call(&Account::DeactivateAccount, request, caller);
  }
  template <typename... Arguments>
  static Result<v1::RotateApiKeyResponse> Rotate(const Metadata& caller, const char* text,
                                                 const Arguments&... arguments) {
    auto request = Proto<v1::RotateApiKeyRequest>(text, arguments...);
    request.mutable_proof()->set_current_password(kTestPassword);
    return server().Call(&Account::RotateApiKey, request, caller);
  }
  static grpc::Status Get(const Metadata& caller) {
    return server().Call(&Account::GetAccount, v1::GetAccountRequest(), caller).status;
  }
};

TEST_F(AccountTest, ShowsTheOwnAccount) {
  const TestUser user = server().MakeUser();
  server().Bind(user.id, "checker");
  server().Bind(user.id, "frontend", "orgs/acme");
  server().ExpireBinding(server().Bind(user.id, "admin"));
  const v1::Account account = AccountOf(server(), SessionOf(server(), user));
  EXPECT_EQ(account.id(), user.id);
  EXPECT_EQ(account.username(), user.username);
  EXPECT_EQ(account.email(), user.email);
  EXPECT_THAT(account.roles(), ElementsAre("checker")) << "only unexpired bindings on everything";
  EXPECT_TRUE(account.has_last_login_time());
  EXPECT_FALSE(account.mfa_enabled() || account.email_verified());
}

TEST_F(AccountTest, AKeyReadsItWithinItsScopes) {
  const TestUser user = server().MakeUser();
  EXPECT_THAT(Get(ApiKeyHeader(server().IssueKey(user.id, {}).secret())), Succeeds());
  server().Grant(user.id, {"posts:read"});
  EXPECT_THAT(Get(ApiKeyHeader(server().IssueKey(user.id, {"posts:read"}).secret())),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Get(SessionOf(server(), user, {"identity:self:write"})), FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(AccountTest, AServiceAccountHasNone) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"identity:self:read"});
  EXPECT_THAT(Get(ApiKeyHeader(server().IssueKey(account, {}).secret())), FailsWith(ErrorReason::kNotFound));
}

TEST_F(AccountTest, TheFullNameIsChangedWithoutAPassword) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  EXPECT_EQ(Must(Update(session, "account { full_name: 'Ada' }")).account().full_name(), "Ada");
  EXPECT_EQ(Must(Update(session, "update_mask { paths: 'full_name' }")).account().full_name(), "") << "emptied";
  EXPECT_EQ(Must(Update(session, "account { full_name: 'Ada' email: 'not read' } update_mask { paths: 'full_name' }"))
                .account()
                .email(),
            user.email);
  EXPECT_THAT(Update(session, ""), Succeeds());
}

TEST_F(AccountTest, OtherFieldsCannotBeChanged) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  for (const char* path :
       {"username", "id", "roles", "email_verified", "pending_email", "mfa_enabled", "*", "account.full_name", ""}) {
    EXPECT_THAT(Update(session, "account { username: 'root' roles: 'admin' } update_mask { paths: '$0' }", path),
                RefusesField("update_mask"))
        << path;
  }
  const auto updated =
      Must(Update(session, "account { id: '$0' username: 'root' roles: 'admin' email_verified: true full_name: 'Ada' }",
                  server().root_id()));
  EXPECT_EQ(updated.account().id(), user.id);
  EXPECT_EQ(updated.account().username(), user.username);
  EXPECT_THAT(updated.account().roles(), IsEmpty());
  EXPECT_FALSE(updated.account().email_verified());
}

TEST_F(AccountTest, FieldsAreChecked) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  EXPECT_THAT(Update(session, "account { full_name: '$0' }", std::string(257, 'x')), RefusesField("account.full_name"));
  EXPECT_THAT(Update(session, "account { email: 'x' } proof { current_password: '$0' }", user.password),
              RefusesField("account.email"));
  EXPECT_THAT(Update(session, "update_mask { paths: 'email' } proof { current_password: '$0' }", user.password),
              RefusesField("account.email"));
}

TEST_F(AccountTest, ChangesNeedASessionAndItsScope) {
  const TestUser user = server().MakeUser();
  const char* text = "account { full_name: 'Ada' }";
  EXPECT_THAT(Update(SessionOf(server(), user, {"identity:self:read"}), text),
              FailsWith(ErrorReason::kPermissionDenied));
  const std::string key = server().IssueKey(user.id, {}).secret();
  const auto exchanged =
      Must(server().Call(&Identity::Authenticate, Proto<v1::AuthenticateRequest>("api_key { key: '$0' }", key)));
  EXPECT_THAT(Update(ApiKeyHeader(key), text), FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(Update(Bearer(exchanged.tokens().access_token()), text), FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(Update(SessionOf(server(), user, {"identity:self:write"}), text), Succeeds());
}

TEST_F(AccountTest, DeactivationEndsAllCredentialsOfTheUser) {
  const TestUser user = server().MakeUser();
  const v1::TokenSet tokens = server().Login(user);
  const v1::TokenSet other = server().Login(user);
  const std::string key = server().IssueKey(user.id, {}).secret();
  EXPECT_THAT(Deactivate(server(), Bearer(tokens.access_token()), ""), FailsWith(ErrorReason::kProofRequired));
  EXPECT_THAT(Deactivate(server(), Bearer(tokens.access_token()), "wrong"),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(Deactivate(server(), ApiKeyHeader(key), user.password), FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(Get(Bearer(tokens.access_token())), Succeeds());
  EXPECT_FALSE(Must(Deactivate(server(), Bearer(tokens.access_token()), user.password)).consistency_token().empty());
  for (const v1::TokenSet& ended : {tokens, other}) {
    EXPECT_THAT(Get(Bearer(ended.access_token())), FailsWith(ErrorReason::kCallerInvalid));
    EXPECT_THAT(TryRefresh(server(), ended.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  }
  EXPECT_THAT(Get(ApiKeyHeader(key)), FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_THAT(server().TryLogin(user.username, user.password), FailsWith(ErrorReason::kInvalidCredentials));
  server().Enable(user.id);
  EXPECT_THAT(Get(Bearer(tokens.access_token())), FailsWith(ErrorReason::kCallerInvalid))
      << "ended sessions stay ended";
  EXPECT_THAT(TryRefresh(server(), tokens.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_THAT(server().TryLogin(user.username, user.password), Succeeds());
}

TEST_F(AccountTest, TheLastSuperAdminCannotDeactivateTheirAccount) {
  TestServer own;
  const Metadata root = SessionOf(own, own.root_user());
  EXPECT_THAT(Deactivate(own, root, own.root_user().password), FailsWith(ErrorReason::kLastSuperAdmin));
  const TestUser second = own.MakeUser();
  const std::string binding = own.Bind(second.id, "super_admin");
  own.ExpireBinding(binding);
  EXPECT_THAT(Deactivate(own, root, own.root_user().password), FailsWith(ErrorReason::kLastSuperAdmin));
  const TestUser disabled = own.MakeUser();
  own.Bind(disabled.id, "super_admin");
  own.Disable(disabled.id);
  EXPECT_THAT(Deactivate(own, root, own.root_user().password), FailsWith(ErrorReason::kLastSuperAdmin));
  own.Bind(second.id, "super_admin");
  const Metadata other = SessionOf(own, second);
  std::atomic<int> turn = 0;
  EXPECT_EQ(CountSuccesses(2,
                           [&] {
                             return ++turn == 1 ? Deactivate(own, root, own.root_user().password).status
                                                : Deactivate(own, other, second.password).status;
                           }),
            1)
      << "when the last two try at the same time, one stays";
}

TEST_F(AccountTest, ListsItsSessionsAndMarksTheCurrentOne) {
  const TestUser user = server().MakeUser();
  const v1::TokenSet first = server().Login(user);
  v1::AuthenticateRequest login;
  login.mutable_password()->set_login(user.username);
  login.mutable_password()->set_password(user.password);
  login.mutable_client_info()->set_device_name("Ada's laptop");
  const v1::TokenSet second = Must(server().Call(&Identity::Authenticate, login)).tokens();
  const v1::TokenSet ended = server().Login(user);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("refresh_token: '$0'", ended.refresh_token())));
  server().Login(server().MakeUser());
  const auto list = [&](const Metadata& caller, const char* page_token = "") {
    return Must(server().Call(&Account::ListSessions,
                              Proto<v1::ListSessionsRequest>("page_size: 1 page_token: '$0'", page_token), caller));
  };
  const Metadata caller = Bearer(first.access_token());
  const auto page = list(caller);
  ASSERT_THAT(page.sessions(), SizeIs(1));
  EXPECT_EQ(page.sessions(0).id(), second.session_id());
  EXPECT_EQ(page.sessions(0).device_name(), "Ada's laptop");
  EXPECT_FALSE(page.sessions(0).current());
  const auto next = list(caller, page.next_page_token().c_str());
  ASSERT_THAT(next.sessions(), SizeIs(1));
  EXPECT_EQ(next.sessions(0).id(), first.session_id());
  EXPECT_TRUE(next.sessions(0).current());
  EXPECT_THAT(next.sessions(0).amr(), ElementsAre("pwd"));
  EXPECT_THAT(next.next_page_token(), IsEmpty());
  const TestUser other = server().MakeUser();
  EXPECT_THAT(
      server().Call(&Account::ListSessions, Proto<v1::ListSessionsRequest>("page_token: '$0'", page.next_page_token()),
                    SessionOf(server(), other)),
      RefusesField("page_token"))
      << "the page token is of another user's list";
}

TEST_F(AccountTest, ListsOnlyItsOwnKeys) {
  const TestUser user = server().MakeUser();
  const std::string first = server().IssueKey(user.id, {}).api_key().id();
  const std::string second = server().IssueKey(user.id, {}).api_key().id();
  server().IssueKey(server().MakeUser().id, {});
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("api_key_id: '$0'", first), server().root()));
  const auto page = Must(server().Call(&Account::ListApiKeys, v1::ListApiKeysRequest(), SessionOf(server(), user)));
  ASSERT_THAT(page.api_keys(), SizeIs(2));
  EXPECT_EQ(page.api_keys(0).id(), second);
  EXPECT_EQ(page.api_keys(1).id(), first);
  EXPECT_TRUE(page.api_keys(1).has_revoke_time());
}

class KeyRotationTest : public AccountTest {
 protected:
  // A key that the user of `session` issued for itself.
  static v1::IssueApiKeyResponse Issue(const Metadata& session) {
    return Must(server().Call(
        &Identity::IssueApiKey,
        Proto<v1::IssueApiKeyRequest>("display_name: 'laptop' scopes: 'identity:self:*' requests_per_minute: 9 "
                                      "expire_time { seconds: 9999999999 } proof { current_password: '$0' }",
                                      kTestPassword),
        session));
  }
};

TEST_F(KeyRotationTest, TheSuccessorHasTheSamePropertiesAndBothWorkForAWhile) {
  const TestUser user = server().MakeUser();
  const Metadata session = SessionOf(server(), user);
  const auto old = Issue(session);
  const auto rotated = Must(Rotate(session, "api_key_id: '$0'", old.api_key().id()));
  EXPECT_NE(rotated.api_key().id(), old.api_key().id());
  EXPECT_EQ(rotated.api_key().display_name(), "laptop");
  EXPECT_THAT(rotated.api_key().scopes(), ElementsAre("identity:self:*"));
  EXPECT_EQ(rotated.api_key().requests_per_minute(), 9);
  EXPECT_EQ(rotated.api_key().expire_time().seconds(), 9999999999);
  EXPECT_THAT(Get(ApiKeyHeader(old.secret())), Succeeds());
  EXPECT_THAT(Get(ApiKeyHeader(rotated.secret())), Succeeds());
  server().ExpireKey(old.api_key().id());
  EXPECT_THAT(Get(ApiKeyHeader(old.secret())), FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_THAT(Get(ApiKeyHeader(rotated.secret())), Succeeds());
  EXPECT_THAT(Rotate(session, "api_key_id: '$0'", old.api_key().id()), FailsWith(ErrorReason::kNotFound));
}

TEST_F(KeyRotationTest, TheCallerChoosesTheOverlap) {
  const Metadata session = SessionOf(server(), server().MakeUser());
  const auto without_overlap = Issue(session);
  Must(Rotate(session, "api_key_id: '$0' overlap {}", without_overlap.api_key().id()));
  EXPECT_THAT(Get(ApiKeyHeader(without_overlap.secret())), FailsWith(ErrorReason::kCallerInvalid));
  const std::string id = Issue(session).api_key().id();
  for (const char* overlap : {"seconds: -1", "seconds: 2592001", "nanos: -1", "seconds: 9223372036854775807",
                              "seconds: -9223372036854775808 nanos: 2147483647"}) {
    EXPECT_THAT(Rotate(session, "api_key_id: '$0' overlap { $1 }", id, overlap), RefusesField("overlap")) << overlap;
  }
  EXPECT_THAT(Rotate(session, "api_key_id: '$0' overlap { seconds: 2592000 }", id), Succeeds());
}

TEST_F(KeyRotationTest, ARepeatedRequestReturnsTheSameKeyWithoutItsSecret) {
  const Metadata session = SessionOf(server(), server().MakeUser());
  const std::string id = Issue(session).api_key().id();
  const auto first = Must(Rotate(session, "api_key_id: '$0' request_id: '$1'", id, kRequestId));
  const auto second = Must(Rotate(session, "api_key_id: '$0' request_id: '$1'", id, kRequestId));
  EXPECT_FALSE(first.secret().empty());
  EXPECT_THAT(second.secret(), IsEmpty());
  EXPECT_EQ(first.api_key().id(), second.api_key().id());
  EXPECT_THAT(Rotate(session, "api_key_id: '$0' request_id: '$1' overlap { seconds: 5 }", id, kRequestId),
              FailsWith(ErrorReason::kRequestIdReused));
}

TEST_F(KeyRotationTest, NeitherAKeyNorItsTokenCanRotateTheKey) {
  const auto key = Issue(SessionOf(server(), server().MakeUser()));
  const auto exchanged = Must(
      server().Call(&Identity::Authenticate, Proto<v1::AuthenticateRequest>("api_key { key: '$0' }", key.secret())));
  for (const Metadata& caller : {ApiKeyHeader(key.secret()), Bearer(exchanged.tokens().access_token())}) {
    EXPECT_THAT(Rotate(caller, "api_key_id: '$0'", key.api_key().id()), FailsWith(ErrorReason::kSessionRequired));
  }
  EXPECT_THAT(Rotate({}, "api_key_id: '$0'", key.api_key().id()), FailsWith(ErrorReason::kCallerUnknown));
}

TEST_F(KeyRotationTest, AnothersKeyNeedsThePermissionAndRevealsNothing) {
  const std::string id = Issue(SessionOf(server(), server().MakeUser())).api_key().id();
  const Metadata stranger = SessionOf(server(), server().MakeUser());
  const auto known = Rotate(stranger, "api_key_id: '$0'", id);
  const auto unknown = Rotate(stranger, "api_key_id: '$0'", "0190b5a0-0000-7000-8000-000000000000");
  EXPECT_THAT(known, FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_EQ(known.status.error_message(), unknown.status.error_message());
  EXPECT_THAT(Rotate(server().MakeCaller({"identity:api_keys:write"}), "api_key_id: '$0'", id),
              FailsWith(ErrorReason::kGrantExceedsCaller))
      << "the caller would get its secret";
  EXPECT_THAT(Rotate(server().root(), "api_key_id: '$0'", id), Succeeds());
  EXPECT_THAT(Rotate(server().root(), "api_key_id: '0190b5a0-0000-7000-8000-000000000000'"),
              FailsWith(ErrorReason::kNotFound));
}

TEST_F(KeyRotationTest, ANarrowSessionMakesANarrowSuccessor) {
  const TestUser user = server().MakeUser();
  const std::string id = Issue(SessionOf(server(), user)).api_key().id();
  EXPECT_THAT(Rotate(SessionOf(server(), user, {"identity:self:read"}), "api_key_id: '$0'", id),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(
      Must(Rotate(SessionOf(server(), user, {"identity:self:write"}), "api_key_id: '$0'", id)).api_key().scopes(),
      ElementsAre("identity:self:write"));
}

TEST_F(KeyRotationTest, ARevokedKeyCannotBeRotated) {
  const Metadata session = SessionOf(server(), server().MakeUser());
  const auto key = Issue(session);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("api_key_id: '$0'", key.api_key().id()), session));
  EXPECT_THAT(Rotate(session, "api_key_id: '$0'", key.api_key().id()), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Rotate(session, "api_key_id: 'x'"), RefusesField("api_key_id"));
}

class PendingAddressTest : public RpcTest {
 protected:
  // Prepares a pending address and its mailed token, as an intruder could.
  static void ClaimAddress(const TestUser& user) {
    server().database().Execute(
        absl::Substitute("UPDATE users SET pending_email = 'evil@example.com' WHERE id = '$0';"
                         "INSERT INTO mailed_tokens (id, hash, purpose, principal_id, email, expire_time) "
                         "VALUES (uuid_v7(), '', 'verify_email', '$0', 'evil@example.com', now() + interval '1 hour')",
                         user.id));
  }
  static std::string CountPending(const TestUser& user) {
    return server().Ask(
        absl::Substitute("SELECT ((SELECT count(*) FROM mailed_tokens WHERE principal_id = '$0') +"
                         " (SELECT count(pending_email) FROM users WHERE id = '$0'))::text",
                         user.id));
  }
};

TEST_F(PendingAddressTest, RevokingAPrincipalEndsIt) {
  const TestUser user = server().MakeUser();
  ClaimAddress(user);
  ASSERT_EQ(CountPending(user), "2");
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("principal_id: '$0'", user.id), server().root()));
  EXPECT_EQ(CountPending(user), "0");
}

TEST_F(PendingAddressTest, DisablingAPrincipalEndsIt) {
  const TestUser user = server().MakeUser();
  ClaimAddress(user);
  server().Disable(user.id);
  EXPECT_EQ(CountPending(user), "0");
}

// The administrator who issued the secret has seen it, so nothing that its session sets up may outlive it.
TEST_F(PendingAddressTest, ASessionOfAOneTimeSecretSetsUpNothingThatOutlivesIt) {
  const auto created = Must(server().Call(
      &Admin::CreateUser, Proto<v1::CreateUserRequest>("username: 'once' email: 'once@example.com'"), server().root()));
  const TestUser user = {created.user().id(), "once", "once@example.com", created.one_time_secret()};
  const Metadata session = Bearer(server().Login(user).access_token());
  EXPECT_THAT(
      server().Call(&Account::UpdateAccount,
                    Proto<v1::UpdateAccountRequest>(
                        "account { email: 'evil@example.com' } proof { current_password: '$0' }", user.password),
                    session),
      FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(server().Call(&Account::EnrollTotp,
                            Proto<v1::EnrollTotpRequest>("proof { current_password: '$0' }", user.password), session),
              FailsWith(ErrorReason::kPermissionDenied));
}

}  // namespace
}  // namespace identity
