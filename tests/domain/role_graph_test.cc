#include "server/domain/role_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "tests/domain/parsed.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Patterns(const RoleGraph& graph, absl::string_view role) {
  std::vector<std::string> texts;
  for (const auto& grant : graph.Closure(role)) texts.push_back(grant.pattern.text());
  return texts;
}

TEST(RoleNameTest, IsAShortLowerCaseWord) {
  for (const std::string& name :
       {std::string("a"), std::string("super_admin"), std::string("a-9"), std::string(64, 'a')}) {
    EXPECT_TRUE(CheckRoleName(name).ok()) << name;
  }
  for (const std::string& name : {std::string(), std::string("9a"), std::string("_a"), std::string("Admin"),
                                  std::string("a b"), std::string("a:b"), std::string("a\n"), std::string(65, 'a')}) {
    EXPECT_EQ(CheckRoleName(name).code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_EQ(FieldViolationsOf(CheckRoleName(name))[0].field, "name");
  }
}

TEST(RoleGraphTest, ClosureHasAllInheritedPatterns) {
  const auto graph = RoleGraph::Create({Role("viewer", {"posts:read"}, {}), Role("editor", {"posts:write"}, {"viewer"}),
                                        Role("owner", {"posts:delete"}, {"editor"})});
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_THAT(Patterns(*graph, "owner"), ElementsAre("posts:delete", "posts:write", "posts:read"));
  EXPECT_THAT(Patterns(*graph, "viewer"), ElementsAre("posts:read"));
  const auto grant = graph->Find("owner", Perm("posts:read"));
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->pattern.text(), "posts:read");
  EXPECT_THAT(grant->chain, ElementsAre("owner", "editor", "viewer"));
  EXPECT_FALSE(graph->Find("viewer", Perm("posts:write")));
}

TEST(RoleGraphTest, DiamondGivesEachPatternOnce) {
  const auto graph = RoleGraph::Create({Role("top", {}, {"left", "right"}), Role("left", {"l"}, {"base"}),
                                        Role("right", {"r"}, {"base"}), Role("base", {"b"}, {})});
  ASSERT_TRUE(graph.ok());
  EXPECT_THAT(Patterns(*graph, "top"), ElementsAre("l", "r", "b"));
  EXPECT_THAT(graph->Find("top", Perm("b"))->chain, ElementsAre("top", "left", "base"));
}

TEST(RoleGraphTest, TheShortestChainComesFirst) {
  const auto graph = RoleGraph::Create(
      {Role("a", {}, {"b", "d"}), Role("b", {}, {"c"}), Role("c", {"x:y", "z"}, {}), Role("d", {"x:*", "z"}, {})});
  ASSERT_TRUE(graph.ok());
  const auto grant = graph->Find("a", Perm("x:y"));
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->pattern.text(), "x:*");
  EXPECT_THAT(grant->chain, ElementsAre("a", "d"));
  EXPECT_THAT(Patterns(*graph, "a"), ElementsAre("x:*", "z", "x:y"));
  EXPECT_THAT(graph->Find("a", Perm("z"))->chain, ElementsAre("a", "d"));
}

TEST(RoleGraphTest, OwnPatternHasAChainOfOne) {
  const auto graph = RoleGraph::Create({Role("a", {"*"}, {})});
  ASSERT_TRUE(graph.ok());
  EXPECT_THAT(graph->Find("a", Perm("x"))->chain, ElementsAre("a"));
}

TEST(RoleGraphTest, UnknownRoleHasNothing) {
  const auto graph = RoleGraph::Create({Role("a", {"*"}, {})});
  ASSERT_TRUE(graph.ok());
  EXPECT_TRUE(graph->Contains("a"));
  EXPECT_FALSE(graph->Contains("b"));
  EXPECT_FALSE(graph->Find("b", Perm("x")));
  EXPECT_THAT(graph->Closure("b"), IsEmpty());
  EXPECT_FALSE(graph->Includes("b", "b"));
  EXPECT_FALSE(RoleGraph().Contains(""));
}

