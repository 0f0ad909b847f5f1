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
  EXPECT_EQ(ParseStrictJson(R"([{"a": 1}, {"a": 2}])").size(), 2u) << "two objects with one name each";
  EXPECT_EQ(ParseStrictJson(R"({"a": {"a": {"a": 1}}})")["a"]["a"]["a"].get<int>(), 1);
}

TEST(StrictJsonTest, RefusesWhatHasTwoOrNone) {
  for (const absl::string_view text :
       {absl::string_view(), absl::string_view("{"), absl::string_view(R"({"a": 1, "a": 1})"),
        absl::string_view(R"({"a": {"b": 1, "c": 2, "b": 3}})"), absl::string_view(R"([{"a": 1, "a": 2}])"),
        absl::string_view(R"({"a": 1, "\u0061": 2})"), absl::string_view("{} {}"), absl::string_view("{}x"),
        absl::string_view("{\"a\": 1}\0x", 10), absl::string_view("{\"a\": \"\xff\"}"), absl::string_view("{'a': 1}"),
        absl::string_view("{\"a\": 1,}"), absl::string_view("// a\n1")}) {
    EXPECT_TRUE(ParseStrictJson(text).is_discarded()) << text;
  }
}

TEST(StrictJsonTest, BoundsTheDepth) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_FALSE(ParseStrictJson(nested(kMaxJsonDepth)).is_discarded());
  EXPECT_TRUE(ParseStrictJson(nested(kMaxJsonDepth + 2)).is_discarded());
  EXPECT_TRUE(ParseStrictJson(nested(100'000)).is_discarded());
}

}  // namespace
}  // namespace identity
