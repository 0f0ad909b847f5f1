#include <gmock/gmock.h>

#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "identity/errors.h"
#include "identity/session.h"
#include "tests/support/deployment.h"
#include "tests/support/scrape.h"

namespace identity {
namespace {

v1::CheckPermissionRequest AboutItself() {
  v1::CheckPermissionRequest request;
  request.set_self(true);
  request.set_permission("identity:roles:read");
  return request;
}

class ClientTest : public testing::Test {
 protected:
  ClientTest() : deployment_({1, {}}) {}

  std::unique_ptr<Client> NewClient(const std::string& address, const std::string& credential) {
    ClientOptions options;
    options.address = address;
    options.plaintext = true;
    options.deadline = absl::Seconds(30);
    if (!credential.empty()) options.credential = FixedToken(credential);
    return Must(Client::Create(std::move(options)));
  }
  Deployment deployment_;
};

TEST_F(ClientTest, SendsItsCredentialUnlessACallHasItsOwn) {
  const v1::TokenSet admin = deployment_.LogIn(deployment_.admin());
  const v1::TokenSet ada = deployment_.LogIn(deployment_.NewUser("ada"));
  const auto client =
      NewClient(deployment_.replica(0).address(), deployment_.NewApiKey(admin, deployment_.admin().password).secret());
  EXPECT_EQ(Must(client->Call(&IdentityRpc::CheckPermission, AboutItself())).principal().id(), admin.principal_id());
  EXPECT_EQ(Must(client->Call(&IdentityRpc::CheckPermission, AboutItself(), {ada.access_token(), absl::nullopt}))
                .principal()
                .id(),
            ada.principal_id());
}

TEST_F(ClientTest, ErrorsHaveTheReasonOfTheService) {
  const absl::Status status = deployment_.client(0).Call(&IdentityRpc::CheckPermission, AboutItself()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(ErrorReasonOf(status), "CALLER_UNKNOWN");
}

TEST_F(ClientTest, StopsAtTheDeadlineOfTheCall) {
  Connection::Options options;
  options.url = deployment_.database().owner_url();
  const auto hold = Must(Connection::Open(options));
  Must(hold->Run("BEGIN; SELECT value FROM revision FOR UPDATE"));
  v1::CreateRoleRequest request;
  request.mutable_role()->set_name("held_up");
  const absl::Status status =
      deployment_.client(0)
          .Call(&AdminRpc::CreateRole, request, {deployment_.AsAdmin().credential, absl::Milliseconds(200)})
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ClientTest, WithoutAListenerTheServiceIsUnavailable) {
  const auto client = NewClient(absl::StrCat("127.0.0.1:", FreePort()), "");
  EXPECT_EQ(client->Call(&IdentityRpc::CheckPermission, AboutItself()).status().code(), absl::StatusCode::kUnavailable);
}

// A backend that passes on the credential of a request that had none must not act as itself.
TEST_F(ClientTest, AnEmptyCredentialOfACallIsNotTheClients) {
  const auto client = NewClient(deployment_.replica(0).address(), std::string(*deployment_.AsAdmin().credential));
  v1::ListRolesRequest request;
  EXPECT_TRUE(client->Call(&AdminRpc::ListRoles, request).ok());
  EXPECT_EQ(client->Call(&AdminRpc::ListRoles, request, {"", absl::nullopt}).status().code(),
            absl::StatusCode::kUnauthenticated);
}

class BalancingTest : public testing::Test {
 protected:
  BalancingTest() : deployment_(TwoReplicas()) {
    ClientOptions options;
    options.address = absl::StrCat(deployment_.replica(0).address(), ",", deployment_.replica(1).address());
    options.plaintext = true;
    options.watch_health = true;
    options.deadline = absl::Seconds(30);
    options.credential = FixedToken(std::string(*deployment_.AsAdmin().credential));
    client_ = Must(Client::Create(std::move(options)));
    WaitUntil([&] { return Call() && Answered(0) > 0 && Answered(1) > 0; });  // both are connected
  }
  // The last one works without the database only for a second.
  static Deployment::Options TwoReplicas() {
    Deployment::Options options;
    options.flags_of_last = {"--max-staleness=1s", "--feed-interval=500ms"};
    options.admin_ports = true;
    options.drain_delay = "10m";
    return options;
  }
  bool Call() { return client_->Call(&IdentityRpc::CheckPermission, AboutItself()).ok(); }
  void AwaitReadyz(int replica, const std::string& body) const {
    WaitUntil([&] { return Fetch(deployment_.admin_port(replica), "/readyz").body == body; });
  }
  // The number of calls that the replica has answered.
  double Answered(int replica) {
    return Parse(Fetch(deployment_.admin_port(replica), "/metrics")
                     .body)["identity_rpc_total{method=\"identity.v1.IdentityService/CheckPermission\",code=\"OK\"}"];
  }

  static constexpr int kCalls = 100;
  Deployment deployment_;
  std::unique_ptr<Client> client_;
};

TEST_F(BalancingTest, CallsTakeTurnsOverTheReplicas) {
  const double before = Answered(0);
  for (int i = 0; i < kCalls; ++i) EXPECT_TRUE(Call());
  EXPECT_NEAR(Answered(0) - before, kCalls / 2, 1);
}

TEST_F(BalancingTest, CallsAvoidAReplicaThatIsNotReady) {
  TestCluster::Get().Kill();
  const absl::Cleanup start = [] { TestCluster::Get().Start(); };
  AwaitReadyz(1, "no_recent_facts\n");
  WaitUntil([&] {
    const double before = Answered(0);
    for (int i = 0; i < kCalls; ++i) EXPECT_TRUE(Call());
    return Answered(0) - before == kCalls;
  });
}

// It answers for the whole delay, in which clients learn of the replica in its place.
TEST_F(BalancingTest, CallsDoNotAvoidAReplicaThatDrains) {
  deployment_.replica(1).process().Signal(SIGTERM);
  AwaitReadyz(1, "draining\n");
  const double before = Answered(1);
  for (int i = 0; i < kCalls; ++i) EXPECT_TRUE(Call());
  EXPECT_NEAR(Answered(1) - before, kCalls / 2, 1);
}

TEST(ClientOptionsTest, ACertificateNeedsItsKey) {
  ClientOptions options;
  options.address = "127.0.0.1:1";
  options.tls_certificate_file = "/nowhere/certificate.pem";
  EXPECT_EQ(Client::Create(std::move(options)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ClientOptionsTest, AnAddressAndReadableRootsAreRequired) {
  EXPECT_EQ(Client::Create(ClientOptions()).status().code(), absl::StatusCode::kInvalidArgument);
  ClientOptions options;
  options.address = "127.0.0.1:1";
  options.tls_root_file = "/nowhere/roots.pem";
  EXPECT_EQ(Client::Create(std::move(options)).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ClientTest, ASessionOutlivesItsAccessTokenButNotItsRevocation) {
  const v1::TokenSet login = deployment_.LogIn(deployment_.NewUser("ada"));
  const Client& client = deployment_.client(0);
  absl::Time now = absl::Now();
  Session session(client, login, [&now] { return now; });
  EXPECT_EQ(Must(session.AccessToken()).Reveal(), login.access_token());

  now += absl::Minutes(14) + absl::Seconds(30);
  const std::string fresh(Must(session.AccessToken()).Reveal());
  EXPECT_NE(fresh, login.access_token());
  EXPECT_EQ(Check(deployment_, 0, ForToken(fresh), login.principal_id()).reason(), v1::REASON_GRANTED);

  v1::RevokeRequest revoke;
  revoke.set_session_id(session.id());
  Must(client.Call(&IdentityRpc::Revoke, revoke, {fresh, absl::nullopt}));
  now += absl::Minutes(15);
  EXPECT_EQ(ErrorReasonOf(session.AccessToken().status()), "REFRESH_TOKEN_INVALID");
}

}  // namespace
}  // namespace identity
