#include "server/routes/authzen_rules.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/status_macros.h"
#include "server/routes/yaml_reader.h"

namespace identity {
namespace {

constexpr size_t kMaxAuthZenRules = 1000;
constexpr char kUsualResource[] = "{type}/{id...}";

absl::StatusOr<AuthZenTemplate> ReadTemplate(const YamlNode& rule, absl::string_view key) {
  const YamlNode* const node = Find(rule, key);
  if (node == nullptr) return RefusedNode(rule, absl::StrCat("the rule must have a ", key));
  ASSIGN_OR_RETURN(const std::string text, ReadText(*node));
  auto parsed = AuthZenTemplate::Parse(text);
  if (!parsed.ok()) return AtLineOf(*node, parsed.status());
  return parsed;
}

}  // namespace

AuthZenRules::AuthZenRules() { rules_.push_back({"", {}, {}, absl::nullopt, *AuthZenTemplate::Parse(kUsualResource)}); }

absl::StatusOr<AuthZenRules> AuthZenRules::Read(const YamlNode& document) {
  const YamlNode* const list = Find(document, "authzen");
  AuthZenRules read;
  if (list == nullptr) return read;
  if (list->kind != YamlNode::Kind::kList) return RefusedNode(*list, "must be a list of rules");
  if (list->nodes.size() > kMaxAuthZenRules)
    return RefusedNode(*list, absl::StrCat("must be at most ", kMaxAuthZenRules, " rules"));
  read.rules_.clear();
  for (const YamlNode& node : list->nodes) {
    ASSIGN_OR_RETURN(Rule rule, ReadRule(node));
    read.rules_.push_back(std::move(rule));
  }
  return read;
}

absl::StatusOr<AuthZenRules::Rule> AuthZenRules::ReadRule(const YamlNode& node) {
  RETURN_IF_ERROR(CheckKeys(node, "a rule", {"type", "actions", "when", "permission", "resource"}));
  Rule rule = {"", {}, {}, absl::nullopt, *AuthZenTemplate::Parse(kUsualResource)};
  const YamlNode* const type = Find(node, "type");
  if (type == nullptr || type->text.empty()) return RefusedNode(node, "the rule must have a type");
  ASSIGN_OR_RETURN(rule.type, ReadText(*type));
  if (const YamlNode* const actions = Find(node, "actions")) {
    ASSIGN_OR_RETURN(rule.actions, ReadTexts(*actions));
  }
  if (const YamlNode* const when = Find(node, "when")) {
    ASSIGN_OR_RETURN(const std::vector<std::string> texts, ReadTexts(*when));
    for (const std::string& text : texts) {
      const std::vector<std::string> sides = absl::StrSplit(text, absl::MaxSplits('=', 1));
      if (sides.size() != 2 || !IsPropertyName(sides[0])) {
        return RefusedNode(*when, "must be properties and their values, such as resource.status=archived");
      }
      rule.conditions.push_back({sides[0], sides[1]});
    }
  }
  ASSIGN_OR_RETURN(AuthZenTemplate permission, ReadTemplate(node, "permission"));
  ASSIGN_OR_RETURN(rule.resource, ReadTemplate(node, "resource"));
  if (const auto sample = Permission::Parse(permission.Sample()); !sample.ok()) {
    return AtLineOf(*Find(node, "permission"), sample.status());
  }
  if (!rule.resource.HasWholeSegments()) {
    return RefusedNode(*Find(node, "resource"), "must have variables only as whole segments, such as records/{id}");
  }
  if (const auto sample = Resource::Parse(rule.resource.Sample()); !sample.ok()) {
    return AtLineOf(*Find(node, "resource"), sample.status());
  }
  rule.permission = std::move(permission);
  return rule;
}

bool AuthZenRules::Rule::IsFor(const AuthZenQuestion& question) const {
  return (type.empty() || type == question.resource.type) &&
         (actions.empty() || std::find(actions.begin(), actions.end(), question.action.id) != actions.end());
}

absl::optional<Permission> AuthZenRules::Rule::PermissionFor(const AuthZenQuestion& question) const {
  absl::optional<std::string> text;
  if (permission) {
    text = permission->Fill(question);
  } else {
    const std::string& action = question.action.id;
    text = absl::StrContains(action, ':') ? action : absl::StrCat(question.resource.type, ":", action);
  }
  if (!text) return absl::nullopt;
  const absl::StatusOr<Permission> parsed = Permission::Parse(*text);
  if (!parsed.ok()) return absl::nullopt;
  return *parsed;
}

AuthZenRules::Match AuthZenRules::Meets(const Rule& rule, const AuthZenQuestion& question, absl::string_view open) {
  if (!rule.IsFor(question)) return Match::kNo;
  Match match = Match::kYes;
  for (const Condition& condition : rule.conditions) {
    const absl::optional<std::string>* const value = PropertyOf(question, condition.property);
    if (value != nullptr && !value->has_value()) return Match::kMalformed;
    if (value != nullptr && **value != condition.value) return Match::kNo;
    if (value != nullptr) continue;
    if (open.empty() || !absl::StartsWith(condition.property, open)) return Match::kNo;
    match = Match::kUnknown;
  }
  return match;
}

bool AuthZenRules::DependsOnSubject(const AuthZenQuestion& question) const {
  for (const Rule& rule : rules_) {
    const Match match = Meets(rule, question, "subject.");
    if (match != Match::kNo) return match == Match::kUnknown;
  }
  return false;
}

absl::optional<AuthZenRules::Check> AuthZenRules::Map(const AuthZenQuestion& question) const {
  Match match = Match::kNo;
  const auto rule = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& candidate) {
    match = Meets(candidate, question);
    return match != Match::kNo;
  });
  if (rule == rules_.end() || match != Match::kYes) return absl::nullopt;
  absl::optional<Permission> permission = rule->PermissionFor(question);
  const absl::optional<std::string> path = rule->resource.Fill(question);
  if (!permission || !path) return absl::nullopt;
  absl::StatusOr<Resource> resource = Resource::Parse(*path);
  if (!resource.ok()) return absl::nullopt;
  return Check{*std::move(permission), *std::move(resource)};
}

AuthZenRules::Search AuthZenRules::MapSearch(const AuthZenQuestion& question) const {
  Search search;
  for (const Rule& rule : rules_) {
    const Match match = Meets(rule, question, "resource.");
    if (match == Match::kNo) continue;
    if (match == Match::kMalformed) break;
    if (absl::optional<Permission> permission = rule.PermissionFor(question)) {
      search.candidates.push_back({*std::move(permission), &rule.resource});
    } else {
      search.complete = false;
    }
    if (match == Match::kYes) break;  // no later rule decides
  }
  return search;
}

absl::optional<std::vector<std::string>> AuthZenRules::ActionsOf(absl::string_view type) const {
  std::set<std::string> names;
  for (const Rule& rule : rules_) {
    if (!rule.type.empty() && rule.type != type) continue;
    if (rule.actions.empty()) return absl::nullopt;
    names.insert(rule.actions.begin(), rule.actions.end());
  }
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace identity
