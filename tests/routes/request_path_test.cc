#include "server/routes/request_path.h"

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/routes/cases.h"

namespace identity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Outcome(absl::string_view target) {
  const auto parsed = RequestPath::Parse(target);
  if (const auto* denial = std::get_if<RouteDenial>(&parsed)) return std::string(NameOf(*denial));
  return std::get<RequestPath>(parsed).text();
}

TEST(RequestPathTest, Cases) {
  for (const YamlNode& node : Cases("paths.yaml", "paths").nodes) {
    EXPECT_EQ(Outcome(node.nodes[0].text), node.nodes[1].text) << "line " << node.line;
  }
}

TEST(RequestPathTest, ANormalisedPathStaysAsItIs) {
  for (const YamlNode& node : Cases("paths.yaml", "paths").nodes) {
    const std::string normalised = Outcome(node.nodes[0].text);
    EXPECT_TRUE(normalised[0] != '/' || Outcome(normalised) == normalised) << normalised;
  }
}

TEST(RequestPathTest, OnlyPathCharactersAreAcceptedEscapedOrNot) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    constexpr char kHex[] = "0123456789ABCDEF";
    const std::string escaped = absl::StrCat("/x%", std::string(1, kHex[byte / 16]), std::string(1, kHex[byte % 16]));
    const std::string expected = absl::StrCat("/x", std::string(1, c));
    if (IsPathCharacter(c)) {
      EXPECT_EQ(Outcome(escaped), expected);
      EXPECT_EQ(Outcome(expected), expected);
    } else {
      EXPECT_EQ(Outcome(escaped), "path_escape") << byte;
      const bool has_a_meaning = c == '/' || c == '?';
      EXPECT_TRUE(has_a_meaning || absl::StartsWith(Outcome(expected), "path_")) << byte;
    }
  }
}

TEST(RequestPathTest, OverlongBytesOfUtf8AreRefused) {
  for (const absl::string_view text : {"/\xC0\xAF", "/\xE0\x80\xAF", "/\xFF", "/a\x80", "/\xED\xA0\x80"}) {
    EXPECT_EQ(Outcome(text), "path_character");
  }
}

TEST(RequestPathTest, TheLengthIsThatOfThePathWithItsEscapes) {
  const std::string longest = absl::StrCat("/", std::string(RequestPath::kMaxBytes - 1, 'a'));
  EXPECT_EQ(Outcome(longest), longest);
  EXPECT_EQ(Outcome(absl::StrCat(longest, "?", std::string(100'000, 'a'))), longest);
  EXPECT_EQ(Outcome(absl::StrCat(longest, "a")), "path_too_long");
  std::string escapes = "/";
  for (size_t i = 0; i < RequestPath::kMaxBytes / 3 + 1; ++i) escapes += "%41";
  EXPECT_EQ(Outcome(escapes), "path_too_long");
  EXPECT_EQ(Outcome(std::string(10 << 20, '/')), "path_too_long");
  EXPECT_EQ(Outcome(std::string(10 << 20, '%')), "path_too_long");
}

TEST(RequestPathTest, HasItsSegments) {
  const auto segments = [](absl::string_view target) {
    const RequestPath path = std::get<RequestPath>(RequestPath::Parse(target));
    std::vector<std::string> texts;
    for (const absl::string_view segment : path.Segments()) texts.emplace_back(segment);
    return texts;
  };
  EXPECT_THAT(segments("/"), IsEmpty());
  EXPECT_THAT(segments("/a"), ElementsAre("a"));
  EXPECT_THAT(segments("/a/%62/"), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace identity
