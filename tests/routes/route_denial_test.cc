#include "server/routes/route_denial.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/routes/route_rules.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

std::string Document() {
  std::ifstream file(IDENTITY_ROUTES_DOCUMENT);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RouteDenialTest, EachHasANameAndATextAndIsDocumented) {
  const std::string document = Document();
  for (int i = 0; i <= static_cast<int>(RouteDenial::kPathDotSegment); ++i) {
    const auto denial = static_cast<RouteDenial>(i);
    EXPECT_NE(NameOf(denial), "unknown");
    EXPECT_NE(TextOf(denial), "unknown");
    EXPECT_THAT(document, testing::HasSubstr(absl::StrCat("`", NameOf(denial), "`")));
  }
}

TEST(RouteDenialTest, TheDocumentedFileCanBeUsed) {
  const std::string document = Document();
  const std::string fence = "```yaml\n";
  const size_t begin = document.find(fence) + fence.size();
  const auto rules = RouteRules::Parse(document.substr(begin, document.find("```", begin) - begin));
  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(rules->Warnings(), testing::IsEmpty());
  // The output that the page shows.
  const RouteDecision decision = rules->Match("GET", "shop.example.com", "/orders/7/items/8");
  const RouteCheck& check = std::get<RouteCheck>(decision);
  EXPECT_THAT(document,
              testing::HasSubstr(absl::StrCat("permission: ", check.permission.text(),
                                              "\nresource: ", check.resource.text(), "\naudience: ", check.audience,
                                              "\nrule: ", check.place.number, ", in line ", check.place.line, "\n")));
}

}  // namespace
}  // namespace identity
