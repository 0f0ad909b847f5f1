#include "server/routes/rule_warnings.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/routes/route_rules.h"
#include "tests/routes/cases.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

constexpr char kHead[] = "version: 1\nrules:\n";

absl::StatusOr<RouteRules> ParseList(const YamlNode& rules) {
  std::string file = kHead;
  for (const YamlNode& rule : rules.nodes) absl::StrAppend(&file, "- ", rule.text, "\n");
  return RouteRules::Parse(file);
}

TEST(RuleWarningsTest, Cases) {
  for (const YamlNode& node : Cases("warnings.yaml", "lists").nodes) {
    const absl::StatusOr<RouteRules> rules = ParseList(node.nodes[0]);
    ASSERT_THAT(rules, IsOk()) << "line " << node.line;
    // A warning in the short form of the file; the head has two lines.
    std::vector<std::string> warnings;
    for (const std::string& warning : rules->Warnings()) {
      warnings.push_back(
          absl::StrReplaceAll(warning, {{"line 3", "1"},
                                        {"line 4", "2"},
                                        {"line 5", "3"},
                                        {": this rule never matches: the rule in ", " never "},
                                        {": this rule never matches: the public rule in ", " never public "},
                                        {": this rule does not deny all its requests: the public rule in ", " partly "},
                                        {" comes first and matches all its requests", ""},
                                        {" comes first and matches some of them", ""}}));
    }
    EXPECT_EQ(absl::StrJoin(warnings, ", "), node.nodes[1].text) << "line " << node.line;
  }
}

TEST(RuleWarningsTest, NameTheLines) {
  const auto rules = RouteRules::Parse("version: 1\nrules:\n- path: /**\n  public: true\n- path: /a\n  deny: true\n");
  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(rules->Warnings(),
              testing::ElementsAre("line 5: this rule never matches: the public rule in line 3 comes first and matches "
                                   "all its requests"));
}

TEST(RuleWarningsTest, ManyRulesWithOnePathAreCompared) {
  std::string file = kHead;
  for (int i = 0; i < 9'999; ++i)
    absl::StrAppend(&file, "- {hosts: [h", i, ".example.com], path: '/{x}', permission: p}\n");
  absl::StrAppend(&file, "- {hosts: [h5.example.com], path: /x, deny: true}\n");
  const auto rules = RouteRules::Parse(file);
  ASSERT_THAT(rules, IsOk());
  EXPECT_THAT(rules->Warnings(), testing::ElementsAre(testing::HasSubstr("the rule in line 8 comes first")));
}

}  // namespace
}  // namespace identity
