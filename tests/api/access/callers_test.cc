#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/calls/access.h"
#include "tests/support/harness.h"
#include "tests/support/methods.h"

namespace identity {
namespace {

using Who = AccessRule::Who;

// The callers that each method admits, and their credentials.
class CallerTest : public RpcTest {
 protected:
  // A call that any signed-in caller may make.
  static grpc::Status Call(const Metadata& metadata) {
    return server()
        .Call(&Identity::CheckPermission, Proto<v1::CheckPermissionRequest>("self: true permission: 'posts:read'"),
              metadata)
        .status;
  }
  // An API key of a service account that holds `permissions`.
  static Metadata MakeServiceKey(const std::vector<std::string>& permissions) {
    const std::string account = server().MakeServiceAccount();
    server().Grant(account, permissions);
    return ApiKeyHeader(server().IssueKey(account, {}).secret());
  }
  // A request in which every text breaks a rule.
  static std::string BadRequestOf(const google::protobuf::MethodDescriptor& method) {
    const auto request = NewRequest(method);
    for (const FieldPath& path : TextPaths(*method.input_type())) SetText(*request, path, "!!");
    return request->SerializeAsString();
  }
  static bool IsOwn(Who who) { return who == Who::kOwnAccount || who == Who::kOwnSession; }
  static const AccessRule& RuleOf(const google::protobuf::MethodDescriptor& method) {
    for (const AccessRule& rule : AccessRules()) {
      if (rule.method == FullName(method)) return rule;
    }
    ADD_FAILURE() << FullName(method);
    return AccessRules()[0];
  }
};

TEST_F(CallerTest, WithoutACredentialOnlyMethodsForAnyoneAreAdmitted) {
  for (const auto* method : AllMethods()) {
    const auto result = server().CallRaw(FullName(*method), BadRequestOf(*method));
    if (RuleOf(*method).who == Who::kAnyone) {
      EXPECT_FALSE(FailsBy(result.status, ErrorReason::kCallerUnknown)) << FullName(*method);
    } else {
      EXPECT_THAT(result, FailsWith(ErrorReason::kCallerUnknown)) << FullName(*method);
    }
  }
}

TEST_F(CallerTest, PermissionsAreCheckedBeforeTheRequestIsRead) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"posts:*"});
  // Every user has rights on their own account, so these methods are called with scopes that are too narrow.
  const Metadata without_rights = Bearer(server().Login(user).access_token());
  const Metadata narrow = Bearer(server().Login(user, {"posts:*"}).access_token());
  for (const auto* method : AllMethods()) {
    const Who who = RuleOf(*method).who;
    if (who == Who::kAnyone || who == Who::kSignedIn) continue;
    EXPECT_THAT(server().CallRaw(FullName(*method), BadRequestOf(*method), IsOwn(who) ? narrow : without_rights),
                FailsWith(ErrorReason::kPermissionDenied))
        << FullName(*method);
  }
}

TEST_F(CallerTest, MethodsThatNeedASessionRefuseKeysAndTheirTokens) {
  const std::string key = server().IssueKey(server().MakeUser().id, {}).secret();
  const auto exchanged =
      Must(server().Call(&Identity::Authenticate, Proto<v1::AuthenticateRequest>("api_key { key: '$0' }", key)));
  for (const auto* method : AllMethods()) {
    if (RuleOf(*method).who != Who::kOwnSession) continue;
    for (const Metadata& caller : {ApiKeyHeader(key), Bearer(exchanged.tokens().access_token())}) {
      EXPECT_THAT(server().CallRaw(FullName(*method), BadRequestOf(*method), caller),
                  FailsWith(ErrorReason::kSessionRequired))
          << FullName(*method);
    }
  }
}

TEST_F(CallerTest, ABadCredentialIsRefusedByEveryMethod) {
  for (const auto* method : AllMethods()) {
    for (const Metadata& metadata : {Bearer("x"), ApiKeyHeader("x")}) {
      EXPECT_THAT(server().CallRaw(FullName(*method), BadRequestOf(*method), metadata),
                  FailsWith(ErrorReason::kCallerInvalid))
          << FullName(*method);
    }
  }
}

