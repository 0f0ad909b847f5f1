#include "server/domain/permission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "tests/domain/parsed.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string PermissionOf(size_t count) { return absl::StrJoin(std::vector<std::string>(count, "a"), ":"); }
Scopes Of(const std::vector<std::string>& texts) { return *Scopes::Parse(texts); }

TEST(PermissionTest, GrammarAccepts) {
  for (const std::string& text : {std::string("posts"), std::string("posts:read"), std::string("read:own_profile"),
                                  std::string("a-b_9:0"), std::string(64, 'a'), PermissionOf(8)}) {
    const auto permission = Permission::Parse(text);
    ASSERT_TRUE(permission.ok()) << text;
    EXPECT_EQ(permission->text(), text);
    EXPECT_TRUE(PermissionPattern::Parse(text).ok()) << text;
  }
}

TEST(PermissionTest, GrammarRefuses) {
  for (const std::string& text : {std::string(),
                                  std::string(":"),
                                  std::string("posts:"),
                                  std::string(":posts"),
                                  std::string("a::b"),
                                  std::string("Posts:read"),
                                  std::string("posts read"),
                                  std::string("posts.read"),
                                  std::string("posts/read"),
                                  std::string("p\xc3\xb6sts"),
                                  std::string("posts\n"),
                                  std::string("a\0b", 3),
                                  std::string(65, 'a'),
                                  PermissionOf(9),
                                  std::string("po*"),
                                  std::string("*:read"),
                                  std::string("a:*:b"),
                                  std::string("a:**"),
                                  std::string("**"),
                                  std::string(1 << 20, 'a'),
                                  std::string(1 << 20, ':')}) {
    const auto permission = Permission::Parse(text);
    ASSERT_FALSE(permission.ok()) << text;
    EXPECT_EQ(permission.status().code(), absl::StatusCode::kInvalidArgument);
    ASSERT_EQ(FieldViolationsOf(permission.status()).size(), 1u);
    EXPECT_EQ(FieldViolationsOf(permission.status())[0].field, "permission");
    EXPECT_FALSE(PermissionPattern::Parse(text).ok()) << text;
  }
}

TEST(PermissionTest, PermissionsCannotContainAStar) {
  EXPECT_FALSE(Permission::Parse("*").ok());
  EXPECT_FALSE(Permission::Parse("posts:*").ok());
}

TEST(PermissionPatternTest, TheStarCountsAsOneOfTheEightSegments) {
  EXPECT_TRUE(PermissionPattern::Parse("*").ok());
  EXPECT_TRUE(PermissionPattern::Parse("posts:*").ok());
  EXPECT_TRUE(PermissionPattern::Parse(PermissionOf(7) + ":*").ok());
  EXPECT_FALSE(PermissionPattern::Parse(PermissionOf(8) + ":*").ok());
  EXPECT_FALSE(PermissionPattern::Parse(":*").ok());
  EXPECT_EQ(FieldViolationsOf(PermissionPattern::Parse(":*").status())[0].field, "permission pattern");
}

TEST(PermissionPatternTest, Matches) {
  const struct {
    const char* pattern;
    const char* permission;
    bool matches;
  } kCases[] = {
      {"*", "posts", true},
      {"*", "a:b:c:d:e:f:g:h", true},
      {"posts:*", "posts:read", true},
      {"posts:*", "posts:read:own", true},
      {"posts:*", "posts", false},
      {"posts:*", "posts2:read", false},
      {"posts:*", "post:read", false},
      {"posts:read", "posts:read", true},
      {"posts:read", "posts:read:own", false},
      {"posts:read", "posts", false},
      {"posts:read:*", "posts:read", false},
      {"posts:read:*", "posts:read:own", true},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Pattern(c.pattern).Matches(Perm(c.permission)), c.matches) << c.pattern << " on " << c.permission;
  }
}

TEST(PermissionPatternTest, Covers) {
  const struct {
    const char* outer;
    const char* inner;
    bool covers;
  } kCases[] = {
      {"*", "*", true},
      {"*", "posts:*", true},
      {"*", "posts", true},
      {"posts:*", "*", false},
      {"posts:*", "posts:*", true},
      {"posts:*", "posts:read", true},
      {"posts:*", "posts:read:*", true},
      {"posts:*", "posts", false},
      {"posts:*", "posts2:*", false},
      {"posts:read:*", "posts:*", false},
      {"posts:read", "posts:read", true},
      {"posts:read", "posts:*", false},
      {"posts:read", "posts:read:*", false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Pattern(c.outer).Covers(Pattern(c.inner)), c.covers) << c.outer << " covers " << c.inner;
  }
}

TEST(PermissionPatternTest, OverlapsEitherWay) {
  EXPECT_TRUE(Pattern("posts:*").Overlaps(Pattern("posts:read")));
  EXPECT_TRUE(Pattern("posts:read").Overlaps(Pattern("posts:*")));
  EXPECT_FALSE(Pattern("posts:read").Overlaps(Pattern("posts:write")));
  EXPECT_FALSE(Pattern("posts:*").Overlaps(Pattern("posts")));
}

