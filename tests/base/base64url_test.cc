#include "server/base/encoding/base64url.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace identity {
namespace {

// RFC 4648, section 10.
const std::pair<std::string, std::string> kVectors[] = {
    {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};

TEST(Base64UrlTest, ReadsAndWritesTheVectorsOfItsSpecification) {
  for (const auto& [bytes, text] : kVectors) {
    std::string decoded;
    EXPECT_EQ(Base64UrlEncode(bytes), text);
    EXPECT_TRUE(Base64UrlDecode(text, &decoded)) << text;
    EXPECT_EQ(decoded, bytes);
    EXPECT_TRUE(Base64Decode(text, Base64Padding::kNone, &decoded)) << text;
    EXPECT_EQ(decoded, bytes);
    const std::string padded = text + std::string((4 - text.size() % 4) % 4, '=');
    EXPECT_TRUE(Base64Decode(padded, Base64Padding::kRequired, &decoded)) << padded;
    EXPECT_EQ(decoded, bytes);
    if (padded == text) continue;
    EXPECT_FALSE(Base64Decode(text, Base64Padding::kRequired, &decoded)) << text;
    EXPECT_FALSE(Base64Decode(padded, Base64Padding::kNone, &decoded)) << padded;
    EXPECT_FALSE(Base64UrlDecode(padded, &decoded)) << padded;
  }
  EXPECT_EQ(Base64UrlEncode("\xfb\xff"), "-_8");
}

TEST(Base64UrlTest, EveryTextHasOneForm) {
  for (const std::string& text :
       {std::string("Zm9v "), std::string(" Zm9v"), std::string("Zm\n9v"), std::string("Zm9vYh"), std::string("Zn"),
        std::string("Z"), std::string("Zm9vY"), std::string("Zg."), std::string("Zg.."), std::string("Zg=="),
        std::string("Zm9\0", 4), std::string("\0", 1), std::string("Zm9\xdf"), std::string("+/8"),
        std::string("Zm9v\t"), std::string("Zg%3D")}) {
    std::string decoded = "before";
    EXPECT_FALSE(Base64UrlDecode(text, &decoded)) << text;
    EXPECT_EQ(decoded, "") << text;
  }
  std::string decoded;
  EXPECT_FALSE(Base64Decode("-_8=", Base64Padding::kRequired, &decoded)) << "the other alphabet";
  EXPECT_TRUE(Base64Decode("+/8=", Base64Padding::kRequired, &decoded));
}

}  // namespace
}  // namespace identity
