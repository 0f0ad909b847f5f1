#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kKeyRequestId[] = "0190b5a0-1111-7000-8000-000000000001";

class ApiKeyTest : public RpcTest {
 protected:
  void SetUp() override {
    user_ = server().MakeUser();
    server().Grant(user_.id, {"posts:*", "wiki:read"});
  }
  template <typename... Arguments>
  static Result<v1::IssueApiKeyResponse> Issue(const Metadata& metadata, const char* text,
                                               const Arguments&... arguments) {
    auto request = Proto<v1::IssueApiKeyRequest>(text, arguments...);
    request.mutable_proof()->set_current_password(kTestPassword);  // of every user here
    return server().Call(&Identity::IssueApiKey, request, metadata);
  }
  static v1::Reason ReasonFor(const std::string& key, const std::string& permission) {
    v1::CheckPermissionRequest check;
    check.set_api_key(key);
    check.set_permission(permission);
    return server().Check(check).reason();
  }
  Metadata Session(const std::vector<std::string>& scopes = {}) {
    return Bearer(server().Login(user_, scopes).access_token());
  }
  static Metadata SessionOf(const TestUser& user) { return Bearer(server().Login(user).access_token()); }
  TestUser user_;
};

TEST_F(ApiKeyTest, ASessionIssuesKeysForItsOwner) {
  const auto key = Must(Issue(Session(), "display_name: 'laptop' scopes: 'posts:read'"));
  EXPECT_TRUE(absl::StartsWith(key.secret(), key.api_key().prefix() + "_"));
  EXPECT_TRUE(absl::StartsWith(key.api_key().prefix(), "idk_"));
  EXPECT_EQ(key.api_key().owner_id(), user_.id);
  EXPECT_EQ(key.api_key().display_name(), "laptop");
  EXPECT_THAT(key.api_key().scopes(), ElementsAre("posts:read"));
  EXPECT_TRUE(key.api_key().has_create_time());
  EXPECT_FALSE(key.api_key().has_expire_time() || key.api_key().has_last_use_time() || key.api_key().has_revoke_time());
  EXPECT_EQ(ReasonFor(key.secret(), "posts:read"), v1::REASON_GRANTED);
  EXPECT_EQ(ReasonFor(key.secret(), "posts:write"), v1::REASON_SCOPE_INSUFFICIENT);
  EXPECT_THAT(Issue(Session(), "owner_id: '$0'", user_.id), Succeeds()) << "the caller may name itself by its id";
}

TEST_F(ApiKeyTest, TheSecretIsNotStored) {
  const auto key = Must(Issue(Session(), ""));
  const std::string secret = key.secret().substr(key.api_key().prefix().size() + 1, 43);
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM api_keys k WHERE k::text LIKE '%" + secret + "%'"), "0");
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM audit_events e WHERE e::text LIKE '%" + secret + "%'"), "0");
}

