#include "server/routes/rule_warnings.h"

#include <algorithm>
#include <cstdint>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/routes/route_index.h"

namespace identity {
namespace {

// `earlier`: an index of the rules before `rule`. The first that matches everything that `rule` does.
absl::optional<uint32_t> FindCover(const std::vector<RouteRule>& rules, const RouteIndex& earlier,
                                   const RouteRule& rule) {
  absl::optional<uint32_t> first;
  const absl::string_view host = rule.hosts.empty() ? absl::string_view() : rule.hosts[0];
  earlier.Visit(PathsOf(rule.path), host, [&](uint32_t number) {
    if (first && *first <= number) return;
    if (HostsCover(rules[number], rule) && MethodsCover(rules[number], rule)) first = number;
  });
  return first;
}

// The first public rule that opens a part of what `rule` denies. Not one with the same path, whose author wants that.
absl::optional<uint32_t> FindOpening(const std::vector<RouteRule>& rules, const RouteIndex& earlier,
                                     const RouteRule& rule) {
  absl::optional<uint32_t> first;
  earlier.VisitAnyHost(PathsOf(rule.path), [&](uint32_t number) {
    const RouteRule& other = rules[number];
    if ((first && *first <= number) || !std::holds_alternative<RouteRule::Public>(other.effect)) return;
    if (!(other.path == rule.path) && HostsOverlap(other, rule) && MethodsOverlap(other, rule)) first = number;
  });
  return first;
}

}  // namespace

std::vector<std::string> WarningsAbout(const std::vector<RouteRule>& rules) {
  std::vector<std::string> warnings;
  RouteIndex earlier;
  for (uint32_t number = 0; number < rules.size(); ++number) {
    const RouteRule& rule = rules[number];
    const bool denies = std::holds_alternative<RouteRule::Deny>(rule.effect);
    if (const auto cover = FindCover(rules, earlier, rule)) {
      const bool opens = std::holds_alternative<RouteRule::Public>(rules[*cover].effect);
      warnings.push_back(absl::StrCat("line ", rule.line, ": this rule never matches: the ", opens ? "public " : "",
                                      "rule in line ", rules[*cover].line,
                                      " comes first and matches all its requests"));
    } else if (const auto opening = denies ? FindOpening(rules, earlier, rule) : absl::nullopt) {
      warnings.push_back(absl::StrCat("line ", rule.line,
                                      ": this rule does not deny all its requests: the public rule in line ",
                                      rules[*opening].line, " comes first and matches some of them"));
    }
    earlier.Add(number, rule);
  }
  return warnings;
}

}  // namespace identity
