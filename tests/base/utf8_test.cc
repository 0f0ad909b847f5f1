#include "server/base/encoding/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace identity {
namespace {

TEST(Utf8Test, ConsumeRemovesTheCodePoint) {
  const std::string text = "a\xc3\xa9\xe6\x97\xa5\xf0\x9f\x90\x99";
  absl::string_view rest = text;
  for (const uint32_t code_point : {0x61u, 0xe9u, 0x65e5u, 0x1f419u}) EXPECT_EQ(ConsumeCodePoint(rest), code_point);
  EXPECT_TRUE(rest.empty());
}

TEST(Utf8Test, MalformedTextIsUnchanged) {
  for (const char* text : {"\x80", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                           "\xf8\x88\x80\x80\x80", "\xff"}) {
    absl::string_view rest = text;
    EXPECT_FALSE(ConsumeCodePoint(rest)) << testing::PrintToString(text);
    EXPECT_EQ(rest, absl::string_view(text));
  }
}

TEST(Utf8Test, CharactersAreCodePointsOrBytesWhenMalformed) {
  EXPECT_EQ(CharacterCount(""), 0u);
  EXPECT_EQ(CharacterCount(absl::string_view("a\0b", 3)), 3u);
  EXPECT_EQ(CharacterCount("\xe6\x97\xa5\xe6\x9c\xac"), 2u);
  EXPECT_EQ(CharacterCount("\xe6\x97\xa5\xe6\x9c"), 5u);
}

}  // namespace
}  // namespace identity