TEST_F(CallerTest, EachMethodAcceptsItsPermissionAndNoOther) {
  for (const auto* method : AllMethods()) {
    const AccessRule& rule = RuleOf(*method);
    if (*rule.permission == '\0') continue;
    std::set<std::string> others;
    for (const AccessRule& other : AccessRules()) {
      if (*other.permission != '\0' && std::string(other.permission) != rule.permission) {
        others.insert(other.permission);
      }
    }
    const std::string request = BadRequestOf(*method);
    const auto allowed = server().CallRaw(FullName(*method), request, MakeServiceKey({rule.permission}));
    if (rule.who == Who::kOwnSession) {
      EXPECT_THAT(allowed, FailsWith(ErrorReason::kSessionRequired))
          << rule.method << ": the caller holds the permission";
    } else {
      EXPECT_THAT(allowed, testing::Not(FailsWith(ErrorReason::kPermissionDenied))) << rule.method;
    }
    EXPECT_NE(allowed.status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << rule.method;
    EXPECT_THAT(server().CallRaw(FullName(*method), request, MakeServiceKey({others.begin(), others.end()})),
                FailsWith(ErrorReason::kPermissionDenied))
        << rule.method;
  }
}

TEST_F(CallerTest, TokensAndKeysAreAccepted) {
  const TestUser user = server().MakeUser();
  const std::string token = server().Login(user).access_token();
  const std::string key = server().IssueKey(user.id, {}).secret();
  EXPECT_THAT(Call(Bearer(token)), Succeeds());
  EXPECT_THAT(Call(Bearer(key)), Succeeds());
  EXPECT_THAT(Call(ApiKeyHeader(key)), Succeeds());
  EXPECT_THAT(Call({{"authorization", "bearer " + token}}), Succeeds());
  EXPECT_THAT(Call({{"authorization", "BEARER " + token}}), Succeeds());
}

TEST_F(CallerTest, EveryOtherFormIsRefused) {
  const TestUser user = server().MakeUser();
  const v1::TokenSet tokens = server().Login(user);
  const std::string& token = tokens.access_token();
  const std::string key = server().IssueKey(user.id, {}).secret();
  const std::vector<Metadata> bad = {
      {{"authorization", "Basic cm9vdDpyb290"}},
      {{"authorization", token}},
      {{"authorization", ""}},
      {{"authorization", "Bearer"}},
      {{"authorization", "Bearer "}},
      {{"authorization", "Bearer  " + token}},
      {{"authorization", "Bearer " + token + " x"}},
      {{"authorization", "Bearer " + token + ", Bearer " + token}},
      {{"authorization", "Bearer " + token}, {"authorization", "Bearer " + token}},
      {{"x-api-key", key}, {"x-api-key", key}},
      {{"x-api-key", ""}},
      {{"x-api-key", token}},
      {{"x-api-key", "Bearer " + key}},
      Bearer(tokens.refresh_token()),
      ApiKeyHeader(tokens.refresh_token()),
      Bearer(key.substr(0, key.size() - 1)),
      Bearer("idk_"),
      Bearer(std::string(4000, '.')),
      Bearer(absl::AsciiStrToLower(token)),
  };
  for (const Metadata& metadata : bad) {
    EXPECT_THAT(Call(metadata), FailsWith(ErrorReason::kCallerInvalid)) << metadata[0].first << metadata.size();
  }
}

TEST_F(CallerTest, TheAuthorizationHeaderDecidesAndNeverFallsBackToTheKey) {
  const std::string token = server().Login(server().MakeUser()).access_token();
  const std::string root_key = server().root()[0].second;
  const auto list = [](const Metadata& metadata) {
    return server().Call(&Admin::ListRoles, v1::ListRolesRequest(), metadata);
  };
  EXPECT_THAT(list(ApiKeyHeader(root_key)), Succeeds());
  EXPECT_THAT(list({{"authorization", "Bearer " + token}, {"x-api-key", root_key}}),
              FailsWith(ErrorReason::kPermissionDenied));
  for (const char* invalid : {"Bearer x", "Basic x", ""}) {
    EXPECT_THAT(list({{"authorization", invalid}, {"x-api-key", root_key}}), FailsWith(ErrorReason::kCallerInvalid));
  }
  EXPECT_THAT(list({{"authorization", "Bearer " + root_key}, {"x-api-key", "x"}}), Succeeds());
}

TEST_F(CallerTest, ATokenForAnotherAudienceIsRefused) {
  const TestUser user = server().MakeUser();
  server().Bind(user.id, "super_admin");
  for (const char* audience : {"blog", "Identity", "identity2"}) {
    EXPECT_THAT(Call(Bearer(server().Login(user, {}, audience).access_token())),
                FailsWith(ErrorReason::kCallerInvalid));
  }
  EXPECT_THAT(Call(Bearer(server().Login(user, {}, "identity").access_token())), Succeeds());
}

TEST_F(CallerTest, ACredentialThatEndedIsRefused) {
  const TestUser user = server().MakeUser();
  const std::string expired = server().Login(user).access_token();
  server().Advance(absl::Minutes(16));
  EXPECT_THAT(Call(Bearer(expired)), FailsWith(ErrorReason::kCallerInvalid));
  const v1::TokenSet revoked = server().Login(user);
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("refresh_token: '$0'", revoked.refresh_token())));
  EXPECT_THAT(Call(Bearer(revoked.access_token())), FailsWith(ErrorReason::kCallerInvalid));
  const std::string live = server().Login(user).access_token();
  const std::string key = server().IssueKey(user.id, {}).secret();
  server().Disable(user.id);
  EXPECT_THAT(Call(Bearer(live)), FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_THAT(Call(Bearer(key)), FailsWith(ErrorReason::kCallerInvalid));
}

