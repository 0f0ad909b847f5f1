#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

// The credentials of one user that can be revoked.
struct Credentials {
  Person person;
  v1::TokenSet login;
  v1::IssueApiKeyResponse key;
  std::string token_of_key;  // the access token that the key was exchanged for
};

struct Target {
  const char* name;
  std::function<void(const Credentials&, v1::RevokeRequest&)> set;
  bool ends_login;
  bool ends_key;
};

void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

const Target kTargets[] = {
    {"AccessToken",
     [](const Credentials& c, v1::RevokeRequest& request) { request.set_access_token(c.login.access_token()); }, true,
     false},
    {"RefreshToken",
     [](const Credentials& c, v1::RevokeRequest& request) { request.set_refresh_token(c.login.refresh_token()); }, true,
     false},
    {"ApiKey", [](const Credentials& c, v1::RevokeRequest& request) { request.set_api_key(c.key.secret()); }, false,
     true},
    {"SessionId",
     [](const Credentials& c, v1::RevokeRequest& request) { request.set_session_id(c.login.session_id()); }, true,
     false},
    {"ApiKeyId", [](const Credentials& c, v1::RevokeRequest& request) { request.set_api_key_id(c.key.api_key().id()); },
     false, true},
    {"PrincipalId", [](const Credentials& c, v1::RevokeRequest& request) { request.set_principal_id(c.person.id); },
     true, true},
};

// The tests share one deployment, because each has its own credentials.
class RevocationTest : public testing::TestWithParam<Target> {
 protected:
  static void SetUpTestSuite() { deployment_ = std::make_unique<Deployment>(); }
  static void TearDownTestSuite() { deployment_.reset(); }

  static Credentials NewCredentials() {
    Credentials c;
    c.person = deployment_->NewUser(absl::StrCat("user-", ++users_));
    c.login = deployment_->LogIn(c.person);
    c.key = deployment_->NewApiKey(c.login, c.person.password);
    v1::AuthenticateRequest exchange;
    exchange.mutable_api_key()->set_key(c.key.secret());
    const v1::TokenSet tokens = Must(deployment_->client(0).Call(&IdentityRpc::Authenticate, exchange)).tokens();
    deployment_->KeepSecrets(tokens);
    c.token_of_key = tokens.access_token();
    return c;
  }

  static v1::CheckPermissionResponse AnswerAt(int replica, const Credentials& c, v1::CheckPermissionRequest request,
                                              const v1::Consistency& consistency = {}) {
    *request.mutable_consistency() = consistency;
    return Check(*deployment_, replica, request, c.person.id);
  }
  static void ExpectAt(int replica, const Credentials& c, const v1::CheckPermissionRequest& request, bool ended,
                       const v1::Consistency& consistency) {
    const v1::CheckPermissionResponse answer = AnswerAt(replica, c, request, consistency);
    EXPECT_EQ(answer.decision(), ended ? v1::DECISION_DENIED : v1::DECISION_ALLOWED) << "replica " << replica;
    EXPECT_EQ(answer.reason(), ended ? v1::REASON_CREDENTIAL_REVOKED : v1::REASON_GRANTED) << "replica " << replica;
  }
  static void ExpectAllAt(int replica, const Credentials& c, bool login_ended, bool key_ended,
                          const v1::Consistency& consistency = {}) {
    SCOPED_TRACE(consistency.ShortDebugString());
    ExpectAt(replica, c, ForToken(c.login.access_token()), login_ended, consistency);
    ExpectAt(replica, c, ForKey(c.key.secret()), key_ended, consistency);
    ExpectAt(replica, c, ForToken(c.token_of_key), key_ended, consistency);
  }
  // Revokes the parameter's target at replica 0. Returns the consistency token.
  static std::string Revoke(const Credentials& c) {
    v1::RevokeRequest request;
    GetParam().set(c, request);
    return Must(deployment_->client(0).Call(&IdentityRpc::Revoke, request, deployment_->AsAdmin())).consistency_token();
  }
  static Credentials NewCredentialsThatWork() {
    const Credentials c = NewCredentials();
    for (const int replica : {1, 0}) ExpectAllAt(replica, c, false, false);
    return c;
  }

  static std::unique_ptr<Deployment> deployment_;
  static int users_;
};

std::unique_ptr<Deployment> RevocationTest::deployment_;
int RevocationTest::users_ = 0;

TEST_P(RevocationTest, AppliesImmediatelyWhereItWasMadeAndWithTheTokenEverywhere) {
  const Credentials c = NewCredentialsThatWork();
  v1::Consistency at_least;
  at_least.set_at_least_as_fresh(Revoke(c));
  v1::Consistency full;
  full.set_fully_consistent(true);
  ExpectAllAt(0, c, GetParam().ends_login, GetParam().ends_key);
  for (const int replica : {1, 0}) {
    ExpectAllAt(replica, c, GetParam().ends_login, GetParam().ends_key, at_least);
    ExpectAllAt(replica, c, GetParam().ends_login, GetParam().ends_key, full);
  }
}

TEST_P(RevocationTest, ReachesTheOtherReplicaWithoutTheTokenAndStays) {
  const Credentials c = NewCredentialsThatWork();
  Revoke(c);
  const v1::CheckPermissionRequest ended =
      GetParam().ends_login ? ForToken(c.login.access_token()) : ForKey(c.key.secret());
  WaitUntil([&] { return AnswerAt(1, c, ended).decision() == v1::DECISION_DENIED; });
  for (int i = 0; i < 100; ++i) ExpectAllAt(1, c, GetParam().ends_login, GetParam().ends_key);
}

INSTANTIATE_TEST_SUITE_P(Targets, RevocationTest, testing::ValuesIn(kTargets),
                         [](const auto& target) { return std::string(target.param.name); });

}  // namespace
}  // namespace identity
