#include <set>
#include <thread>

#include "server/domain/opaque_token.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;

class RefreshTest : public RpcTest {
 protected:
  void SetUp() override {
    user_ = server().MakeUser();
    server().Grant(user_.id, {"posts:*", "wiki:*"});
  }
  static Result<v1::RefreshResponse> Refresh(const std::string& token, const std::vector<std::string>& scopes = {}) {
    v1::RefreshRequest request;
    request.set_refresh_token(token);
    for (const std::string& scope : scopes) request.add_scopes(scope);
    return server().Call(&Identity::Refresh, request);
  }
  static v1::Reason ReasonFor(const std::string& access_token) {
    return server().ReasonFor(access_token, "posts:read");
  }
  // Makes it look as if the tokens of the session were spent earlier by `interval`. Applies to all tokens so far.
  static void MoveSpendTime(const std::string& session_id, const std::string& interval) {
    server().database().Execute(
        absl::Substitute("UPDATE refresh_tokens SET spend_time = spend_time - interval '$0' WHERE session_id = '$1'",
                         interval, session_id));
  }
  static std::string CountEvents(const std::string& event, const std::string& session_id) {
    return server().Ask(absl::Substitute("SELECT count(*)::text FROM audit_events WHERE event = '$0' AND target = '$1'",
                                         event, session_id));
  }
  TestUser user_;
};

TEST_F(RefreshTest, ReturnsTheNextTokenOfTheSameSession) {
  const v1::TokenSet first = server().Login(user_, {"posts:*"});
  const v1::TokenSet second = Must(Refresh(first.refresh_token())).tokens();
  EXPECT_EQ(second.session_id(), first.session_id());
  EXPECT_EQ(second.principal_id(), user_.id);
  EXPECT_NE(second.refresh_token(), first.refresh_token());
  EXPECT_NE(second.access_token(), first.access_token());
  EXPECT_THAT(second.scopes(), ElementsAre("posts:*"));
  EXPECT_EQ(second.expires_in().seconds(), 900);
  EXPECT_EQ(ReasonFor(second.access_token()), v1::REASON_GRANTED);
  EXPECT_EQ(ReasonFor(first.access_token()), v1::REASON_GRANTED) << "a refresh leaves earlier access tokens valid";
  Must(Refresh(second.refresh_token()));
}

TEST_F(RefreshTest, ScopesNarrowOnlyTheAccessToken) {
  const v1::TokenSet first = server().Login(user_);
  const v1::TokenSet narrow = Must(Refresh(first.refresh_token(), {"posts:read"})).tokens();
  EXPECT_THAT(narrow.scopes(), ElementsAre("posts:read"));
  EXPECT_THAT(Must(Refresh(narrow.refresh_token())).tokens().scopes(), ElementsAre("*"));
}

TEST_F(RefreshTest, ScopesNeverWiden) {
  const v1::TokenSet first = server().Login(user_, {"posts:read"});
  const v1::TokenSet second = Must(Refresh(first.refresh_token(), {"*", "posts:*", "wiki:edit"})).tokens();
  EXPECT_THAT(second.scopes(), ElementsAre("posts:read"));
}

TEST_F(RefreshTest, InvalidScopeSpendsNothing) {
  const v1::TokenSet first = server().Login(user_, {"posts:read"});
  EXPECT_THAT(Refresh(first.refresh_token(), {"wiki:edit"}), FailsWith(ErrorReason::kInvalidScope));
  EXPECT_THAT(Refresh(first.refresh_token(), {"Not a scope"}), RefusesField("scopes[0]"));
  const v1::TokenSet second = Must(Refresh(first.refresh_token())).tokens();
  EXPECT_THAT(Refresh(second.refresh_token()), Succeeds());
}

TEST_F(RefreshTest, ARetryWithinTenSecondsGetsTheSameChild) {
  const v1::TokenSet first = server().Login(user_);
  const v1::TokenSet second = Must(Refresh(first.refresh_token())).tokens();
  MoveSpendTime(first.session_id(), "5 seconds");
  const v1::TokenSet again = Must(Refresh(first.refresh_token())).tokens();
  EXPECT_EQ(again.refresh_token(), second.refresh_token());
  EXPECT_NE(again.access_token(), second.access_token());
  EXPECT_EQ(again.session_id(), first.session_id());
  Must(Refresh(second.refresh_token()));
}

