#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kAnonymousId[] = "00000000-0000-7000-8000-000000000001";

class CheckPermissionTest : public RpcTest {
 protected:
  void SetUp() override {
    user_ = server().MakeUser();
    role_ = server().MakeRole({"posts:*"});
    binding_ = server().Bind(user_.id, role_, "orgs/acme");
  }
  template <typename... Arguments>
  static Result<v1::CheckPermissionResponse> Check(const Metadata& metadata, const char* text,
                                                   const Arguments&... arguments) {
    return server().Call(&Identity::CheckPermission, Proto<v1::CheckPermissionRequest>(text, arguments...), metadata);
  }
  // Checks a read of a post below the resource of the user's binding.
  template <typename... Arguments>
  static v1::CheckPermissionResponse Read(const char* subject, const Arguments&... arguments) {
    auto check = Proto<v1::CheckPermissionRequest>(subject, arguments...);
    check.set_permission("posts:read");
    check.set_resource("orgs/acme/posts/1");
    return server().Check(check);
  }
  TestUser user_;
  std::string role_;
  std::string binding_;
};

TEST_F(CheckPermissionTest, AnApprovalNamesThePrincipalAndTheBinding) {
  const v1::TokenSet tokens = server().Login(user_, {"posts:*"});
  const auto answer = Read("access_token: '$0' explain: true", tokens.access_token());
  EXPECT_EQ(answer.decision(), v1::DECISION_ALLOWED);
  EXPECT_EQ(answer.reason(), v1::REASON_GRANTED);
  EXPECT_EQ(answer.principal().id(), user_.id);
  EXPECT_EQ(answer.principal().type(), v1::PRINCIPAL_TYPE_USER);
  EXPECT_EQ(answer.principal().username(), user_.username);
  EXPECT_EQ(answer.session_id(), tokens.session_id());
  EXPECT_THAT(answer.scopes(), ElementsAre("posts:*"));
  EXPECT_TRUE(answer.has_expire_time());
  EXPECT_TRUE(answer.has_checked_at());
  EXPECT_FALSE(answer.consistency_token().empty());
  EXPECT_EQ(answer.explanation().binding_id(), binding_);
  EXPECT_EQ(answer.explanation().resource(), "orgs/acme");
  EXPECT_THAT(answer.explanation().role_chain(), ElementsAre(role_));
  EXPECT_EQ(answer.explanation().pattern(), "posts:*");
}

TEST_F(CheckPermissionTest, ApprovalsAreExplainedOnRequest) {
  EXPECT_FALSE(Read("principal_id: '$0'", user_.id).has_explanation());
  const auto denied =
      Must(Check(server().root(), "principal_id: '$0' permission: 'wiki:read' explain: true", user_.id));
  EXPECT_EQ(denied.decision(), v1::DECISION_DENIED);
  EXPECT_FALSE(denied.has_explanation());
}

TEST_F(CheckPermissionTest, TheChainLeadsThroughInheritance) {
  const std::string middle = server().MakeRole({}, {role_});
  const std::string top = server().MakeRole({"wiki:read"}, {middle});
  const TestUser user = server().MakeUser();
  server().Bind(user.id, top, "orgs/acme");
  EXPECT_THAT(Read("principal_id: '$0' explain: true", user.id).explanation().role_chain(),
              ElementsAre(top, middle, role_));
}

TEST_F(CheckPermissionTest, OtherTextsAreInvalidCredentials) {
  const v1::TokenSet tokens = server().Login(user_);
  const std::string key = server().IssueKey(user_.id, {"posts:*"}).secret();
  std::string flipped = tokens.access_token();
  flipped[flipped.size() / 2] = flipped[flipped.size() / 2] == 'A' ? 'B' : 'A';
  for (const std::string& token : {std::string(), std::string("x"), std::string(3000, '.'), flipped, key,
                                   tokens.refresh_token(), tokens.access_token() + "="}) {
    const auto answer = Read("access_token: '$0'", token);
    EXPECT_EQ(answer.reason(), v1::REASON_CREDENTIAL_INVALID) << token;
    EXPECT_EQ(answer.decision(), v1::DECISION_DENIED);
    EXPECT_FALSE(answer.has_principal());
  }
  for (const std::string& other : {std::string(), tokens.access_token(), tokens.refresh_token(), "idk" + key.substr(4),
                                   "idr" + key.substr(3), key + "0"}) {
    EXPECT_EQ(Read("api_key: '$0'", other).reason(), v1::REASON_CREDENTIAL_INVALID) << other;
  }
}

