#include "absl/strings/ascii.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class PrincipalTest : public RpcTest {
 protected:
  static grpc::Status Disable(const Metadata& metadata, const std::string& id, const std::string& reason = "") {
    v1::DisablePrincipalRequest request;
    request.set_principal_id(id);
    request.set_reason(reason);
    return server().Call(&Admin::DisablePrincipal, request, metadata).status;
  }
  static grpc::Status Enable(const Metadata& metadata, const std::string& id) {
    return server()
        .Call(&Admin::EnablePrincipal, Proto<v1::EnablePrincipalRequest>("principal_id: '$0'", id), metadata)
        .status;
  }
  static bool IsDisabled(const std::string& id) {
    return Must(server().Call(&Admin::GetUser, Proto<v1::GetUserRequest>("user_id: '$0'", id), server().root()))
        .user()
        .disabled();
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
  static std::vector<std::string> IdsOf(const v1::ListPrincipalSessionsResponse& response) {
    std::vector<std::string> ids;
    for (const v1::Session& session : response.sessions()) ids.push_back(session.id());
    return ids;
  }
};

TEST_F(PrincipalTest, DisablingIsRepeatableAndAuditedWithItsReason) {
  const TestUser user = server().MakeUser();
  EXPECT_THAT(Disable(server().root(), user.id, "left the company"), Succeeds());
  EXPECT_THAT(Disable(server().root(), user.id), Succeeds());
  EXPECT_TRUE(IsDisabled(user.id));
  EXPECT_EQ(server().Ask("SELECT details FROM audit_events WHERE event = 'principal.disabled' AND subject_id = '" +
                         user.id + "'"),
            "left the company");
  EXPECT_THAT(Enable(server().root(), user.id), Succeeds());
  EXPECT_THAT(Enable(server().root(), user.id), Succeeds());
  EXPECT_FALSE(IsDisabled(user.id));
  EXPECT_THAT(Disable(server().root(), user.id, std::string(257, 'x')), RefusesField("reason"));
}

TEST_F(PrincipalTest, NobodyDisablesThemselvesOrABuiltInPrincipal) {
  EXPECT_THAT(Disable(server().root(), server().root_id()), FailsWith(ErrorReason::kOwnRoles));
  EXPECT_THAT(Disable(server().root(), "anonymous"), FailsWith(ErrorReason::kBuiltIn));
  EXPECT_THAT(Disable(server().root(), "00000000-0000-7000-8000-000000000001"), FailsWith(ErrorReason::kBuiltIn));
  EXPECT_THAT(Disable(server().root(), kUnknownId), FailsWith(ErrorReason::kNotFound));
}

TEST_F(PrincipalTest, OnlyASuperAdminDisablesOrEnablesASuperAdmin) {
  const TestUser second_root = server().MakeUser();
  server().Bind(second_root.id, "super_admin");
  const Metadata admin = server().MakeCaller({"identity:*"});
  EXPECT_THAT(Disable(admin, second_root.id), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Disable(server().root(), second_root.id), Succeeds());
  EXPECT_THAT(Enable(admin, second_root.id), FailsWith(ErrorReason::kSuperAdminRequired));
  const std::string narrow_root =
      Must(server().Call(&Identity::IssueApiKey,
                         Proto<v1::IssueApiKeyRequest>("scopes: 'identity:*' proof { current_password: '$0' }",
                                                       server().root_user().password),
                         Bearer(server().Login(server().root_user()).access_token())))
          .secret();
  EXPECT_THAT(Enable(ApiKeyHeader(narrow_root), second_root.id), FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_THAT(Enable(server().root(), second_root.id), Succeeds());
}

TEST_F(PrincipalTest, AScopedAdministratorReachesOnlyTheirUser) {
  const TestUser user = server().MakeUser();
  const TestUser other = server().MakeUser();
  const Metadata admin = server().MakeCaller({"identity:principals:write"}, "users/" + user.id);
  EXPECT_THAT(Disable(admin, other.id), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Disable(admin, kUnknownId), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Disable(admin, "x"), FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(Disable(admin, absl::AsciiStrToUpper(user.id)), Succeeds()) << "the case of an id does not matter";
}

TEST_F(PrincipalTest, SessionsAreListedNewestFirstUntilTheyEnd) {
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
      << "the old sessions belong to an older epoch";
}

TEST_F(PrincipalTest, ASessionShowsHowAndFromWhereItBegan) {
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

TEST_F(PrincipalTest, TheSessionOfTheCallIsTheCurrentOne) {
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

TEST_F(PrincipalTest, ApiKeysAreListedNewestFirstIncludingRevokedOnes) {
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

TEST_F(PrincipalTest, AnUnknownPrincipalHasNoSessionsAndNoKeys) {
  EXPECT_EQ(Must(Sessions(server().root(), "principal_id: '$0'", kUnknownId)).sessions_size(), 0);
  EXPECT_EQ(Must(Keys(server().root(), "principal_id: '$0'", kUnknownId)).api_keys_size(), 0);
}

}  // namespace
}  // namespace identity