TEST_F(ApiKeyTest, AnApiKeyOrItsTokenCannotIssueKeysForItsOwner) {
  const std::string key = Must(Issue(Session(), "")).secret();
  EXPECT_THAT(Issue(ApiKeyHeader(key), ""), FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(Issue(ApiKeyHeader(key), "owner_id: '$0'", user_.id), FailsWith(ErrorReason::kSessionRequired));
  const auto exchanged =
      Must(server().Call(&Identity::Authenticate, Proto<v1::AuthenticateRequest>("api_key { key: '$0' }", key)));
  EXPECT_THAT(Issue(Bearer(exchanged.tokens().access_token()), ""), FailsWith(ErrorReason::kSessionRequired));
  EXPECT_THAT(Issue({}, ""), FailsWith(ErrorReason::kCallerUnknown));
}

TEST_F(ApiKeyTest, AKeyNeverExceedsTheScopesOfItsSession) {
  EXPECT_THAT(Must(Issue(Session({"posts:read", "identity:self:write"}), "scopes: 'posts:*'")).api_key().scopes(),
              ElementsAre("posts:read"));
  EXPECT_THAT(Must(Issue(Session({"posts:*", "identity:self:write"}), "scopes: ['*', 'wiki:read']")).api_key().scopes(),
              UnorderedElementsAre("posts:*", "identity:self:write"));
  EXPECT_THAT(Issue(Session({"posts:*", "identity:self:write"}), "scopes: 'wiki:read'"),
              FailsWith(ErrorReason::kInvalidScope));
}

TEST_F(ApiKeyTest, ScopesThatTheOwnerDoesNotHoldAreDropped) {
  EXPECT_THAT(Must(Issue(Session(), "scopes: ['wiki:*', 'comments:read']")).api_key().scopes(), ElementsAre("wiki:*"));
  EXPECT_THAT(Issue(Session(), "scopes: 'comments:read'"), FailsWith(ErrorReason::kInvalidScope));
  EXPECT_THAT(Issue(Session(), "scopes: 'Comments'"), RefusesField("scopes[0]"));
}

// The login and the key may name 100 scopes each, and their intersection may have more.
TEST_F(ApiKeyTest, AKeyWorksWithTheIntersectionOfTwoFullScopeLists) {
  v1::AuthenticateRequest login;
  login.mutable_password()->set_login(user_.username);
  login.mutable_password()->set_password(user_.password);
  login.add_scopes("posts:a:*");
  login.add_scopes("identity:self:write");
  v1::IssueApiKeyRequest issue;
  issue.add_scopes("posts:b:*");
  issue.mutable_proof()->set_current_password(user_.password);
  for (int i = 0; i < 98; ++i) {
    login.add_scopes(absl::StrCat("posts:b:", i));
    issue.add_scopes(absl::StrCat("posts:a:", i));
  }
  const auto tokens = Must(server().Call(&Identity::Authenticate, login)).tokens();
  const auto key = Must(server().Call(&Identity::IssueApiKey, issue, Bearer(tokens.access_token())));
  EXPECT_EQ(key.api_key().scopes_size(), 196);
  EXPECT_EQ(ReasonFor(key.secret(), "posts:a:7"), v1::REASON_GRANTED);
  EXPECT_EQ(ReasonFor(key.secret(), "posts:c:7"), v1::REASON_SCOPE_INSUFFICIENT);
}

TEST_F(ApiKeyTest, KeysForOthersRequireThePermissionOnTheOwner) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"posts:*"}, "users/" + account);
  const char* text = "owner_id: '$0' scopes: 'posts:read'";
  EXPECT_THAT(Issue(Session(), text, account), FailsWith(ErrorReason::kPermissionDenied));
  const Metadata elsewhere = server().MakeCaller({"identity:api_keys:write"}, "users/" + user_.id);
  EXPECT_THAT(Issue(elsewhere, text, account), FailsWith(ErrorReason::kPermissionDenied));
  const Metadata there =
      server().MakeCaller({"identity:api_keys:write", "identity:bindings:write"}, "users/" + account);
  EXPECT_EQ(Must(Issue(there, text, account)).api_key().owner_id(), account);
  EXPECT_THAT(Issue(there, text, "0190b5a0-0000-7000-8000-000000000000"), FailsWith(ErrorReason::kPermissionDenied));
  const Metadata everywhere = server().MakeCaller({"identity:api_keys:write"});
  EXPECT_THAT(Issue(everywhere, text, "0190b5a0-0000-7000-8000-000000000000"), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Issue(everywhere, text, "x"), RefusesField("owner_id"));
  EXPECT_THAT(Issue(everywhere, text, "00000000-0000-7000-8000-000000000001"), FailsWith(ErrorReason::kBuiltIn));
}

// The issuer sees the secret of the key and could use it to act as the owner.
TEST_F(ApiKeyTest, KeysForOthersGrantNoServicePermissionsBeyondTheCallers) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"identity:users:*", "posts:*"});
  const Metadata caller = server().MakeCaller({"identity:api_keys:write", "identity:users:read"});
  for (const char* scopes : {"", "scopes: '*'", "scopes: 'identity:*'", "scopes: 'identity:users:write'",
                             "scopes: ['posts:read', 'identity:users:*']"}) {
    EXPECT_THAT(Issue(caller, absl::StrCat("owner_id: '$0' ", scopes).c_str(), account),
                FailsWith(ErrorReason::kGrantExceedsCaller))
        << scopes;
  }
  EXPECT_THAT(Issue(caller, "owner_id: '$0' scopes: 'identity:users:read'", account), Succeeds());
  const Metadata key_of_root = server().root();
  EXPECT_THAT(Issue(key_of_root, "owner_id: '$0'", account), Succeeds());
}

