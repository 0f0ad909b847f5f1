#include "server/domain/consistency_token.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/base/encoding/base64url.h"

namespace identity {
namespace {

TEST(ConsistencyTokenTest, ParseInvertsToText) {
  for (const int64_t revision : {int64_t{0}, int64_t{1}, std::numeric_limits<int64_t>::max()}) {
    const ConsistencyToken token{{0xfedcba9876543210u, 0x89abcdefu}, revision};
    const auto back = ConsistencyToken::Parse(token.ToText());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->history, token.history);
    EXPECT_EQ(back->revision, revision);
  }
}

TEST(ConsistencyTokenTest, IsBigEndianBase64Url) {
  std::string bytes;
  ASSERT_TRUE(Base64UrlDecode(ConsistencyToken{{0x0102030405060708u, 0x090a0b0cu}, 0x0d}.ToText(), &bytes));
  EXPECT_EQ(bytes, std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\0\0\0\0\0\0\0\x0d", 20));
}

TEST(ConsistencyTokenTest, OnlyCanonicalTextOfTwentyBytesIsAccepted) {
  const std::string text = ConsistencyToken{{1, 1}, 1}.ToText();
  for (size_t size = 0; size < text.size(); ++size) EXPECT_FALSE(ConsistencyToken::Parse(text.substr(0, size)));
  EXPECT_FALSE(ConsistencyToken::Parse(text + "A"));
  EXPECT_FALSE(ConsistencyToken::Parse(text + "="));
  EXPECT_FALSE(ConsistencyToken::Parse(absl::StrCat(" ", text.substr(1))));
  // The last digit has two bits that are not used.
  EXPECT_FALSE(ConsistencyToken::Parse(text.substr(0, text.size() - 1) + "F"));
  EXPECT_FALSE(ConsistencyToken::Parse(std::string(1 << 20, 'A')));
}

TEST(ConsistencyTokenTest, NegativeRevisionIsRefused) {
  EXPECT_FALSE(ConsistencyToken::Parse(ConsistencyToken{{1, 1}, -1}.ToText()));
  EXPECT_FALSE(ConsistencyToken::Parse(ConsistencyToken{{1, 1}, std::numeric_limits<int64_t>::min()}.ToText()));
}

}  // namespace
}  // namespace identity
