#include "server/routes/route_rules.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/routes/cases.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

RouteRules Parsed(absl::string_view yaml) {
  absl::StatusOr<RouteRules> rules = RouteRules::Parse(yaml);
  EXPECT_THAT(rules, IsOk());
  return *std::move(rules);
}

// In the form of tests/cases/routes/shop.yaml.
std::string ToText(const RouteDecision& decision) {
  if (const auto* check = std::get_if<RouteCheck>(&decision)) {
    return absl::StrCat(
        check->permission.text(), " on ", check->resource.is_everywhere() ? "-" : check->resource.text(),
        check->audience.empty() ? "" : absl::StrCat(" for ", check->audience), " by ", check->place.number);
  }
  if (const auto* open = std::get_if<RoutePublic>(&decision)) return absl::StrCat("public by ", open->place.number);
  const auto& denied = std::get<RouteDenied>(decision);
  return absl::StrCat("denied as ", NameOf(denied.reason),
                      denied.place.number == 0 ? "" : absl::StrCat(" by ", denied.place.number));
}

std::string Decide(const RouteRules& rules, const std::string& request) {
  const std::vector<std::string> parts = absl::StrSplit(request, absl::MaxSplits(' ', 2));
  return ToText(rules.Match(parts.at(0), parts.at(1), parts.at(2)));
}

class CaseTest : public testing::TestWithParam<const char*> {};