TEST(PermissionPatternTest, PatternsOfTheServiceMatchIdentityPermissions) {
  for (const char* text : {"*", "identity:*", "identity:check", "identity:self:*", "identity:self:read"}) {
    EXPECT_TRUE(Pattern(text).IsOfTheService()) << text;
  }
  for (const char* text : {"identity", "identity2:check", "posts:*", "a:identity:check"}) {
    EXPECT_FALSE(Pattern(text).IsOfTheService()) << text;
  }
}

TEST(ScopesTest, SortedWithoutDuplicates) {
  EXPECT_THAT(Of({"b", "a:*", "b", "a"}).ToStrings(), ElementsAre("a", "a:*", "b"));
  EXPECT_EQ(Of({"b", "a"}), Of({"a", "b", "a"}));
}

TEST(ScopesTest, NoScopesAllowNothingAndUnlimitedAllowsEverything) {
  EXPECT_TRUE(Scopes().empty());
  EXPECT_FALSE(Scopes().Matches(Perm("a")));
  EXPECT_TRUE(Scopes::Unlimited().Matches(Perm("a")));
  EXPECT_TRUE(Scopes::Unlimited().Covers(Pattern("*")));
}

TEST(ScopesTest, ErrorNamesTheMalformedScope) {
  const auto scopes = Scopes::Parse({"a", "B"});
  ASSERT_EQ(scopes.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FieldViolationsOf(scopes.status())[0].field, "scopes[1]");
}

TEST(ScopesTest, AtMostAHundredCanBeRequested) {
  std::vector<std::string> texts(100, "a");
  EXPECT_TRUE(Scopes::Parse(texts).ok());
  texts.push_back("a");
  const auto scopes = Scopes::Parse(texts);
  ASSERT_EQ(scopes.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FieldViolationsOf(scopes.status())[0].field, "scopes");
}

TEST(ScopesTest, ParseClaimInvertsToClaim) {
  for (const Scopes& scopes : {Scopes(), Scopes::Unlimited(), Of({"posts:*", "a"})}) {
    const auto back = Scopes::ParseClaim(scopes.ToClaim());
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, scopes);
  }
  EXPECT_EQ(Of({"posts:*", "a"}).ToClaim(), "a posts:*");
}

TEST(ScopesTest, AClaimMayHoldMoreThanTheLimit) {
  std::vector<PermissionPattern> patterns;
  for (int i = 0; i < 200; ++i) patterns.push_back(Pattern(absl::StrCat("p", i)));
  const Scopes scopes = Scopes::Of(std::move(patterns));
  EXPECT_EQ(*Scopes::ParseClaim(scopes.ToClaim()), scopes);
}

TEST(ScopesTest, MalformedClaimIsRefused) {
  for (const char* claim : {" ", "a ", " a", "a  b", "a,b", "a\tb", "A"}) {
    const auto scopes = Scopes::ParseClaim(claim);
    ASSERT_FALSE(scopes.ok()) << claim;
    EXPECT_EQ(FieldViolationsOf(scopes.status())[0].field, "scope");
  }
}

TEST(ScopesTest, IntersectionAllowsWhatBothAllow) {
  EXPECT_THAT(Of({"posts:*", "a"}).Intersect(Of({"posts:read", "b"})).ToStrings(), ElementsAre("posts:read"));
  EXPECT_THAT(Of({"posts:read", "b"}).Intersect(Of({"posts:*", "a"})).ToStrings(), ElementsAre("posts:read"));
  EXPECT_THAT(Of({"a", "b"}).Intersect(Scopes::Unlimited()).ToStrings(), ElementsAre("a", "b"));
  EXPECT_THAT(Of({"a"}).Intersect(Of({"b"})).ToStrings(), IsEmpty());
  EXPECT_THAT(Of({"a"}).Intersect(Scopes()).ToStrings(), IsEmpty());
}

TEST(ScopesTest, IntersectionMatchesExactlyWhatBothMatch) {
  const std::vector<Scopes> all = {Scopes(),      Scopes::Unlimited(), Of({"a"}),
                                   Of({"a:*"}),   Of({"a", "a:b"}),    Of({"a:*", "a:b", "c"}),
                                   Of({"a:b:*"}), Of({"c", "d:*"}),    Of({"*", "a:b"})};
  for (const Scopes& x : all) {
    for (const Scopes& y : all) {
      const Scopes both = x.Intersect(y);
      EXPECT_EQ(both, y.Intersect(x));
      for (const char* text : {"a", "a:b", "a:b:c", "c", "d", "d:e", "e"}) {
        EXPECT_EQ(both.Matches(Perm(text)), x.Matches(Perm(text)) && y.Matches(Perm(text)))
            << text << " in " << x.ToClaim() << " and " << y.ToClaim();
      }
    }
  }
}

TEST(ScopesTest, KeepHeldKeepsPatternsThatAreHeldInPart) {
  const std::vector<PermissionPattern> held = {Pattern("posts:read"), Pattern("users:*")};
  EXPECT_THAT(Of({"posts:*", "posts:write", "users:read", "other:*"}).KeepHeld(held).ToStrings(),
              ElementsAre("posts:*", "users:read"));
  EXPECT_EQ(Scopes::Unlimited().KeepHeld(held), Scopes::Unlimited());
  EXPECT_TRUE(Scopes::Unlimited().KeepHeld({}).empty());
}

}  // namespace
}  // namespace identity
