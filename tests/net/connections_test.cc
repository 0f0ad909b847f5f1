#include "server/net/connections.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "server/net/socket.h"

namespace identity {
namespace {

using testing::Eq;
using testing::Optional;

constexpr char kAda[] = "192.0.2.1";
constexpr char kGrace[] = "192.0.2.2";

Socket NewSocket() { return Socket(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

class ConnectionsTest : public testing::Test {
 protected:
  // Returns the refusal of a new socket, which stays open.
  absl::optional<Connections::Refusal> Admit(Connections& connections, const std::string& address) {
    sockets_.push_back(NewSocket());
    return connections.Admit(sockets_.back().descriptor(), address);
  }

  std::vector<Socket> sockets_;
};

TEST_F(ConnectionsTest, OneAddressGetsItsShare) {
  Connections connections({.total = 100, .per_address = 2});
  EXPECT_EQ(Admit(connections, kAda), absl::nullopt);
  EXPECT_EQ(Admit(connections, kAda), absl::nullopt);
  EXPECT_THAT(Admit(connections, kAda), Optional(Eq(Connections::Refusal::kAddress)));
  EXPECT_EQ(Admit(connections, kGrace), absl::nullopt);
  EXPECT_EQ(connections.open(), 3u);
}

TEST_F(ConnectionsTest, AllAddressesShareTheTotal) {
  Connections connections({.total = 2, .per_address = 0});
  EXPECT_EQ(Admit(connections, kAda), absl::nullopt);
  EXPECT_EQ(Admit(connections, kGrace), absl::nullopt);
  EXPECT_THAT(Admit(connections, kGrace), Optional(Eq(Connections::Refusal::kTotal)));
}

TEST_F(ConnectionsTest, OneAddressGetsAtMostHalfOfTheTotal) {
  Connections connections({.total = 4, .per_address = 200});
  EXPECT_EQ(Admit(connections, kAda), absl::nullopt);
  EXPECT_EQ(Admit(connections, kAda), absl::nullopt);
  EXPECT_THAT(Admit(connections, kAda), Optional(Eq(Connections::Refusal::kAddress)));
}

TEST_F(ConnectionsTest, UnixSocketsShareOnlyTheTotal) {
  Connections connections({.total = 4, .per_address = 1});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Admit(connections, ""), absl::nullopt);
  EXPECT_THAT(Admit(connections, ""), Optional(Eq(Connections::Refusal::kTotal)));
}

TEST_F(ConnectionsTest, ZeroIsNoLimit) {
  Connections connections({.total = 0, .per_address = 0});
  for (int i = 0; i < 300; ++i) EXPECT_EQ(Admit(connections, kAda), absl::nullopt);
}

TEST_F(ConnectionsTest, AClosedConnectionMakesRoom) {
  Connections connections({.total = 100, .per_address = 2});
  Admit(connections, kAda);
  Admit(connections, kAda);
  sockets_.erase(sockets_.begin());
  const Socket other = NewSocket();  // takes the number of the closed one
  EXPECT_EQ(Admit(connections, kAda), absl::nullopt);
  EXPECT_EQ(connections.open(), 2u);
}

TEST_F(ConnectionsTest, ADescriptorOfAnotherFileIsNoConnection) {
  Connections connections({.total = 100, .per_address = 1});
  const Socket first = NewSocket();
  connections.Admit(first.descriptor(), kAda);
  const Socket other = NewSocket();
  dup2(other.descriptor(), first.descriptor());
  EXPECT_EQ(connections.open(), 0u);
  EXPECT_EQ(Admit(connections, kAda), absl::nullopt);
}

TEST_F(ConnectionsTest, ANewConnectionReplacesTheOneWithItsNumber) {
  Connections connections({.total = 1, .per_address = 0});
  for (int i = 0; i < 3; ++i) {
    const Socket next = NewSocket();
    EXPECT_EQ(connections.Admit(next.descriptor(), kAda), absl::nullopt);
    EXPECT_EQ(connections.open(), 1u);
  }
}

}  // namespace
}  // namespace identity