TEST_F(CheckPermissionTest, ACredentialIsNotAPrincipalId) {
  const v1::TokenSet tokens = server().Login(user_);
  for (const std::string& id : {std::string(), std::string("anonymous"), std::string(kUnknownId), tokens.access_token(),
                                tokens.refresh_token(), user_.username, user_.id + " "}) {
    const auto answer = Read("principal_id: '$0'", id);
    EXPECT_EQ(answer.reason(), v1::REASON_NO_BINDING) << id;
    EXPECT_FALSE(answer.has_principal());
  }
}

TEST_F(CheckPermissionTest, ExpiryIsReportedBeforeOtherReasons) {
  const v1::TokenSet tokens = server().Login(user_);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("access_token: '$0'", tokens.access_token())));
  EXPECT_EQ(Read("access_token: '$0'", tokens.access_token()).reason(), v1::REASON_CREDENTIAL_REVOKED);
  server().Disable(user_.id);
  EXPECT_EQ(Read("access_token: '$0'", tokens.access_token()).reason(), v1::REASON_CREDENTIAL_REVOKED);
  server().Advance(absl::Minutes(16));
  EXPECT_EQ(Read("access_token: '$0'", tokens.access_token()).reason(), v1::REASON_CREDENTIAL_EXPIRED);
}

TEST_F(CheckPermissionTest, ATokenIsValidUntilItsExpiryPlusTheClockSkew) {
  const v1::TokenSet tokens = server().Login(user_);
  server().Advance(absl::Minutes(15) + absl::Seconds(10));
  EXPECT_EQ(Read("access_token: '$0'", tokens.access_token()).reason(), v1::REASON_GRANTED);
  server().Advance(absl::Seconds(25));
  EXPECT_EQ(Read("access_token: '$0'", tokens.access_token()).reason(), v1::REASON_CREDENTIAL_EXPIRED);
}

TEST_F(CheckPermissionTest, ADisabledPrincipalIsReportedBeforeBindings) {
  const v1::TokenSet tokens = server().Login(user_, {"posts:*"});
  const std::string key = server().IssueKey(user_.id, {"posts:*"}).secret();
  server().Disable(user_.id);
  EXPECT_EQ(Read("access_token: '$0'", tokens.access_token()).reason(), v1::REASON_PRINCIPAL_DISABLED);
  EXPECT_EQ(Read("api_key: '$0'", key).reason(), v1::REASON_PRINCIPAL_DISABLED);
  EXPECT_EQ(Read("principal_id: '$0'", user_.id).reason(), v1::REASON_PRINCIPAL_DISABLED);
  const auto other = Must(Check(server().root(), "access_token: '$0' permission: 'wiki:read'", tokens.access_token()));
  EXPECT_EQ(other.reason(), v1::REASON_PRINCIPAL_DISABLED);
}

TEST_F(CheckPermissionTest, KeysEndByTimeAndByRevocation) {
  const auto key = server().IssueKey(user_.id, {"posts:*"});
  EXPECT_EQ(Read("api_key: '$0'", key.secret()).reason(), v1::REASON_GRANTED);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("api_key: '$0'", key.secret())));
  EXPECT_EQ(Read("api_key: '$0'", key.secret()).reason(), v1::REASON_CREDENTIAL_REVOKED);
  server().ExpireKey(key.api_key().id());
  EXPECT_EQ(Read("api_key: '$0'", key.secret()).reason(), v1::REASON_CREDENTIAL_EXPIRED);
}

