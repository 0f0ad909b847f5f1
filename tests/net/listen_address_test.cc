#include "server/net/listen_address.h"

#include <gtest/gtest.h>

namespace identity {
namespace {

TEST(ListenAddressTest, HasAHostAndAPort) {
  const auto address = ListenAddress::Parse("identity.example.com:50051");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->host, "identity.example.com");
  EXPECT_EQ(address->port, 50051);
  EXPECT_FALSE(address->IsLoopback());
  for (const char* text : {"identity.example.com:50051", "[2001:db8::1]:0", "unix:/run/identity.socket"}) {
    EXPECT_EQ(ListenAddress::Parse(text)->ToString(), text);
  }
}

TEST(ListenAddressTest, AnIpv6AddressIsInBrackets) {
  const auto address = ListenAddress::Parse("[2001:db8::1]:0");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->host, "2001:db8::1");
  EXPECT_EQ(address->port, 0);
  EXPECT_TRUE(ListenAddress::Parse("[fe80::1%eth0]:65535").has_value());
}

TEST(ListenAddressTest, OnlyThisMachineReachesLoopbackAndUnixSockets) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1", "unix:/run/identity.socket"}) {
    const auto address = ListenAddress::Parse(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_TRUE(address->IsLoopback()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "[::ffff:127.0.0.1]:1", "127.0.0.1.example.com:1", "128.0.0.1:1"}) {
    const auto address = ListenAddress::Parse(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_FALSE(address->IsLoopback()) << text;
  }
}

TEST(ListenAddressTest, OtherTextIsRefused) {
  for (const char* text : {"",
                           ":",
                           "127.0.0.1",
                           "localhost",
                           "50051",
                           ":50051",
                           "127.0.0.1:",
                           "localhost:99999",
                           "localhost:65536",
                           "localhost:-1",
                           "localhost:+1",
                           "localhost: 1",
                           "localhost:http",
                           "::1:50051",
                           "[::1]",
                           "[::1]50051",
                           "[127.0.0.1]:1",
                           "[localhost]:1",
                           "[::1:1",
                           "a b:1",
                           "a,b:1",
                           "http://localhost:1",
                           "unix:"}) {
    EXPECT_FALSE(ListenAddress::Parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace identity