TEST(RoleGraphTest, IncludesFollowsAnyNumberOfSteps) {
  const auto graph = RoleGraph::Create({Role("a", {}, {"b"}), Role("b", {}, {"c"}), Role("c", {}, {})});
  ASSERT_TRUE(graph.ok());
  EXPECT_TRUE(graph->Includes("a", "a"));
  EXPECT_TRUE(graph->Includes("a", "c"));
  EXPECT_FALSE(graph->Includes("c", "a"));
  EXPECT_FALSE(graph->Includes("a", "d"));
}

TEST(RoleGraphTest, CycleIsRefusedAndNamed) {
  const auto graph = RoleGraph::Create({Role("free", {}, {}), Role("into", {}, {"free", "a"}),
                                        Role("a", {}, {"free", "b"}), Role("b", {}, {"c"}), Role("c", {}, {"a"})});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(graph.status()), ErrorReason::kRoleCycle);
  EXPECT_THAT(std::string(graph.status().message()), HasSubstr(": a -> b -> c -> a"));
}

TEST(RoleGraphTest, RoleCannotInheritItself) {
  const auto graph = RoleGraph::Create({Role("a", {}, {"a"})});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(ReasonOf(graph.status()), ErrorReason::kRoleCycle);
  EXPECT_THAT(std::string(graph.status().message()), HasSubstr("a -> a"));
}

TEST(RoleGraphTest, MissingRoleIsNotFound) {
  const auto graph = RoleGraph::Create({Role("a", {}, {"ghost"})});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(graph.status().message()), HasSubstr("inherits[0]"));
}

TEST(RoleGraphTest, NamesAreUnique) {
  const auto graph = RoleGraph::Create({Role("a", {}, {}), Role("a", {"*"}, {})});
  EXPECT_EQ(graph.status().code(), absl::StatusCode::kAlreadyExists);
}

TEST(RoleGraphTest, RoleInheritedTwiceIsNotACycle) {
  const auto graph = RoleGraph::Create({Role("a", {}, {"b", "b"}), Role("b", {"x"}, {})});
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_THAT(Patterns(*graph, "a"), ElementsAre("x"));
}

TEST(RoleGraphTest, CopyAndMoveKeepTheClosure) {
  auto graph = RoleGraph::Create({Role("a", {}, {"b"}), Role("b", {"x"}, {})});
  ASSERT_TRUE(graph.ok());
  const RoleGraph copy = *graph;
  const RoleGraph moved = *std::move(graph);
  EXPECT_THAT(copy.Find("a", Perm("x"))->chain, ElementsAre("a", "b"));
  EXPECT_THAT(moved.Find("a", Perm("x"))->chain, ElementsAre("a", "b"));
}

TEST(RoleGraphTest, LongChainIsFollowedToTheEnd) {
  constexpr int kRoles = 500;
  std::vector<RoleDefinition> roles;
  for (int i = 0; i + 1 < kRoles; ++i) {
    roles.push_back(Role(absl::StrCat("r", i), {absl::StrCat("p", i)}, {absl::StrCat("r", i + 1)}));
  }
  roles.push_back(Role(absl::StrCat("r", kRoles - 1), {"end"}, {}));
  const auto graph = RoleGraph::Create(std::move(roles));
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph->Find("r0", Perm("end"))->chain.size(), static_cast<size_t>(kRoles));
  EXPECT_EQ(graph->Closure("r0").size(), static_cast<size_t>(kRoles));
}