TEST_F(CallerTest, ATokenFromTheFutureIsRefused) {
  const TestUser user = server().MakeUser();
  server().Advance(absl::Minutes(5));
  const std::string early = server().Login(user).access_token();
  server().Advance(-absl::Minutes(5));
  EXPECT_THAT(Call(Bearer(early)), FailsWith(ErrorReason::kCallerInvalid));
}

TEST_F(CallerTest, ACredentialsScopesLimitWhatItsOwnerMayCall) {
  const TestUser user = server().MakeUser();
  server().Bind(user.id, "super_admin");
  const Metadata narrow = Bearer(server().Login(user, {"identity:roles:read", "posts:*"}).access_token());
  EXPECT_THAT(server().Call(&Admin::ListRoles, v1::ListRolesRequest(), narrow), Succeeds());
  EXPECT_THAT(server().Call(&Admin::ListUsers, v1::ListUsersRequest(), narrow),
              FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(CallerTest, ARevokedPermissionIsRefusedAtTheNextCall) {
  const TestUser user = server().MakeUser();
  const std::string binding = server().Grant(user.id, {"identity:roles:read"});
  const Metadata caller = Bearer(server().Login(user).access_token());
  EXPECT_THAT(server().Call(&Admin::ListRoles, v1::ListRolesRequest(), caller), Succeeds());
  Must(server().Call(&Admin::DeleteBinding, Proto<v1::DeleteBindingRequest>("binding_id: '$0'", binding),
                     server().root()));
  EXPECT_THAT(server().Call(&Admin::ListRoles, v1::ListRolesRequest(), caller),
              FailsWith(ErrorReason::kPermissionDenied));
}

TEST_F(CallerTest, NoErrorRepeatsTheCredential) {
  for (const auto* method : AllMethods()) {
    const auto result = server().CallRaw(FullName(*method), BadRequestOf(*method), Bearer("tell-tale-credential"));
    EXPECT_EQ(result.status.error_message().find("tell-tale"), std::string::npos) << FullName(*method);
    EXPECT_EQ(result.status.error_details().find("tell-tale"), std::string::npos) << FullName(*method);
  }
}

}  // namespace
}  // namespace identity
