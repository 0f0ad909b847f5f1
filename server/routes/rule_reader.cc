// Reads rules from YAML. The grammar is in route_rules.h.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/routes/request_host.h"
#include "server/routes/route_rule.h"
#include "server/routes/yaml_reader.h"

namespace identity {
namespace {

constexpr size_t kMaxRules = 10'000;

// "" for text that is no host or pattern in its normal form.
std::string HostPattern(const std::string& text) {
  absl::string_view name = text;
  if (absl::ConsumePrefix(&name, "*.")) return IsHostName(name) ? absl::StrCat(".", name) : "";
  return NormalizeHost(text) == text ? text : "";
}

absl::StatusOr<std::vector<std::string>> ReadHosts(const YamlNode* node) {
  if (node == nullptr) return std::vector<std::string>();
  ASSIGN_OR_RETURN(std::vector<std::string> hosts, ReadTexts(*node));
  for (std::string& host : hosts) {
    host = HostPattern(host);
    if (host.empty()) {
      return RefusedNode(
          *node,
          "must be names in lower case, such as shop.example.com or *.example.com, or addresses, such as "
          "192.0.2.1 or [2001:db8::1], without ports");
    }
  }
  return hosts;
}

absl::StatusOr<std::vector<std::string>> ReadMethods(const YamlNode* node) {
  if (node == nullptr) return std::vector<std::string>();
  ASSIGN_OR_RETURN(std::vector<std::string> methods, ReadTexts(*node));
  if (!std::all_of(methods.begin(), methods.end(), IsMethod)) {
    return RefusedNode(*node, "must be methods in capitals, such as GET");
  }
  std::sort(methods.begin(), methods.end());
  return methods;
}

absl::StatusOr<PathTemplate> ReadPath(const YamlNode& rule) {
  const YamlNode* const node = Find(rule, "path");
  if (node == nullptr) return RefusedNode(rule, "the rule must have a path; write /** for any");
  ASSIGN_OR_RETURN(const std::string text, ReadText(*node));
  auto path = PathTemplate::Parse(text);
  if (!path.ok()) return AtLineOf(*node, path.status());
  return path;
}

absl::StatusOr<RouteRule::Check> ReadCheck(const YamlNode& rule, const PathTemplate& path) {
  const YamlNode& node = *Find(rule, "permission");
  ASSIGN_OR_RETURN(const std::string text, ReadText(node));
  auto permission = Permission::Parse(text);
  if (!permission.ok()) return AtLineOf(node, permission.status());
  RouteRule::Check check = {*std::move(permission), {}, ""};
  if (const YamlNode* const resource = Find(rule, "resource")) {
    ASSIGN_OR_RETURN(const std::string resource_text, ReadText(*resource));
    auto parsed = ResourceTemplate::Parse(resource_text, path);
    if (!parsed.ok()) return AtLineOf(*resource, parsed.status());
    check.resource = *std::move(parsed);
  }
  if (const YamlNode* const audience = Find(rule, "audience")) {
    ASSIGN_OR_RETURN(check.audience, ReadText(*audience));
    if (const absl::Status valid = CheckAudience(check.audience); !valid.ok()) return AtLineOf(*audience, valid);
  }
  return check;
}

// `public` and `deny` have no value but true.
absl::Status CheckTrue(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kText && node.text == "true") return absl::OkStatus();
  return RefusedNode(node, "must be true; leave the key out otherwise");
}

absl::Status CheckOneEffect(const YamlNode& rule) {
  int effects = 0;
  for (const char* key : {"permission", "public", "deny"}) effects += Find(rule, key) != nullptr ? 1 : 0;
  if (effects != 1) return RefusedNode(rule, "the rule must have one of permission, public and deny");
  if (Find(rule, "permission") != nullptr) return absl::OkStatus();
  for (const char* key : {"resource", "audience"}) {
    if (const YamlNode* const node = Find(rule, key)) return RefusedNode(*node, "must be beside a permission");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::variant<RouteRule::Deny, RouteRule::Public, RouteRule::Check>> ReadEffect(
    const YamlNode& rule, const PathTemplate& path) {
  RETURN_IF_ERROR(CheckOneEffect(rule));
  if (const YamlNode* const deny = Find(rule, "deny")) {
    RETURN_IF_ERROR(CheckTrue(*deny));
    return RouteRule::Deny();
  }
  if (const YamlNode* const open = Find(rule, "public")) {
    RETURN_IF_ERROR(CheckTrue(*open));
    return RouteRule::Public();
  }
  return ReadCheck(rule, path);
}

absl::StatusOr<RouteRule> ReadRule(const YamlNode& node) {
  RETURN_IF_ERROR(
      CheckKeys(node, "a rule", {"hosts", "methods", "path", "permission", "resource", "audience", "public", "deny"}));
  RouteRule rule;
  rule.line = node.line;
  ASSIGN_OR_RETURN(rule.hosts, ReadHosts(Find(node, "hosts")));
  ASSIGN_OR_RETURN(rule.methods, ReadMethods(Find(node, "methods")));
  ASSIGN_OR_RETURN(rule.path, ReadPath(node));
  ASSIGN_OR_RETURN(rule.effect, ReadEffect(node, rule.path));
  return rule;
}

}  // namespace

absl::StatusOr<std::vector<RouteRule>> ReadRouteRules(const YamlNode& document) {
  if (document.kind == YamlNode::Kind::kEmpty) return InvalidField("line 1", "the file must not be empty");
  RETURN_IF_ERROR(CheckKeys(document, "the file", {"version", "rules", "authzen"}));
  const YamlNode* const version = Find(document, "version");
  if (version == nullptr || version->text != "1") {
    return RefusedNode(version == nullptr ? document : *version, "the file must have version: 1");
  }
  const YamlNode* const list = Find(document, "rules");
  if (list == nullptr && Find(document, "authzen") != nullptr) return std::vector<RouteRule>();
  if (list == nullptr || list->kind != YamlNode::Kind::kList) {
    return RefusedNode(list == nullptr ? document : *list, "the file must have rules, as a list");
  }
  if (list->nodes.size() > kMaxRules) return RefusedNode(*list, absl::StrCat("must be at most ", kMaxRules));
  std::vector<RouteRule> rules;
  rules.reserve(list->nodes.size());
  for (const YamlNode& node : list->nodes) {
    ASSIGN_OR_RETURN(RouteRule rule, ReadRule(node));
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace identity