TEST_F(RefreshTest, ARetryAfterTheChildWasUsedEndsTheFamily) {
  const v1::TokenSet first = server().Login(user_);
  const v1::TokenSet second = Must(Refresh(first.refresh_token())).tokens();
  const v1::TokenSet third = Must(Refresh(second.refresh_token())).tokens();
  EXPECT_THAT(Refresh(first.refresh_token()), FailsWith(ErrorReason::kRefreshTokenReused));
  EXPECT_THAT(Refresh(third.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  for (const v1::TokenSet* tokens : {&first, &second, &third}) {
    EXPECT_EQ(ReasonFor(tokens->access_token()), v1::REASON_CREDENTIAL_REVOKED);
  }
}

TEST_F(RefreshTest, ALateRetryEndsTheFamilyAndIsAuditedOnce) {
  const v1::TokenSet first = server().Login(user_);
  const v1::TokenSet second = Must(Refresh(first.refresh_token())).tokens();
  MoveSpendTime(first.session_id(), "11 seconds");
  EXPECT_THAT(Refresh(first.refresh_token()), FailsWith(ErrorReason::kRefreshTokenReused));
  EXPECT_THAT(Refresh(first.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_THAT(Refresh(second.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_EQ(CountEvents("refresh_token.reused", first.session_id()), "1");
}

TEST_F(RefreshTest, AnotherSessionOfTheSameUserOutlivesAReuse) {
  const v1::TokenSet other = server().Login(user_);
  const v1::TokenSet first = server().Login(user_);
  Must(Refresh(first.refresh_token()));
  MoveSpendTime(first.session_id(), "11 seconds");
  Refresh(first.refresh_token());
  EXPECT_EQ(ReasonFor(other.access_token()), v1::REASON_GRANTED);
  EXPECT_THAT(Refresh(other.refresh_token()), Succeeds());
}

TEST_F(RefreshTest, ParallelUsesGiveOneChild) {
  const v1::TokenSet first = server().Login(user_);
  constexpr size_t kUses = 12;
  std::vector<Result<v1::RefreshResponse>> results(kUses);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&result, &first] { result = Refresh(first.refresh_token()); });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> children;
  for (const auto& result : results) children.insert(Must(result).tokens().refresh_token());
  EXPECT_EQ(children.size(), 1u);
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM refresh_tokens WHERE session_id = '" + first.session_id() + "'"),
            "2");
}

TEST_F(RefreshTest, AnIdleTokenExpires) {
  const v1::TokenSet first = server().Login(user_);
  server().database().Execute("UPDATE refresh_tokens SET expire_time = now() WHERE session_id = '" +
                              first.session_id() + "'");
  EXPECT_THAT(Refresh(first.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
}

TEST_F(RefreshTest, ASessionEndsAtItsAbsoluteEnd) {
  const v1::TokenSet first = server().Login(user_);
  server().database().Execute("UPDATE sessions SET expire_time = now() WHERE id = '" + first.session_id() + "'");
  EXPECT_THAT(Refresh(first.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
}

TEST_F(RefreshTest, RotationNeverMovesTheAbsoluteEnd) {
  const v1::TokenSet first = server().Login(user_);
  server().database().Execute("UPDATE sessions SET expire_time = now() + interval '10 minutes' WHERE id = '" +
                              first.session_id() + "'");
  const std::string ask = "SELECT expire_time::text FROM sessions WHERE id = '" + first.session_id() + "'";
  const std::string end = server().Ask(ask);
  v1::TokenSet tokens = first;
  for (int i = 0; i < 3; ++i) tokens = Must(Refresh(tokens.refresh_token())).tokens();
  EXPECT_EQ(server().Ask(ask), end);
  EXPECT_LE(tokens.refresh_expires_in().seconds(), 600);
  EXPECT_LE(tokens.expires_in().seconds(), 600);
  EXPECT_GT(tokens.expires_in().seconds(), 500);
}

TEST_F(RefreshTest, ADisabledUsersTokensStayInvalidOnceEnabled) {
  const v1::TokenSet first = server().Login(user_);
  server().Disable(user_.id);
  EXPECT_THAT(Refresh(first.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  server().Enable(user_.id);
  EXPECT_THAT(Refresh(first.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_EQ(ReasonFor(first.access_token()), v1::REASON_CREDENTIAL_REVOKED);
  EXPECT_THAT(Refresh(server().Login(user_).refresh_token()), Succeeds());
}

TEST_F(RefreshTest, ARevokedSessionIsNotRefreshed) {
  const v1::TokenSet first = server().Login(user_);
  v1::RevokeRequest revoke;
  revoke.set_session_id(first.session_id());
  Must(server().Call(&Identity::Revoke, revoke, server().root()));
  EXPECT_THAT(Refresh(first.refresh_token()), FailsWith(ErrorReason::kRefreshTokenInvalid));
}

TEST_F(RefreshTest, DoesNotResetALock) {
  const v1::TokenSet first = server().Login(user_);
  for (int i = 0; i < 5; ++i) server().TryLogin(user_.username, "wrong password");
  EXPECT_THAT(Refresh(first.refresh_token()), Succeeds()) << "a lock stops only password guesses";
  EXPECT_THAT(server().TryLogin(user_.username, user_.password), FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(RefreshTest, MalformedAndForeignTokensAreInvalid) {
  const v1::TokenSet tokens = server().Login(user_);
  const std::string key = server().IssueKey(user_.id, {"posts:*"}).secret();
  const std::string& good = tokens.refresh_token();
  std::vector<std::string> bad = {"", tokens.access_token(), key, "idr" + key.substr(3), good + "0", "\n" + good};
  for (size_t i = 0; i < good.size(); ++i) {
    bad.push_back(good);
    bad.back()[i] = good[i] == 'x' ? 'y' : 'x';
  }
  for (size_t length = 0; length < good.size(); length += 7) bad.push_back(good.substr(0, length));
  for (const std::string& token : bad) EXPECT_THAT(Refresh(token), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_THAT(Refresh(good), Succeeds()) << "none of them spent it";
}

// The id is public. Callers who know only the id must not be able to end the session by a "reuse".
TEST_F(RefreshTest, TheIdOfASpentTokenWithAnotherSecretEndsNothing) {
  const v1::TokenSet first = server().Login(user_);
  const auto parsed = OpaqueToken::Parse(OpaqueToken::Kind::kRefreshToken, first.refresh_token());
  ASSERT_TRUE(parsed);
  const OpaqueToken forged(OpaqueToken::Kind::kRefreshToken, parsed->id(), Secret(std::string(kTokenSecretBytes, 'x')));
  const v1::TokenSet second = Must(Refresh(first.refresh_token())).tokens();
  EXPECT_THAT(Refresh(std::string(forged.ToText().Reveal())), FailsWith(ErrorReason::kRefreshTokenInvalid));
  EXPECT_THAT(Refresh(second.refresh_token()), Succeeds());
}

TEST_F(RefreshTest, TheNewAccessTokenHasTheCurrentRoles) {
  const v1::TokenSet first = server().Login(user_, {"*"});
  server().Grant(user_.id, {"comments:*"});
  const v1::TokenSet second = Must(Refresh(first.refresh_token())).tokens();
  v1::CheckPermissionRequest check;
  check.set_access_token(second.access_token());
  check.set_permission("comments:read");
  EXPECT_EQ(server().Check(check).reason(), v1::REASON_GRANTED);
}

TEST_F(RefreshTest, OnlyCallersWhoMayVouchSetTheClientAddress) {
  v1::RefreshRequest request;
  request.mutable_client_info()->set_ip_address("203.0.113.9");
  const auto audited_with = [&](const Metadata& metadata) {
    const v1::TokenSet login = server().Login(user_);
    request.set_refresh_token(login.refresh_token());
    EXPECT_THAT(server().Call(&Identity::Refresh, request, metadata), Succeeds());
    return server().Ask(absl::Substitute(
        "SELECT ip_address FROM audit_events WHERE event = 'refresh' AND target = '$0'", login.session_id()));
  };
  EXPECT_EQ(audited_with({}), "127.0.0.1");
  EXPECT_EQ(audited_with(server().MakeCaller({"posts:*"})), "127.0.0.1");
  EXPECT_EQ(audited_with(server().MakeCaller({"identity:client_info:vouch"})), "203.0.113.9");
}

}  // namespace
}  // namespace identity
