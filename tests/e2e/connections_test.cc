#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/net/socket.h"
#include "tests/support/deployment.h"
#include "tests/support/scrape.h"

namespace identity {
namespace {

using testing::Gt;
using testing::HasSubstr;
using testing::Not;

constexpr char kAttacker[] = "127.0.0.2";
// The beginning of an HTTP/2 connection: RFC 9113, section 3.4. The frame of settings is empty.
constexpr char kHello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
constexpr char kGoAway = 7;
// Longer than the limits under test, and shorter than gRPC's: a handshake may take 2 minutes, and a connection lives
// for a minute by default.
constexpr timeval kPatience = {30, 0};

// A connection without gRPC, from an address of this machine.
class RawClient {
 public:
  RawClient(const std::string& server, const std::string& source)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const std::vector<std::string> parts = absl::StrSplit(server, ':');
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(parts[1], &port));
    const sockaddr_in from = Address(source, 0);
    const sockaddr_in to = Address(parts[0], port);
    EXPECT_EQ(bind(socket_.descriptor(), reinterpret_cast<const sockaddr*>(&from), sizeof from), 0);
    EXPECT_EQ(connect(socket_.descriptor(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    EXPECT_EQ(setsockopt(socket_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience), 0);
  }

  void SayHello() {
    EXPECT_EQ(send(socket_.descriptor(), kHello, sizeof kHello - 1, MSG_NOSIGNAL), ssize_t{sizeof kHello - 1});
  }
  // Waits for a byte. Returns false when the server closes the connection instead.
  bool IsServed() {
    char byte = 0;
    return Read(&byte, 1);
  }
  // Waits until the server closes the connection. Returns false when it does not do so within kPatience.
  bool IsClosed() {
    std::array<char, 1024> ignored;
    ssize_t received = 0;
    while ((received = recv(socket_.descriptor(), ignored.data(), ignored.size(), 0)) > 0) {
    }
    return received == 0 || errno == ECONNRESET;
  }
  // Waits for a frame of this type. Returns false when the server closes the connection without one.
  bool Receives(char type) {
    std::array<char, 9> header;  // RFC 9113, section 4.1
    while (Read(header.data(), header.size())) {
      if (header[3] == type) return true;
      std::vector<char> payload(static_cast<unsigned char>(header[1]) * 256u + static_cast<unsigned char>(header[2]));
      if (!Read(payload.data(), payload.size())) return false;
    }
    return false;
  }

 private:
  static sockaddr_in Address(const std::string& host, int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    return address;
  }
  bool Read(char* data, size_t size) {
    return size == 0 || recv(socket_.descriptor(), data, size, MSG_WAITALL) == static_cast<ssize_t>(size);
  }

  Socket socket_;
};

Deployment::Options WithFlags(const std::vector<std::string>& flags) {
  Deployment::Options options;
  options.replicas = 1;
  options.flags = flags;
  options.admin_ports = true;
  return options;
}

TEST(ConnectionLimitTest, OneAddressCannotTakeAllConnections) {
  Deployment deployment(WithFlags({"--max-connections-per-address=2"}));
  const std::string& address = deployment.replica(0).address();
  const auto scrape = [&] { return Parse(Fetch(deployment.admin_port(0), "/metrics").body); };
  {
    std::vector<std::unique_ptr<RawClient>> held;
    for (int i = 0; i < 2; ++i) {
      held.push_back(std::make_unique<RawClient>(address, kAttacker));
      held.back()->SayHello();
      EXPECT_TRUE(held.back()->IsServed());
    }
    EXPECT_FALSE(RawClient(address, kAttacker).IsServed());
    EXPECT_EQ(scrape()["identity_connections_refused_total{limit=\"address\"}"], 1);
    EXPECT_THAT(scrape()["identity_connections{listener=\"grpc\"}"], Gt(2));
    EXPECT_EQ(HealthOf({address}, ""), "SERVING");
  }
  WaitUntil([&] { return RawClient(address, kAttacker).IsServed(); });
  EXPECT_THAT(deployment.Log(0), HasSubstr("\"connections refused\""));
}

TEST(ConnectionLimitTest, ASilentConnectionIsClosed) {
  Deployment deployment(WithFlags({}));
  RawClient silent(deployment.replica(0).address(), kAttacker);
  EXPECT_TRUE(silent.IsClosed());
  EXPECT_EQ(HealthOf({deployment.replica(0).address()}, ""), "SERVING");
}

TEST(ConnectionLimitTest, AnOldConnectionIsClosed) {
  Deployment deployment(WithFlags({"--max-connection-age=1s"}));
  RawClient old(deployment.replica(0).address(), kAttacker);
  old.SayHello();
  EXPECT_TRUE(old.Receives(kGoAway));
}

// Starts programs that no Deployment starts, on its database.
class ListenTest : public testing::Test {
 protected:
  // Serves with these flags until the next call. `prefix`: a program that runs the command behind it.
  void Serve(const std::vector<std::string>& flags, const std::vector<std::string>& prefix = {}) {
    std::vector<std::string> command = prefix;
    command.insert(command.end(), {Identityd(), "serve", "--database-url", deployment_.database().server_url(),
                                   "--master-key-file", deployment_.master_key_file()});
    command.insert(command.end(), flags.begin(), flags.end());
    log_ = scratch_.File(absl::StrCat("log-", ++logs_));
    server_ =
        std::make_unique<Process>(command, std::vector<std::string>(), Process::Files{"/dev/null", "/dev/null", log_});
  }
  static std::string HealthAt(const std::string& address) {
    Probe probe{address};
    probe.wait_for_server = true;
    return HealthOf(probe, "");
  }
  // The client's address in the audit event of a login that fails.
  std::string AddressOfFailedLogin(const std::string& address) {
    v1::AuthenticateRequest request;
    request.mutable_password()->set_login("nobody");
    request.mutable_password()->set_password("a wrong password");
    EXPECT_FALSE(Connect(address)->Call(&IdentityRpc::Authenticate, request).ok());
    return deployment_.database()
        .Execute("SELECT ip_address FROM audit_events WHERE outcome = 'failure' ORDER BY id DESC LIMIT 1")[0]
        .Text("ip_address");
  }
  std::string Log() const { return ReadWhole(log_); }

  Deployment deployment_{WithFlags({})};
  ScratchDirectory scratch_;
  int logs_ = 0;
  std::string log_;
  std::unique_ptr<Process> server_;
};

TEST_F(ListenTest, KnowsTheAddressOfEachClient) {
  const int port = FreePort();
  Serve({"--listen-address", absl::StrCat("[::]:", port), "--allow-plaintext"});
  ASSERT_EQ(HealthAt(absl::StrCat("127.0.0.1:", port)), "SERVING");
  EXPECT_EQ(AddressOfFailedLogin(absl::StrCat("127.0.0.1:", port)), "127.0.0.1");
  EXPECT_EQ(AddressOfFailedLogin(absl::StrCat("[::1]:", port)), "::1");
}

TEST_F(ListenTest, ServesAUnixSocket) {
  const std::string address = "unix:" + scratch_.File("socket");
  Serve({"--listen-address", address});
  ASSERT_EQ(HealthAt(address), "SERVING");
  EXPECT_EQ(AddressOfFailedLogin(address), "");
}

TEST_F(ListenTest, WarnsOfFloodsWhenStrangersCanConnect) {
  const std::vector<std::string> version = absl::StrSplit(grpc::Version(), '.');
  int minor = 0;
  const bool vulnerable = version[0] == "1" && absl::SimpleAtoi(version[1], &minor) && minor < 60;
  const int port = FreePort();
  Serve({"--listen-address", absl::StrCat("0.0.0.0:", port), "--allow-plaintext"});
  ASSERT_EQ(HealthAt(absl::StrCat("127.0.0.1:", port)), "SERVING");
  WaitUntil([&] { return absl::StrContains(Log(), "\"serving\""); });
  constexpr char kWarning[] = "does not withstand floods";
  EXPECT_EQ(absl::StrContains(Log(), kWarning), vulnerable);
  EXPECT_THAT(deployment_.Log(0), Not(HasSubstr(kWarning)));
}

TEST_F(ListenTest, ServesNewClientsAfterManyConnectionsWithFewFiles) {
  const std::string address = absl::StrCat("127.0.0.1:", FreePort());
  Serve({"--listen-address", address}, {"prlimit", "--nofile=200:200", "--"});
  ASSERT_EQ(HealthAt(address), "SERVING");
  std::vector<std::unique_ptr<RawClient>> flood;
  for (int i = 0; i < 300; ++i) flood.push_back(std::make_unique<RawClient>(address, kAttacker));
  EXPECT_EQ(HealthOf({address}, ""), "SERVING");
  flood.clear();
  EXPECT_EQ(HealthOf({address}, ""), "SERVING");
  EXPECT_THAT(Log(), HasSubstr("RLIMIT_NOFILE"));
}

}  // namespace
}  // namespace identity
