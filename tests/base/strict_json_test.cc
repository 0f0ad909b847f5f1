#include "server/base/encoding/strict_json.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/string_view.h"

namespace identity {
namespace {

TEST(StrictJsonTest, ReadsWhatHasOneMeaning) {
  EXPECT_EQ(ParseStrictJson(R"({"a": {"b": [1, "é", null]}, "b": true})")["a"]["b"][1].get<std::string>(), "é");
  EXPECT_TRUE(ParseStrictJson("[]").is_array());
  EXPECT_EQ(ParseStrictJson("7").get<int>(), 7);
  EXPECT_TRUE(ParseStrictJson("0").is_number_unsigned());
  EXPECT_EQ(ParseStrictJson("-9223372036854775808").dump(), "-9223372036854775808");
  EXPECT_EQ(ParseStrictJson("18446744073709551615").dump(), "18446744073709551615");
  EXPECT_EQ(ParseStrictJson("-1.5e3").get<double>(), -1500);
  EXPECT_EQ(ParseStrictJson(R"("\ud83d\ude00\u0000")").get<std::string>(), std::string("\xf0\x9f\x98\x80\0", 5));
  EXPECT_EQ(ParseStrictJson(R"([{"a": 1}, {"a": 2}])").size(), 2u) << "two objects with one name each";
  EXPECT_EQ(ParseStrictJson(R"({"a": {"a": {"a": 1}}})")["a"]["a"]["a"].get<int>(), 1);
}

TEST(StrictJsonTest, RefusesWhatHasTwoOrNone) {
  for (const absl::string_view text : {absl::string_view(),
                                       absl::string_view("{"),
                                       absl::string_view(R"({"a": 1, "a": 1})"),
                                       absl::string_view(R"({"a": {"b": 1, "c": 2, "b": 3}})"),
                                       absl::string_view(R"([{"a": 1, "a": 2}])"),
                                       absl::string_view(R"({"a": 1, "\u0061": 2})"),
                                       absl::string_view("{} {}"),
                                       absl::string_view("{}x"),
                                       absl::string_view("{\"a\": 1}\0x", 10),
                                       absl::string_view("{\"a\": \"\xff\"}"),
                                       absl::string_view("{'a': 1}"),
                                       absl::string_view("{\"a\": 1,}"),
                                       absl::string_view("// a\n1"),
                                       absl::string_view("01"),
                                       absl::string_view("1."),
                                       absl::string_view("NaN"),
                                       absl::string_view("\xef\xbb\xbf{}"),
                                       absl::string_view("\xef\xbb\xbf"),
                                       absl::string_view("1e400"),
                                       absl::string_view("18446744073709551616"),
                                       absl::string_view(R"("\ud800")"),
                                       absl::string_view(R"("\udc00")"),
                                       absl::string_view(R"("\ud800\u0041")"),
                                       absl::string_view("\"\xed\xa0\x80\""),
                                       absl::string_view("\"a\nb\""),
                                       absl::string_view(R"("\x")")}) {
    EXPECT_TRUE(ParseStrictJson(text).is_discarded()) << text;
  }
}

TEST(StrictJsonTest, BoundsTheDepth) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_FALSE(ParseStrictJson(nested(kMaxJsonDepth)).is_discarded());
  EXPECT_TRUE(ParseStrictJson(nested(kMaxJsonDepth + 1)).is_discarded());
  EXPECT_TRUE(ParseStrictJson(nested(100'000)).is_discarded());
}

}  // namespace
}  // namespace identity
