#include "server/routes/route_index.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"

namespace identity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

RouteRule Rule(absl::string_view path, std::vector<std::string> hosts = {}) {
  RouteRule rule;
  rule.path = *PathTemplate::Parse(path);
  rule.hosts = std::move(hosts);
  return rule;
}

std::vector<uint32_t> Found(const RouteIndex& index, absl::string_view path, absl::string_view host = "h") {
  const std::vector<absl::string_view> segments = absl::StrSplit(path.substr(1), '/', absl::SkipEmpty());
  std::vector<uint32_t> numbers;
  index.Visit(PathsOf(segments), host, [&numbers](uint32_t number) { numbers.push_back(number); });
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

TEST(RouteIndexTest, FindsAllRulesThatMatchAPath) {
  RouteIndex index;
  const char* const paths[] = {"/", "/**", "/{a...}", "/{a}", "/x", "/x/**", "/x/{a...}", "/x/{b}/z", "/{a}/y/z"};
  for (uint32_t i = 0; i < std::size(paths); ++i) index.Add(i, Rule(paths[i]));
  EXPECT_THAT(Found(index, "/"), ElementsAre(0, 1));
  EXPECT_THAT(Found(index, "/w"), ElementsAre(1, 2, 3));
  EXPECT_THAT(Found(index, "/x"), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(Found(index, "/x/y"), ElementsAre(1, 2, 5, 6));
  EXPECT_THAT(Found(index, "/x/y/z"), ElementsAre(1, 2, 5, 6, 7, 8));
  EXPECT_THAT(Found(index, "/x/y/z/1/2/3"), ElementsAre(1, 2, 5, 6));
}

TEST(RouteIndexTest, FindsRulesByHost) {
  RouteIndex index;
  index.Add(0, Rule("/a"));
  index.Add(1, Rule("/a", {"b.c"}));
  index.Add(2, Rule("/a", {".b.c"}));
  index.Add(3, Rule("/a", {".c", "c"}));
  index.Add(4, Rule("/b", {"b.c"}));
  EXPECT_THAT(Found(index, "/a", "x"), ElementsAre(0));
  EXPECT_THAT(Found(index, "/a", "b.c"), ElementsAre(0, 1, 3));
  EXPECT_THAT(Found(index, "/a", "a.b.c"), ElementsAre(0, 2, 3));
  EXPECT_THAT(Found(index, "/a", "c"), ElementsAre(0, 3));
  EXPECT_THAT(Found(index, "/a", ""), ElementsAre(0));
  EXPECT_THAT(Found(index, "/a", ".b.c"), ElementsAre(0, 2, 3)) << "a pattern, which is a set of hosts";
  EXPECT_THAT(Found(index, "/c", "b.c"), IsEmpty());
}

TEST(RouteIndexTest, EachRuleIsVisitedOnceAlthoughManyBranchesMatch) {
  RouteIndex index;
  uint32_t number = 0;
  for (int literal = 0; literal < 16; ++literal) {
    std::string path;
    for (int i = 0; i < 16; ++i) path += i == literal ? "/a" : "/{v" + std::to_string(i) + "}";
    index.Add(number++, Rule(path));
  }
  std::string path;
  for (int i = 0; i < 16; ++i) path += "/a";
  EXPECT_EQ(Found(index, path).size(), 16u);
  EXPECT_THAT(Found(index, path + "/a"), IsEmpty());
}

}  // namespace
}  // namespace identity
