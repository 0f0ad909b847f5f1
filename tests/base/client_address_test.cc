#include "server/base/client_address.h"

#include <gtest/gtest.h>

#include <string>

namespace identity {
namespace {

constexpr absl::string_view kNoAddresses[] = {
    "",
    "a",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "0x1.2.3.4",
    "1.2.3.4:80",
    " 1.2.3.4",
    "1.2.3.4 ",
    "1.2.3.4/32",
    absl::string_view("1.2.3.4\0", 8),
    absl::string_view("::1\0.example", 12),
    "[::1]",
    "::1%eth0",
    "::/64",
    ":::",
    "1::2::3",
    "2001:db8::12345",
    "1:2:3:4:5:6:7:8:9",
    "localhost",
    "0000:0000:0000:0000:0000:ffff:255.255.255.2555",
};

TEST(IsIpAddressTest, AcceptsAddressesOfBothFamilies) {
  for (const char* text : {"0.0.0.0", "255.255.255.255", "::", "::1", "2001:DB8::1", "1:2:3:4:5:6:7:8",
                           "::ffff:192.0.2.1", "0000:0000:0000:0000:0000:ffff:255.255.255.255"}) {
    EXPECT_TRUE(IsIpAddress(text)) << text;
  }
}

TEST(IsIpAddressTest, RefusesEverythingElse) {
  for (const absl::string_view text : kNoAddresses) EXPECT_FALSE(IsIpAddress(text)) << text;
  EXPECT_FALSE(IsIpAddress(std::string(1 << 20, '1')));
}

TEST(IsLoopbackTest, AcceptsTheNamesOfThisMachine) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"", "128.0.0.1", "126.0.0.1", "0.0.0.0", "::", "::2", "::ffff:127.0.0.1", "[::1]",
                           "127.0.0.1:80", "127.1", "localhost.", "localhost.example.com", "127.0.0.1.example.com"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

TEST(AddressKeyTest, AnIpv4AddressIsItsOwnKey) {
  EXPECT_EQ(AddressKey("192.0.2.1"), "192.0.2.1");
  EXPECT_NE(AddressKey("192.0.2.1"), AddressKey("192.0.2.2"));
}

TEST(AddressKeyTest, AnIpv6AddressCountsByIts64) {
  EXPECT_EQ(AddressKey("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(AddressKey("2001:db8:1:2:ffff:ffff:ffff:ffff"), "2001:db8:1:2::/64");
  EXPECT_EQ(AddressKey("2001:db8:1:3::"), "2001:db8:1:3::/64");
  EXPECT_EQ(AddressKey("::1"), "::/64");
}

TEST(AddressKeyTest, AllSpellingsOfAnAddressAreOneClient) {
  EXPECT_EQ(AddressKey("2001:0DB8:0:0001::9"), "2001:db8:0:1::/64");
  EXPECT_EQ(AddressKey("2001:db8:0000:1:0:0:192.0.2.1"), "2001:db8:0:1::/64");
}

TEST(AddressKeyTest, AnIpv4MappedAddressCountsAsTheIpv4One) {
  EXPECT_EQ(AddressKey("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(AddressKey("::FFFF:c000:201"), "192.0.2.1");
  EXPECT_EQ(AddressKey("::fffe:192.0.2.1"), "::/64");
}

TEST(AddressKeyTest, EverythingElseCountsAsOneClient) {
  for (const absl::string_view text : kNoAddresses) EXPECT_EQ(AddressKey(text), "") << text;
}

}  // namespace
}  // namespace identity
