#include "server/domain/resource.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"

namespace identity {
namespace {

std::string ResourceOf(size_t count) { return absl::StrJoin(std::vector<std::string>(count, "a"), "/"); }

TEST(ResourceTest, GrammarAccepts) {
  for (const std::string& text :
       {std::string(), std::string("orgs"), std::string("orgs/acme/projects/p1"), std::string(".../..x/.y/z."),
        std::string("A-Z/a_z/0~9/me@example.com"), std::string(128, 'x'), ResourceOf(32)}) {
    const auto resource = Resource::Parse(text);
    ASSERT_TRUE(resource.ok()) << text;
    EXPECT_EQ(resource->text(), text);
  }
}

TEST(ResourceTest, GrammarRefuses) {
  for (const std::string& text : {std::string("/"),
                                  std::string("/orgs"),
                                  std::string("orgs/"),
                                  std::string("orgs//acme"),
                                  std::string("a b"),
                                  std::string("a:b"),
                                  std::string("a*"),
                                  std::string("a%2fb"),
                                  std::string("\xc3\xa9"),
                                  std::string("a\0", 2),
                                  std::string("a\n"),
                                  std::string("."),
                                  std::string(".."),
                                  std::string("orgs/acme/../other"),
                                  std::string("orgs/./acme"),
                                  std::string("../orgs"),
                                  std::string("orgs/.."),
                                  std::string(129, 'x'),
                                  ResourceOf(33),
                                  std::string(1 << 20, '/')}) {
    const auto resource = Resource::Parse(text);
    ASSERT_FALSE(resource.ok()) << text;
    EXPECT_EQ(resource.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(FieldViolationsOf(resource.status())[0].field, "resource");
  }
}

TEST(ResourceTest, TheIdOfAUserHasNoCase) {
  constexpr char kLowerId[] = "0190b5a0-0000-7abc-8def-000000000000";
  constexpr char kUpperId[] = "0190B5A0-0000-7ABC-8DEF-000000000000";
  EXPECT_EQ(Resource::Parse(absl::StrCat("users/", kUpperId))->text(), absl::StrCat("users/", kLowerId));
  EXPECT_EQ(Resource::Parse(absl::StrCat("users/", kUpperId, "/Posts"))->text(),
            absl::StrCat("users/", kLowerId, "/Posts"));
  for (const std::string& kept :
       {absl::StrCat("orgs/", kUpperId), absl::StrCat("orgs/users/", kUpperId), absl::StrCat("users/", kUpperId, "0"),
        std::string("users/ADA"), std::string("users")}) {
    EXPECT_EQ(Resource::Parse(kept)->text(), kept);
  }
}

TEST(ResourceTest, CoversByWholeSegments) {
  const struct {
    const char* outer;
    const char* inner;
    bool covers;
  } kCases[] = {
      {"orgs/acme", "orgs/acme", true},
      {"orgs/acme", "orgs/acme/x", true},
      {"orgs/acme", "orgs/acme/x/y", true},
      {"orgs/acme", "orgs/acme2", false},
      {"orgs/acme", "orgs", false},
      {"orgs/acme", "orgs/acm", false},
      {"orgs/acme", "x/orgs/acme", false},
      {"orgs/acme", "orgs/ACME", false},
      {"orgs/acme", "", false},
      {"", "", true},
      {"", "orgs", true},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Resource::Parse(c.outer)->Covers(*Resource::Parse(c.inner)), c.covers) << c.outer << " on " << c.inner;
  }
}

TEST(ResourceTest, EverywhereIsTheEmptyPath) {
  EXPECT_TRUE(Resource().is_everywhere());
  EXPECT_EQ(*Resource::Parse(""), Resource());
  EXPECT_FALSE(Resource::Parse("a")->is_everywhere());
}

TEST(ResourceTest, OfPrincipalIsBelowUsers) {
  const auto id = PrincipalId::Parse("01890a5d-ac96-774b-bcce-b302099a8057");
  const Resource own = Resource::OfPrincipal(*id);
  EXPECT_EQ(own.text(), "users/01890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_TRUE(Resource::Parse(own.text()).ok());
}

}  // namespace
}  // namespace identity