// A linear search for few patterns and a binary one for many must give the same result.
TEST(RoleGraphTest, FindsTheSameAmongFewAndAmongManyPatterns) {
  const std::vector<std::string> near = {"posts:*", "posts:read", "a:b:c"};
  const std::vector<std::string> far = {"posts:read:own", "a:b:*", "a:*"};
  std::vector<std::string> many = near;
  for (int i = 0; i < 100; ++i) many.push_back(absl::StrCat("filler:p", i));
  const auto graph = RoleGraph::Create({Role("few", near, {"far"}), Role("many", many, {"far"}), Role("far", far, {}),
                                        Role("all", many, {"super"}), Role("super", {"*"}, {})});
  ASSERT_TRUE(graph.ok());
  for (const char* text :
       {"posts", "posts:read", "posts:read:own", "posts:x:y", "a", "a:b", "a:b:c", "a:b:c:d", "b:c"}) {
    const auto few = graph->Find("few", Perm(text));
    const auto found = graph->Find("many", Perm(text));
    ASSERT_EQ(few.has_value(), found.has_value()) << text;
    EXPECT_EQ(graph->Match("few", Perm(text)).has_value(), few.has_value()) << text;
    EXPECT_EQ(graph->Match("many", Perm(text)).has_value(), few.has_value()) << text;
    if (few) {
      EXPECT_EQ(few->pattern, found->pattern) << text;
    }
    EXPECT_TRUE(graph->Match("all", Perm(text)).has_value()) << text;
  }
  EXPECT_FALSE(graph->Match("ghost", Perm("posts:read")).has_value());
}

TEST(RoleGraphTest, ARoleThatIncludesTooManyOthersIsRefused) {
  std::vector<RoleDefinition> chain = {Role("r0", {"posts:read"}, {})};
  while (chain.size() < RoleGraph::kMaxIncluded) {
    chain.push_back(Role(absl::StrCat("r", chain.size()), {}, {chain.back().name}));
  }
  EXPECT_TRUE(RoleGraph::Create(chain).ok());
  chain.push_back(Role("last", {}, {chain.back().name}));
  EXPECT_EQ(ReasonOf(RoleGraph::Create(chain).status()), ErrorReason::kLimitReached);
}

TEST(RoleGraphTest, ARoleThatIncludesTooManyPatternsIsRefused) {
  std::vector<std::string> permissions;
  for (size_t i = 0; i < RoleGraph::kMaxPatterns; ++i) permissions.push_back(absl::StrCat("p", i));
  EXPECT_TRUE(RoleGraph::Create({Role("wide", permissions, {})}).ok());
  EXPECT_EQ(
      ReasonOf(RoleGraph::Create({Role("wide", permissions, {}), Role("wider", {"one:more"}, {"wide"})}).status()),
      ErrorReason::kLimitReached);
}

TEST(RoleGraphTest, TheLongestMfaMaxAgeOfAPatternCounts) {
  for (const size_t fillers : {size_t{0}, size_t{40}}) {
    std::vector<std::string> own = {"a:x"};
    for (size_t i = 0; i < fillers; ++i) own.push_back(absl::StrCat("filler:", i));
    RoleDefinition strict = Role("strict", own, {"lax", "free"});
    strict.mfa_max_age = absl::Minutes(1);
    RoleDefinition lax = Role("lax", {"a:x", "a:*"}, {});
    lax.mfa_max_age = absl::Minutes(5);
    const auto graph = RoleGraph::Create({strict, lax, Role("free", {"b:y"}, {})});
    ASSERT_TRUE(graph.ok()) << graph.status();
    EXPECT_EQ(graph->Match("strict", Perm("a:x")), absl::Minutes(5));
    EXPECT_EQ(graph->Match("strict", Perm("b:y")), absl::InfiniteDuration());
    EXPECT_EQ(graph->Match("strict", Perm("c:z")), absl::nullopt);
    EXPECT_EQ(graph->Patterns("strict", absl::Minutes(3)).size(), 3u);
    EXPECT_EQ(graph->Patterns("strict", absl::InfiniteDuration()).size(), 1u);
  }
}

}  // namespace
}  // namespace identity