TEST_P(CaseTest, EachRequestHasItsDecision) {
  const RouteRules rules = Parsed(Cases(GetParam(), "rules").text);
  for (const YamlNode& node : Cases(GetParam(), "requests").nodes) {
    EXPECT_EQ(Decide(rules, node.nodes[0].text), node.nodes[1].text) << GetParam() << " line " << node.line;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, CaseTest, testing::Values("shop.yaml", "order.yaml"));

TEST(RouteRulesTest, AMalformedFileIsRefusedWithItsLine) {
  for (const YamlNode& node : Cases("refused.yaml", "files").nodes) {
    const absl::StatusOr<RouteRules> rules = RouteRules::Parse(node.nodes[0].text);
    EXPECT_THAT(rules, StatusIs(absl::StatusCode::kInvalidArgument)) << "line " << node.line;
    EXPECT_THAT(std::string(rules.status().message()), StartsWith(node.nodes[1].text)) << "line " << node.line;
  }
}

TEST(RouteRulesTest, WithoutRulesEverythingIsDenied) {
  const RouteRules rules = Parsed("version: 1\nrules: []\n");
  EXPECT_EQ(rules.size(), 0u);
  EXPECT_EQ(Decide(rules, "GET h /"), "denied as no_rule");
}

TEST(RouteRulesTest, ADecisionThatNobodyMadeIsADenial) { EXPECT_EQ(ToText(RouteDecision()), "denied as no_rule"); }

TEST(RouteRulesTest, ADecisionNamesTheLineOfItsRule) {
  const RouteRules rules = Parsed(
      "# A comment.\nversion: 1\nrules:\n\n- path: /a\n  public: true\n- methods: [GET]\n  path: /b\n  deny: true\n");
  EXPECT_EQ(std::get<RoutePublic>(rules.Match("GET", "h", "/a")).place.line, 5);
  EXPECT_EQ(std::get<RouteDenied>(rules.Match("GET", "h", "/b")).place.line, 7);
}

TEST(RouteRulesTest, WindowsLineEndsAndAByteOrderMarkAreAccepted) {
  const RouteRules rules = Parsed("\xEF\xBB\xBFversion: 1\r\nrules:\r\n- path: /a\r\n  public: true\r\n");
  EXPECT_EQ(Decide(rules, "GET h /a"), "public by 1");
}

TEST(RouteRulesTest, OtherEncodingsAreRefused) {
  EXPECT_THAT(std::string(RouteRules::Parse("version: 1\nrules: []\n# \xE9\n").status().message()),
              StartsWith("line 3: must be valid UTF-8"));
  EXPECT_THAT(RouteRules::Parse(absl::string_view("v\0e\0r\0", 6)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(RouteRules::Parse("\xFF\xFEv"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RouteRulesTest, TheSizeOfTheFileIsLimited) {
  std::string file = "version: 1\nrules: []\n#";
  file.resize(RouteRules::kMaxFileBytes, ' ');
  EXPECT_THAT(RouteRules::Parse(file), IsOk());
  EXPECT_THAT(std::string(RouteRules::Parse(file + " ").status().message()), HasSubstr("at most 1048576 bytes"));
}

std::string ManyRules(int number) {
  std::string file = "version: 1\nrules:\n";
  for (int i = 0; i < number; ++i) {
    absl::StrAppend(&file, "- {path: '/api/v1/t", i, "/{x}', permission: p", i, ", resource: '{x}'}\n");
  }
  return file;
}

TEST(RouteRulesTest, TheNumberOfRulesIsLimited) {
  EXPECT_THAT(std::string(RouteRules::Parse(ManyRules(10'001)).status().message()),
              StartsWith("line 2: rules: must be at most 10000"));
  const RouteRules rules = Parsed(ManyRules(10'000));
  EXPECT_EQ(rules.size(), 10'000u);
  for (const int i : {0, 1, 4'999, 9'999}) {
    EXPECT_EQ(Decide(rules, absl::StrCat("GET h /api/v1/t", i, "/x")), absl::StrCat("p", i, " on x by ", i + 1));
  }
  EXPECT_EQ(Decide(rules, "GET h /api/v1/t10000/x"), "denied as no_rule");
}

// Aliases that double their text at each level are the known attack; without aliases it is short texts with many
// levels.
TEST(RouteRulesTest, AFileCannotUseMuchTimeOrMemory) {
  std::string aliases = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const char before = static_cast<char>(c - 1);
    absl::StrAppend(&aliases, std::string(1, c), ": &", std::string(1, c), " [");
    for (int i = 0; i < 9; ++i) absl::StrAppend(&aliases, "*", std::string(1, before), ",");
    absl::StrAppend(&aliases, "]\n");
  }
  EXPECT_THAT(std::string(RouteRules::Parse(aliases).status().message()), StartsWith("line 1: has an anchor"));
  for (const absl::string_view part : {"[",   "{",     "- ", "? ", "[a, ", "{a: ", "a: ", "\"",    "'",    "&a ",
                                       "!a ", "a:\n ", ": ", "[]", ",",    "|\n",  "%",   "---\n", "# \n", "a,"}) {
    std::string text;
    while (text.size() < 100'000) absl::StrAppend(&text, part);
    EXPECT_THAT(RouteRules::Parse(text), StatusIs(absl::StatusCode::kInvalidArgument)) << part;
    EXPECT_THAT(RouteRules::Parse(absl::StrCat("version: 1\nrules: [", text)),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << part;
  }
}

TEST(RouteRulesTest, ALongRequestIsDecidedBySegments) {
  const RouteRules rules = Parsed("version: 1\nrules:\n- {path: '/{a}/{b}/**', permission: p, resource: '{a}/{b}'}\n");
  std::string target = "/x/y";
  while (target.size() + 2 <= RequestPath::kMaxBytes) target += "/z";
  EXPECT_EQ(Decide(rules, absl::StrCat("GET h ", target)), "p on x/y by 1");
}

TEST(RouteRulesTest, ASegmentThatIsTooLongForAResourceIsDenied) {
  const RouteRules rules = Parsed("version: 1\nrules:\n- {path: '/{a}', permission: p, resource: '{a}'}\n");
  EXPECT_EQ(Decide(rules, absl::StrCat("GET h /", std::string(128, 'a'))),
            absl::StrCat("p on ", std::string(128, 'a'), " by 1"));
  EXPECT_EQ(Decide(rules, absl::StrCat("GET h /", std::string(129, 'a'))), "denied as resource_malformed by 1");
}

}  // namespace
}  // namespace identity
