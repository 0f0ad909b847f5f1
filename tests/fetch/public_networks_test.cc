#include "server/fetch/public_networks.h"

#include <gtest/gtest.h>

namespace identity {
namespace {

TEST(PublicNetworksTest, AddressesOfTheInternetArePublic) {
  for (const char* address :
       {"8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "2a00:1450:4001::200e", "2606:4700::1111", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(IsPublicAddress(address)) << address;
  }
}

// What only this machine, its network or its cloud can reach.
TEST(PublicNetworksTest, AddressesWithAnotherPurposeAreNot) {
  for (const char* address : {"0.0.0.0",
                              "10.0.0.1",
                              "100.64.0.1",
                              "127.0.0.1",
                              "127.255.255.254",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.0.2.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::127.0.0.1",
                              "64:ff9b::7f00:1",
                              "fc00::1",
                              "fd00:ec2::254",
                              "fe80::1",
                              "ff02::1",
                              "2001::1",
                              "2001:db8::1",
                              "2002:7f00:1::",
                              "3fff::1",
                              "4000::1"}) {
    EXPECT_FALSE(IsPublicAddress(address)) << address;
  }
}

TEST(PublicNetworksTest, OtherTextIsNoAddress) {
  for (const char* text : {"", "localhost", "8.8.8.8:443", "[2a00::1]", "fe80::1%eth0"}) {
    EXPECT_FALSE(IsPublicAddress(text)) << text;
  }
}

}  // namespace
}  // namespace identity