// Otherwise `identity:api_keys:write` would be a way to act as everybody.
TEST_F(ApiKeyTest, KeysForOthersDoNothingThatTheCallerCouldNotGrant) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"posts:*"}, "orgs/acme");
  server().Grant(account, {"wiki:read"}, "orgs/other");
  const TestUser issuer = server().MakeUser();
  server().Grant(issuer.id, {"identity:api_keys:write"});
  server().Grant(issuer.id, {"identity:bindings:write"}, "orgs/acme");
  const Metadata session = SessionOf(issuer);
  const auto issued = Must(Issue(session, "owner_id: '$0' scopes: 'posts:read'", account));
  EXPECT_THAT(Issue(session, "owner_id: '$0' scopes: ['posts:read', 'wiki:*']", account),
              FailsWith(ErrorReason::kPermissionDenied))
      << "of orgs/other the caller could grant nothing";
  const auto rotate = Proto<v1::RotateApiKeyRequest>("api_key_id: '$0'", issued.api_key().id());
  EXPECT_THAT(server().Call(&Account::RotateApiKey, rotate, session), Succeeds());
  server().Grant(account, {"posts:write"}, "orgs/other");
  const auto wide = server().IssueKey(account, {"posts:*"});
  EXPECT_THAT(server().Call(&Account::RotateApiKey,
                            Proto<v1::RotateApiKeyRequest>("api_key_id: '$0'", wide.api_key().id()), session),
              FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(ApiKeyTest, TheRoleSelfOfAUserCountsToo) {
  const TestUser issuer = server().MakeUser();
  server().Grant(issuer.id, {"identity:api_keys:write"});
  EXPECT_THAT(Issue(SessionOf(issuer), "owner_id: '$0' scopes: 'update:own_profile'", user_.id),
              FailsWith(ErrorReason::kPermissionDenied));
  server().Grant(issuer.id, {"identity:bindings:write"}, "users/" + user_.id);
  EXPECT_THAT(Issue(SessionOf(issuer), "owner_id: '$0' scopes: 'update:own_profile'", user_.id), Succeeds());
}

// The caller's own permission must last as long as the key, not as long as the owner's binding.
TEST_F(ApiKeyTest, APermissionThatOutlastsTheKeyIsEnough) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"identity:check"});
  const TestUser issuer = server().MakeUser();
  server().Grant(issuer.id, {"identity:api_keys:write"});
  v1::CreateBindingRequest bind;
  bind.mutable_binding()->set_principal_id(issuer.id);
  bind.mutable_binding()->set_role("checker");
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  bind.mutable_binding()->mutable_expire_time()->set_seconds(now + 3600);
  Must(server().Call(&Admin::CreateBinding, bind, server().root()));
  const char* text = "owner_id: '$0' scopes: 'identity:check' expire_time { seconds: $1 }";
  EXPECT_THAT(Issue(SessionOf(issuer), text, account, now + 1800), Succeeds());
  EXPECT_THAT(Issue(SessionOf(issuer), text, account, now + 7200), FailsWith(ErrorReason::kGrantExceedsCaller));
}

TEST_F(ApiKeyTest, OnlyASuperAdminIssuesKeysForASuperAdmin) {
  const Metadata admin = server().MakeCaller({"identity:*"});
  EXPECT_THAT(Issue(admin, "owner_id: '$0' scopes: 'posts:read'", server().root_id()),
              FailsWith(ErrorReason::kSuperAdminRequired));
  const Metadata other_root = server().MakeCaller({"*"});
  EXPECT_THAT(Issue(other_root, "owner_id: '$0' scopes: 'posts:read'", server().root_id()), Succeeds());
}

TEST_F(ApiKeyTest, AnExpiryIsAtLeastAMinuteAhead) {
  const Metadata session = Session();
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  for (const int64_t seconds : {int64_t{0}, now - 10, now + 30}) {
    EXPECT_THAT(Issue(session, "expire_time { seconds: $0 }", seconds), RefusesField("expire_time")) << seconds;
  }
  EXPECT_THAT(Issue(session, "expire_time { seconds: 253402300800 }"), RefusesField("expire_time"));
  EXPECT_THAT(Issue(session, "expire_time { seconds: $0 nanos: -1 }", now + 100), RefusesField("expire_time"));
  EXPECT_EQ(Must(Issue(session, "expire_time { seconds: $0 }", now + 90)).api_key().expire_time().seconds(), now + 90);
}

