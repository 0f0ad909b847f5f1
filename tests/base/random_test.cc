#include "server/base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace identity {
namespace {

TEST(RandomBytesTest, ReturnsTheRequestedNumber) {
  EXPECT_EQ(RandomBytes(0).size(), 0u);
  EXPECT_EQ(RandomBytes(33).size(), 33u);
}

TEST(RandomBytesTest, NeverReturnsTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(RandomBytes(16)).second);
}

}  // namespace
}  // namespace identity
