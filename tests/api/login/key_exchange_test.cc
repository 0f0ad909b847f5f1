#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// API keys that are exchanged for access tokens.
class KeyExchangeTest : public RpcTest {
 protected:
  static Result<v1::AuthenticateResponse> Authenticate(const v1::AuthenticateRequest& request) {
    return server().Call(&Identity::Authenticate, request);
  }
  static v1::AuthenticateRequest KeyLogin(const std::string& key) {
    v1::AuthenticateRequest request;
    request.mutable_api_key()->set_key(key);
    return request;
  }
};

TEST_F(KeyExchangeTest, TheTokenOfAnExchangedKeyIsRevokedWithTheKey) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"posts:*"});
  const auto key = server().IssueKey(account, {"posts:read", "posts:write"});
  v1::AuthenticateRequest request = KeyLogin(key.secret());
  request.add_scopes("posts:read");
  const v1::TokenSet tokens = Must(Authenticate(request)).tokens();
  EXPECT_THAT(tokens.refresh_token(), IsEmpty());
  EXPECT_THAT(tokens.session_id(), IsEmpty());
  EXPECT_FALSE(tokens.has_refresh_expires_in());
  EXPECT_THAT(tokens.scopes(), ElementsAre("posts:read"));
  EXPECT_EQ(server().ReasonFor(tokens.access_token(), "posts:read"), v1::REASON_GRANTED);
  EXPECT_EQ(server().ReasonFor(tokens.access_token(), "posts:write"), v1::REASON_SCOPE_INSUFFICIENT);
  v1::RevokeRequest revoke;
  revoke.set_api_key(key.secret());
  Must(server().Call(&Identity::Revoke, revoke));
  EXPECT_EQ(server().ReasonFor(tokens.access_token(), "posts:read"), v1::REASON_CREDENTIAL_REVOKED);
}

TEST_F(KeyExchangeTest, ExchangedTokenNeverExceedsItsKeysScopesOrLifetime) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"posts:*"});
  const auto key = server().IssueKey(account, {"posts:read"});
  v1::AuthenticateRequest request = KeyLogin(key.secret());
  request.add_scopes("*");
  const v1::TokenSet tokens = Must(Authenticate(request)).tokens();
  EXPECT_THAT(tokens.scopes(), ElementsAre("posts:read"));
  request.set_scopes(0, "posts:write");
  EXPECT_THAT(Authenticate(request), FailsWith(ErrorReason::kInvalidScope));
  server().ExpireKey(key.api_key().id());
  EXPECT_EQ(server().ReasonFor(tokens.access_token(), "posts:read"), v1::REASON_CREDENTIAL_EXPIRED);
}

TEST_F(KeyExchangeTest, ExpiredDisabledAndMalformedKeysGetTheSameAnswer) {
  const std::string account = server().MakeServiceAccount();
  server().Grant(account, {"posts:*"});
  const auto expired = server().IssueKey(account, {"posts:*"});
  server().ExpireKey(expired.api_key().id());
  const std::string disabled = server().MakeServiceAccount();
  server().Grant(disabled, {"posts:*"});
  const auto of_disabled = server().IssueKey(disabled, {"posts:*"});
  server().Disable(disabled);
  std::string flipped = server().IssueKey(account, {"posts:*"}).secret();
  flipped[40] = flipped[40] == 'a' ? 'b' : 'a';
  const grpc::Status malformed = Authenticate(KeyLogin("")).status;
  EXPECT_THAT(malformed, FailsWith(ErrorReason::kInvalidCredentials));
  for (const std::string& key : {expired.secret(), of_disabled.secret(), flipped, std::string("idk_")}) {
    const grpc::Status status = Authenticate(KeyLogin(key)).status;
    EXPECT_EQ(status.error_message(), malformed.error_message());
    EXPECT_EQ(DetailsWithoutId(status), DetailsWithoutId(malformed));
  }
  const TestUser user = server().MakeUser();
  const v1::TokenSet tokens = server().Login(user);
  for (const std::string& other : {tokens.access_token(), tokens.refresh_token()}) {
    EXPECT_THAT(Authenticate(KeyLogin(other)), FailsWith(ErrorReason::kInvalidCredentials));
  }
}

}  // namespace
}  // namespace identity