TEST_F(ApiKeyTest, ARepeatedRequestReturnsTheSameKeyWithoutItsSecret) {
  const Metadata session = Session();
  const char* text = "display_name: '$1' request_id: '$0'";
  const auto first = Must(Issue(session, text, kKeyRequestId, "one"));
  const auto again = Must(Issue(session, text, kKeyRequestId, "one"));
  EXPECT_EQ(again.api_key().id(), first.api_key().id());
  EXPECT_THAT(again.secret(), IsEmpty());
  EXPECT_FALSE(again.consistency_token().empty());
  EXPECT_THAT(Issue(session, text, kKeyRequestId, "two"), FailsWith(ErrorReason::kRequestIdReused));
  EXPECT_THAT(Issue(session, text, "not a uuid", "one"), RefusesField("request_id"));
  const Metadata other = server().MakeCaller({"posts:*"});
  EXPECT_NE(Must(Issue(other, text, kKeyRequestId, "one")).api_key().id(), first.api_key().id())
      << "request ids are per caller";
}

TEST_F(ApiKeyTest, ARequestThatFailedIsNotRemembered) {
  const Metadata session = Session();
  EXPECT_THAT(Issue(session, "scopes: 'comments:read' request_id: '$0'", kKeyRequestId),
              FailsWith(ErrorReason::kInvalidScope));
  EXPECT_THAT(Issue(session, "scopes: 'posts:read' request_id: '$0'", kKeyRequestId), Succeeds());
}

TEST_F(ApiKeyTest, AKeyFailsWhileItsOwnerIsDisabled) {
  const std::string key = Must(Issue(Session(), "")).secret();
  const v1::CheckPermissionRequest check = Proto<v1::CheckPermissionRequest>("self: true permission: 'posts:read'");
  EXPECT_THAT(server().Call(&Identity::CheckPermission, check, ApiKeyHeader(key)), Succeeds());
  server().Disable(user_.id);
  EXPECT_EQ(ReasonFor(key, "posts:read"), v1::REASON_PRINCIPAL_DISABLED);
  EXPECT_THAT(server().Call(&Identity::CheckPermission, check, ApiKeyHeader(key)),
              FailsWith(ErrorReason::kCallerInvalid));
  server().Enable(user_.id);
  EXPECT_EQ(ReasonFor(key, "posts:read"), v1::REASON_GRANTED);
}

TEST_F(ApiKeyTest, AnOwnerHasAtMostAHundredLiveKeys) {
  const Metadata session = Session();
  const auto first = Must(Issue(session, ""));
  for (int i = 1; i < 100; ++i) Must(Issue(session, ""));
  EXPECT_THAT(Issue(session, ""), FailsWith(ErrorReason::kLimitReached));
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("api_key: '$0'", first.secret())));
  EXPECT_THAT(Issue(session, ""), Succeeds());
}

TEST_F(ApiKeyTest, DisplayNamesAreShortAndWithoutControlCharacters) {
  const Metadata session = Session();
  EXPECT_THAT(Issue(session, "display_name: '$0'", std::string(129, 'x')), RefusesField("display_name"));
  EXPECT_THAT(Issue(session, "display_name: '$0'", std::string(128, 'x')), Succeeds());
  v1::IssueApiKeyRequest request;
  request.set_display_name("two\r\nlines");
  EXPECT_THAT(server().Call(&Identity::IssueApiKey, request, session), RefusesField("display_name"));
}

TEST_F(ApiKeyTest, LastUseIsWrittenAtShutdownAtTheLatest) {
  const auto used = Must(Issue(Session(), ""));
  const auto refused = Must(Issue(Session(), ""));
  ReasonFor(used.secret(), "posts:read");
  server().Disable(user_.id);
  ReasonFor(refused.secret(), "posts:read");
  server().Restart();
  const auto last_use = [](const v1::IssueApiKeyResponse& key) {
    return server().Ask("SELECT coalesce(last_use_time::text, '') FROM api_keys WHERE id = '" + key.api_key().id() +
                        "'");
  };
  EXPECT_NE(last_use(used), "");
  EXPECT_EQ(last_use(refused), "") << "a refused key was not used";
}

}  // namespace
}  // namespace identity