TEST_F(CheckPermissionTest, NoBindingIsReportedBeforeScopes) {
  const v1::TokenSet tokens = server().Login(user_, {"posts:read"});
  const auto reason = [&](const char* permission, const char* resource) {
    return Must(Check(server().root(), "access_token: '$0' permission: '$1' resource: '$2'", tokens.access_token(),
                      permission, resource))
        .reason();
  };
  EXPECT_EQ(reason("posts:read", "orgs/acme"), v1::REASON_GRANTED);
  EXPECT_EQ(reason("posts:write", "orgs/acme"), v1::REASON_SCOPE_INSUFFICIENT);
  EXPECT_EQ(reason("posts:write", "orgs/acme2"), v1::REASON_NO_BINDING);
  EXPECT_EQ(reason("posts:read", ""), v1::REASON_NO_BINDING);
}

TEST_F(CheckPermissionTest, TheAudienceMustBeTheTokensAndIsIdentityByDefault) {
  const std::string blog = server().Login(user_, {}, "blog").access_token();
  const std::string own = server().Login(user_).access_token();
  EXPECT_EQ(Read("access_token: '$0'", blog).reason(), v1::REASON_CREDENTIAL_INVALID) << "names no audience";
  EXPECT_EQ(Read("access_token: '$0'", own).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(Read("access_token: '$0' audience: 'blog'", blog).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(Read("access_token: '$0' audience: 'Blog'", blog).reason(), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_EQ(Read("access_token: '$0' audience: 'blog'", own).reason(), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_EQ(Read("access_token: '$0' audience: 'identity'", own).reason(), v1::REASON_GRANTED);
}

TEST_F(CheckPermissionTest, SelfHasTheAudienceIdentity) {
  const Metadata self = Bearer(server().Login(user_).access_token());
  const char* text = "self: true permission: 'posts:read' resource: 'orgs/acme' audience: '$0'";
  EXPECT_EQ(Must(Check(self, text, "identity")).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(Must(Check(self, text, "blog")).reason(), v1::REASON_CREDENTIAL_INVALID);
}

TEST_F(CheckPermissionTest, SelfIsTheCallerWithItsScopes) {
  const Metadata self = Bearer(server().Login(user_, {"posts:read"}).access_token());
  const auto answer = Must(Check(self, "self: true permission: 'posts:read' resource: 'orgs/acme'"));
  EXPECT_EQ(answer.reason(), v1::REASON_GRANTED);
  EXPECT_EQ(answer.principal().id(), user_.id);
  EXPECT_THAT(answer.scopes(), ElementsAre("posts:read"));
  EXPECT_EQ(Must(Check(self, "self: true permission: 'posts:edit' resource: 'orgs/acme'")).reason(),
            v1::REASON_SCOPE_INSUFFICIENT);
  EXPECT_THAT(Check({}, "self: true permission: 'posts:read'"), FailsWith(ErrorReason::kCallerUnknown));
}

TEST_F(CheckPermissionTest, WithoutThePermissionToCheckOnlySelfMayBeChecked) {
  const v1::TokenSet tokens = server().Login(user_);
  const Metadata self = Bearer(tokens.access_token());
  for (const std::string& subject :
       {std::string("anonymous: true"), "principal_id: '" + user_.id + "'",
        "access_token: '" + tokens.access_token() + "'", std::string("api_key: ''"), std::string()}) {
    EXPECT_THAT(Check(self, absl::StrCat(subject, " permission: 'posts:read'").c_str()),
                FailsWith(ErrorReason::kPermissionDenied))
        << subject;
  }
  // The permission is needed everywhere, because the resources in checks are not the service's own.
  const Metadata scoped = server().MakeCaller({"identity:check"}, "orgs/acme");
  EXPECT_THAT(Check(scoped, "anonymous: true permission: 'posts:read' resource: 'orgs/acme'"),
              FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(CheckPermissionTest, EveryUserHoldsSelfOnTheirOwnPath) {
  const std::string other = server().MakeUser().id;
  const auto reason = [&](const char* permission, const std::string& resource) {
    return Must(Check(server().root(), "principal_id: '$0' permission: '$1' resource: '$2'", user_.id, permission,
                      resource))
        .reason();
  };
  EXPECT_EQ(reason("update:own_profile", "users/" + user_.id), v1::REASON_GRANTED);
  EXPECT_EQ(reason("identity:self:write", "users/" + user_.id + "/sessions"), v1::REASON_GRANTED);
  EXPECT_EQ(reason("update:own_profile", "users/" + other), v1::REASON_NO_BINDING);
  EXPECT_EQ(reason("update:own_profile", ""), v1::REASON_NO_BINDING);
  EXPECT_EQ(reason("identity:users:read", "users/" + user_.id), v1::REASON_NO_BINDING);
  const auto explained = Must(Check(server().root(),
                                    "principal_id: '$0' permission: 'read:own_profile' resource: 'users/$0' "
                                    "explain: true",
                                    user_.id));
  EXPECT_THAT(explained.explanation().binding_id(), IsEmpty());
  EXPECT_THAT(explained.explanation().role_chain(), ElementsAre("self"));
}

TEST_F(CheckPermissionTest, AServiceAccountDoesNotHoldSelf) {
  const std::string account = server().MakeServiceAccount();
  EXPECT_EQ(
      Must(Check(server().root(), "principal_id: '$0' permission: 'read:own_profile' resource: 'users/$0'", account))
          .reason(),
      v1::REASON_NO_BINDING);
}

TEST_F(CheckPermissionTest, AnonymousHoldsItsOwnBindings) {
  EXPECT_EQ(Read("anonymous: true").reason(), v1::REASON_NO_BINDING);
  server().Bind("anonymous", role_, "orgs/acme");
  const auto answer = Read("anonymous: true");
  EXPECT_EQ(answer.reason(), v1::REASON_GRANTED);
  EXPECT_EQ(answer.principal().type(), v1::PRINCIPAL_TYPE_ANONYMOUS);
  EXPECT_EQ(Read("principal_id: '$0'", kAnonymousId).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(Read("access_token: ''").reason(), v1::REASON_CREDENTIAL_INVALID) << "a lost token is not anonymous";
  EXPECT_EQ(Read("principal_id: '$0'", server().MakeUser().id).reason(), v1::REASON_NO_BINDING)
      << "others do not inherit the bindings of anonymous";
}

TEST_F(CheckPermissionTest, AnExpiredBindingGivesNothing) {
  server().ExpireBinding(binding_);
  EXPECT_EQ(Read("principal_id: '$0'", user_.id).reason(), v1::REASON_NO_BINDING);
}

TEST_F(CheckPermissionTest, ExpireTimeIsTheEarlierOfCredentialAndBinding) {
  const TestUser user = server().MakeUser();
  EXPECT_FALSE(Read("principal_id: '$0'", user_.id).has_expire_time());
  const int64_t soon = absl::ToUnixSeconds(absl::Now()) + 120;
  Must(server().Call(&Admin::CreateBinding,
                     Proto<v1::CreateBindingRequest>(
                         "binding { principal_id: '$0' role: '$1' expire_time { seconds: $2 } }", user.id, role_, soon),
                     server().root()));
  EXPECT_EQ(Read("principal_id: '$0'", user.id).expire_time().seconds(), soon);
  EXPECT_EQ(Read("access_token: '$0'", server().Login(user).access_token()).expire_time().seconds(), soon);
}

TEST_F(CheckPermissionTest, AMalformedCheckIsRefused) {
  const auto check = [&](const std::string& text) { return Check(server().root(), text.c_str()); };
  EXPECT_THAT(check("permission: 'posts:read'"), RefusesField("subject"));
  EXPECT_THAT(check("anonymous: false permission: 'posts:read'"), RefusesField("anonymous"));
  EXPECT_THAT(check("self: false permission: 'posts:read'"), RefusesField("self"));
  for (const std::string& permission :
       {std::string(), std::string("*"), std::string("posts:*"), std::string("Posts:read"), std::string("a::b"),
        std::string("a:b:c:d:e:f:g:h:i"), std::string(65, 'a'), std::string("posts:read ")}) {
    EXPECT_THAT(check("anonymous: true permission: '" + permission + "'"), RefusesField("permission")) << permission;
  }
  for (const std::string& resource : {std::string("/orgs"), std::string("orgs/"), std::string("orgs//acme"),
                                      std::string("orgs/*"), std::string(129, 'a'), std::string("a b")}) {
    EXPECT_THAT(check("anonymous: true permission: 'a:b' resource: '" + resource + "'"), RefusesField("resource"))
        << resource;
  }
}

}  // namespace
}  // namespace identity
