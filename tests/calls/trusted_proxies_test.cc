#include "server/calls/trusted_proxies.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace identity {
namespace {

TrustedProxies Trusting(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& network : networks) EXPECT_TRUE(proxies.Add(network)) << network;
  return proxies;
}

TEST(TrustedProxiesTest, RefusesWhatIsNoNetwork) {
  for (const char* text :
       {"", "/", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8/8",
        "10.0.0.1/8", "fd00::/129", "fd00::1/8", "10.0.0/8", "proxy.example", "10.0.0.1:80", "[::1]", "*"}) {
    EXPECT_FALSE(TrustedProxies().Add(text)) << text;
  }
}

TEST(TrustedProxiesTest, WithoutAnyTheClientIsThePeer) {
  EXPECT_EQ(TrustedProxies().ClientOf("10.0.0.1", {"192.0.2.1"}), "10.0.0.1");
  EXPECT_EQ(TrustedProxies().ClientOf("", {"192.0.2.1"}), "");
}

TEST(TrustedProxiesTest, OnlyTheNetworkIsTrusted) {
  const TrustedProxies proxies = Trusting({"10.1.0.0/16", "192.0.2.7", "fd00:10::/28", "2001:db8::7"});
  for (const char* peer : {"10.1.0.0", "10.1.255.255", "192.0.2.7", "::ffff:10.1.2.3", "fd00:10::", "fd00:1f:ffff::1",
                           "2001:db8:0:0::7"}) {
    EXPECT_EQ(proxies.ClientOf(peer, {"203.0.113.9"}), "203.0.113.9") << peer;
  }
  for (const char* peer : {"10.0.255.255", "10.2.0.0", "192.0.2.6", "192.0.2.8", "::10.1.2.3",
                           "fd00:20::", "fd00:f::", "2001:db8::8", "2001:db8::", ""}) {
    EXPECT_EQ(proxies.ClientOf(peer, {"203.0.113.9"}), peer);
  }
}

TEST(TrustedProxiesTest, TheEmptyPrefixIsEveryAddressOfItsFamily) {
  EXPECT_EQ(Trusting({"0.0.0.0/0"}).ClientOf("10.0.0.1", {"192.0.2.1"}), "192.0.2.1");
  EXPECT_EQ(Trusting({"0.0.0.0/0"}).ClientOf("2001:db8::1", {"192.0.2.1"}), "2001:db8::1");
  EXPECT_EQ(Trusting({"::/0"}).ClientOf("2001:db8::1", {"2001:db8::2"}), "2001:db8::2");
  EXPECT_EQ(Trusting({"::/0"}).ClientOf("10.0.0.1", {"192.0.2.1"}), "10.0.0.1");
  EXPECT_EQ(Trusting({"::/0"}).ClientOf("::ffff:10.0.0.1", {"192.0.2.1"}), "::ffff:10.0.0.1");
  EXPECT_EQ(Trusting({"::ffff:10.0.0.0/104"}).ClientOf("10.0.0.1", {"192.0.2.1"}), "192.0.2.1");
}

TEST(TrustedProxiesTest, WhatAClientWroteDoesNotCount) {
  const TrustedProxies proxies = Trusting({"10.0.0.0/8"});
  EXPECT_EQ(proxies.ClientOf("10.0.0.1", {"192.0.2.66, 10.0.0.9, 203.0.113.1"}), "203.0.113.1");
  EXPECT_EQ(proxies.ClientOf("10.0.0.1", {"192.0.2.66", "203.0.113.1"}), "203.0.113.1");
  EXPECT_EQ(proxies.ClientOf("203.0.113.1", {"10.0.0.1"}), "203.0.113.1");
}

TEST(TrustedProxiesTest, SeveralProxiesAreFollowed) {
  const TrustedProxies proxies = Trusting({"10.0.0.0/8", "fd00::/8"});
  EXPECT_EQ(proxies.ClientOf("10.0.0.1", {"192.0.2.66, 203.0.113.1,10.0.0.3", "  fd00::2\t"}), "203.0.113.1");
  EXPECT_EQ(proxies.ClientOf("10.0.0.1", {"10.0.0.5, 10.0.0.3"}), "10.0.0.5") << "the first proxy is the client itself";
}

TEST(TrustedProxiesTest, AnAddressHasOneTextWhateverTheProxyWrote) {
  const TrustedProxies proxies = Trusting({"10.0.0.0/8"});
  EXPECT_EQ(proxies.ClientOf("10.0.0.1", {"::ffff:203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(proxies.ClientOf("10.0.0.1", {"2001:DB8:0::1"}), "2001:db8::1");
}

TEST(TrustedProxiesTest, ADamagedValueNamesTheProxyThatSentIt) {
  const TrustedProxies proxies = Trusting({"10.0.0.0/8"});
  for (const char* value : {"", ",", "unknown", "192.0.2.1,", "192.0.2.1:80", "[2001:db8::1]", "192.0.2.1, _hidden"}) {
    EXPECT_EQ(proxies.ClientOf("10.0.0.1", {value}), "10.0.0.1") << value;
    EXPECT_EQ(proxies.ClientOf("10.0.0.1", {absl::StrCat(value, ",10.0.0.2")}), "10.0.0.2") << value;
  }
  EXPECT_EQ(proxies.ClientOf("10.0.0.1", {}), "10.0.0.1");
}

}  // namespace
}  // namespace identity
