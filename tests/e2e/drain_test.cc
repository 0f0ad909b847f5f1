#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <future>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/net/socket.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

class DrainTest : public testing::Test {
 protected:
  // Later calls wait in the database until the returned connection ends.
  std::unique_ptr<Connection> HoldChanges() {
    Connection::Options options;
    options.url = deployment_.database().owner_url();
    auto connection = Must(Connection::Open(options));
    Must(connection->Run("BEGIN; SELECT value FROM revision FOR UPDATE"));
    return connection;
  }
  bool ACallIsHeld() { return deployment_.Count("SELECT count(*) AS n FROM pg_locks WHERE NOT granted") > 0; }
  v1::CreateRoleRequest NewRole() {
    v1::CreateRoleRequest request;
    request.mutable_role()->set_name("made_while_draining");
    return request;
  }

  Deployment deployment_;
};

TEST_F(DrainTest, ARunningCallFinishesAndNewCallsGoElsewhere) {
  std::unique_ptr<Connection> hold = HoldChanges();
  auto held = std::async(std::launch::async, [&] {
    return deployment_.client(0).Call(&AdminRpc::CreateRole, NewRole(), deployment_.AsAdmin()).status();
  });
  WaitUntil([&] { return ACallIsHeld(); });
  deployment_.replica(0).process().Signal(SIGTERM);
  WaitUntil([&] { return HealthOf({deployment_.replica(0).address()}, "") != "SERVING"; });
  EXPECT_EQ(HealthOf({deployment_.replica(1).address()}, ""), "SERVING");
  hold.reset();
  const absl::Status finished = held.get();
  EXPECT_TRUE(finished.ok()) << finished;
  EXPECT_EQ(deployment_.replica(0).process().Wait(), 0);
  EXPECT_EQ(deployment_.Count("SELECT count(*) AS n FROM roles WHERE name = 'made_while_draining'"), 1);
}

TEST_F(DrainTest, ADrainedReplicaServesAgainAfterARestart) {
  EXPECT_EQ(deployment_.replica(0).Stop(), 0);
  deployment_.replica(0).Restart();
  EXPECT_EQ(HealthOf({deployment_.replica(0).address()}, "identity.v1.IdentityService"), "SERVING");
}

// A request over HTTP whose end never comes.
class HalfRequest {
 public:
  explicit HalfRequest(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    constexpr absl::string_view kHalf =
        "POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    constexpr absl::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(send(socket_.descriptor(), kHalf.data(), kHalf.size(), MSG_NOSIGNAL), kHalf.size());
    // Only then has the server read the half: until then it may close the connection as an idle one.
    std::string answer(kGoOn.size(), ' ');
    EXPECT_EQ(recv(socket_.descriptor(), answer.data(), answer.size(), MSG_WAITALL), kGoOn.size());
    EXPECT_EQ(answer, kGoOn);
  }
  // The server has neither answered nor closed the connection.
  bool IsOpen() {
    char byte = 0;
    return recv(socket_.descriptor(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
  }

 private:
  Socket socket_;
};

// The server gives such a request 10 seconds.
TEST(DrainWithHttpTest, AHalfRequestDelaysNoOtherListener) {
  const int port = FreePort();
  Deployment::Options options;
  options.replicas = 1;
  options.flags = {absl::StrCat("--http-address=127.0.0.1:", port)};
  Deployment deployment(options);
  HalfRequest request(port);
  deployment.replica(0).process().Signal(SIGTERM);
  WaitUntil([&] { return HealthOf({deployment.replica(0).address()}, "identity.v1.IdentityService") != "SERVING"; });
  EXPECT_TRUE(request.IsOpen());
  EXPECT_EQ(deployment.replica(0).process().Wait(), 0);
}

class KillTest : public testing::Test {
 protected:
  std::string NewAccessToken(const std::string& key) {
    v1::AuthenticateRequest exchange;
    exchange.mutable_api_key()->set_key(key);
    return Must(deployment_.client(1).Call(&IdentityRpc::Authenticate, exchange)).tokens().access_token();
  }
  // The tokens whose revocation any replica has acknowledged.
  v1::Reason ReasonAt(int replica, const std::string& token, const std::string& principal_id) {
    v1::CheckPermissionRequest request = ForToken(token);
    request.mutable_consistency()->set_fully_consistent(true);
    return Check(deployment_, replica, request, principal_id).reason();
  }

  Deployment deployment_;
};

TEST_F(KillTest, NoAcknowledgedRevocationIsLost) {
  constexpr int kTokens = 100;
  constexpr int kKillAfter = 30;
  const Person ada = deployment_.NewUser("ada");
  const v1::TokenSet login = deployment_.LogIn(ada);
  const std::string key = deployment_.NewApiKey(login, ada.password).secret();
  std::vector<std::string> tokens;
  for (int i = 0; i < kTokens; ++i) tokens.push_back(NewAccessToken(key));

  std::atomic<int> acknowledged = 0;
  const auto results = InParallel(kTokens, [&](int i) {
    v1::RevokeRequest request;
    request.set_access_token(tokens[static_cast<size_t>(i)]);
    const absl::Status status = deployment_.client(0).Call(&IdentityRpc::Revoke, request).status();
    if (status.ok() && ++acknowledged == kKillAfter) deployment_.replica(0).process().Signal(SIGKILL);
    return status;
  });
  EXPECT_EQ(deployment_.replica(0).process().Wait(), -SIGKILL);
  ASSERT_GE(acknowledged, kKillAfter);
  deployment_.replica(0).Restart();
  for (size_t i = 0; i < results.size(); ++i) {
    if (!results[i].ok()) continue;
    for (const int replica : {0, 1}) {
      EXPECT_EQ(ReasonAt(replica, tokens[i], login.principal_id()), v1::REASON_CREDENTIAL_REVOKED);
    }
  }
}

}  // namespace
}  // namespace identity
