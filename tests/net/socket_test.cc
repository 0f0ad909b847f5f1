#include "server/net/socket.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

absl::StatusOr<std::vector<Socket>> Listen(const std::string& text) {
  return ListenOn("listen-address", *ListenAddress::Parse(text));
}

bool Connects(const sockaddr* address, socklen_t size) {
  const Socket client(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(client.descriptor(), address, size) == 0;
}

bool ConnectsTo(in_addr_t host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(host);
  return Connects(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

bool ConnectsTo(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return Connects(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

TEST(SocketTest, AnUnknownHostAndALongPathAreRefused) {
  for (const std::string& text : {std::string("name.invalid:50051"), "unix:" + std::string(200, 'a')}) {
    const absl::Status status = Listen(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("listen-address")) << text;
  }
}

TEST(SocketTest, AllAddressesOfANameHaveTheSamePort) {
  const auto sockets = Listen("localhost:0");
  ASSERT_THAT(sockets, IsOk());
  ASSERT_THAT(*sockets, Not(IsEmpty()));
  for (const Socket& socket : *sockets) EXPECT_EQ(PortOf(socket), PortOf(sockets->front()));
  EXPECT_TRUE(ConnectsTo(INADDR_LOOPBACK, PortOf(sockets->front())));
}

TEST(SocketTest, APortInUseIsRefused) {
  const auto first = Listen("127.0.0.1:0");
  ASSERT_THAT(first, IsOk());
  const absl::Status second = Listen(absl::StrCat("127.0.0.1:", PortOf(first->front()))).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.message()), HasSubstr("listen-address: cannot listen on"));
}

TEST(SocketTest, AnAddressOfAnotherMachineIsRefused) {
  EXPECT_EQ(Listen("192.0.2.1:0").status().code(), absl::StatusCode::kUnavailable);
}

TEST(SocketTest, TheAnyAddressOfIpv6AcceptsIpv4) {
  const auto sockets = Listen("[::]:0");
  if (!sockets.ok()) return;  // a machine without IPv6
  EXPECT_TRUE(ConnectsTo(INADDR_LOOPBACK, PortOf(sockets->front())));
}

TEST(SocketTest, ReplacesTheFileOfAServerThatHasEnded) {
  const ScratchDirectory scratch;
  const std::string path = scratch.File("socket");
  ASSERT_THAT(Listen("unix:" + path), IsOk());
  ASSERT_TRUE(std::filesystem::exists(path));
  ASSERT_FALSE(ConnectsTo(path));
  const auto running = Listen("unix:" + path);
  ASSERT_THAT(running, IsOk());
  EXPECT_TRUE(ConnectsTo(path));
  EXPECT_EQ(Listen("unix:" + path).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(ConnectsTo(path));
}

}  // namespace
}  // namespace identity
