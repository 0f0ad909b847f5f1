#include "server/routes/route_rules.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/routes/request_host.h"
#include "server/routes/rule_warnings.h"
#include "server/routes/yaml_reader.h"
#include "server/routes/yaml_text.h"

namespace identity {

absl::StatusOr<RouteRules> RouteRules::Parse(absl::string_view yaml) {
  if (yaml.size() > kMaxFileBytes) {
    return InvalidField("line 1", absl::StrCat("the file must be at most ", kMaxFileBytes, " bytes"));
  }
  ASSIGN_OR_RETURN(const YamlNode document, ParseYaml(yaml));
  ASSIGN_OR_RETURN(std::vector<RouteRule> rules, ReadRouteRules(document));
  ASSIGN_OR_RETURN(AuthZenRules authzen, AuthZenRules::Read(document));
  RouteRules parsed(std::move(rules), std::move(authzen));
  parsed.has_authzen_ = Find(document, "authzen") != nullptr;
  return parsed;
}

RouteRules::RouteRules(std::vector<RouteRule> rules, AuthZenRules authzen)
    : rules_(std::move(rules)), authzen_(std::move(authzen)), warnings_(WarningsAbout(rules_)) {
  for (uint32_t i = 0; i < rules_.size(); ++i) index_.Add(i, rules_[i]);
}

RouteDecision RouteRules::Match(absl::string_view method, absl::string_view host, absl::string_view target) const {
  if (!IsMethod(method)) return RouteDenied{RouteDenial::kMethodMalformed, {}};
  const absl::optional<std::string> name = NormalizeHost(host);
  if (!name) return RouteDenied{RouteDenial::kHostMalformed, {}};
  const auto parsed = RequestPath::Parse(target);
  if (const auto* denial = std::get_if<RouteDenial>(&parsed)) return RouteDenied{*denial, {}};
  const std::vector<absl::string_view> segments = std::get<RequestPath>(parsed).Segments();
  size_t first = rules_.size();
  index_.Visit(PathsOf(segments), *name, [&](uint32_t index) {
    if (index < first && rules_[index].HasMethod(method)) first = index;
  });
  if (first == rules_.size()) return RouteDenied{RouteDenial::kNoRule, {}};
  return Decide(first, segments);
}

RouteDecision RouteRules::Decide(size_t index, const std::vector<absl::string_view>& segments) const {
  const RouteRule& rule = rules_[index];
  const RoutePlace place = {index + 1, rule.line};
  if (std::holds_alternative<RouteRule::Public>(rule.effect)) return RoutePublic{place};
  const auto* check = std::get_if<RouteRule::Check>(&rule.effect);
  if (check == nullptr) return RouteDenied{RouteDenial::kDenyRule, place};
  absl::StatusOr<Resource> resource = check->resource.Fill(segments);
  if (!resource.ok()) return RouteDenied{RouteDenial::kResourceMalformed, place};
  return RouteCheck{check->permission, *std::move(resource), check->audience, place};
}

}  // namespace identity
