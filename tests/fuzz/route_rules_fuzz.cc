#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/routes/request_host.h"
#include "server/routes/request_path.h"
#include "server/routes/route_rules.h"
#include "server/routes/yaml_text.h"
#include "tests/fuzz/fuzz.h"

// Input: a request in the first line, as METHOD HOST TARGET, then a file of route rules.
namespace identity {
namespace {

bool PathMatches(const PathTemplate& path, const std::vector<absl::string_view>& segments) {
  const size_t size = path.segments().size();
  if (segments.size() < size) return false;
  for (size_t i = 0; i < size; ++i) {
    if (!path.segments()[i].is_variable && path.segments()[i].text != segments[i]) return false;
  }
  if (path.rest() == PathTemplate::Rest::kAny) return true;
  return path.rest() == PathTemplate::Rest::kSome ? segments.size() > size : segments.size() == size;
}

bool HostMatches(const RouteRule& rule, const std::string& host) {
  return rule.hosts.empty() || std::any_of(rule.hosts.begin(), rule.hosts.end(), [&host](const std::string& pattern) {
           return host == pattern ||
                  (pattern[0] == '.' && absl::EndsWith(host, pattern) && host.size() > pattern.size());
         });
}

// The definition, without the index: the number of the first rule that matches, or 0.
size_t FirstMatch(const std::vector<RouteRule>& rules, const std::string& method, const std::string& host,
                  const std::vector<absl::string_view>& segments) {
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].HasMethod(method) && HostMatches(rules[i], host) && PathMatches(rules[i].path, segments)) return i + 1;
  }
  return 0;
}

void FuzzRouteRules(absl::string_view input) {
  const std::vector<std::string> request = absl::StrSplit(TakeUntil('\n', input), absl::MaxSplits(' ', 2));
  const absl::StatusOr<RouteRules> rules = RouteRules::Parse(input);
  if (!rules.ok()) {
    Require(absl::StartsWith(rules.status().message(), "line "), "an error names its line");
    return;
  }
  if (request.size() < 3) return;
  const RouteDecision decision = rules->Match(request[0], request[1], request[2]);
  const size_t number = std::visit([](const auto& made) { return made.place.number; }, decision);
  const absl::optional<std::string> host = NormalizeHost(request[1]);
  const auto path = RequestPath::Parse(request[2]);
  if (!IsMethod(request[0]) || !host || !std::holds_alternative<RequestPath>(path)) {
    Require(std::holds_alternative<RouteDenied>(decision) && number == 0, "a malformed request is denied");
    return;
  }
  const auto read = ReadRouteRules(*ParseYaml(input));
  Require(read.ok() && read->size() == rules->size(), "a file is read in one way");
  Require(number == FirstMatch(*read, request[0], *host, std::get<RequestPath>(path).Segments()),
          "the first rule that matches decides");
  Require(number != 0 || std::holds_alternative<RouteDenied>(decision), "what no rule matches is denied");
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(route_rules, identity::FuzzRouteRules)
