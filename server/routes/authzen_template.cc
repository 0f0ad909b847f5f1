#include "server/routes/authzen_template.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"

namespace identity {
namespace {

constexpr char kRest[] = "id...";

bool IsVariable(absl::string_view name) {
  return name == "type" || name == "id" || name == kRest || name == "action" || IsPropertyName(name);
}

// nullopt: the question has no such value.
absl::optional<std::string> ValueOf(const AuthZenQuestion& question, absl::string_view variable) {
  if (variable == "type") return question.resource.type;
  if (variable == "id" || variable == kRest) return question.resource.id;
  if (variable == "action") return question.action.id;
  const absl::optional<std::string>* const property = PropertyOf(question, variable);
  return property == nullptr ? absl::nullopt : *property;
}

}  // namespace

bool IsPropertyName(absl::string_view name) {
  for (const absl::string_view entity : {"subject.", "action.", "resource."}) {
    absl::string_view property = name;
    if (!absl::ConsumePrefix(&property, entity)) continue;
    return !property.empty() && std::all_of(property.begin(), property.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
    });
  }
  return false;
}

const absl::optional<std::string>* PropertyOf(const AuthZenQuestion& question, absl::string_view name) {
  const std::vector<absl::string_view> parts = absl::StrSplit(name, absl::MaxSplits('.', 1));
  if (parts.size() != 2) return nullptr;
  const AuthZenEntity& entity = parts[0] == "subject"  ? question.subject
                                : parts[0] == "action" ? question.action
                                                       : question.resource;
  const auto found = entity.properties.find(parts[1]);
  return found == entity.properties.end() ? nullptr : &found->second;
}

absl::StatusOr<AuthZenTemplate> AuthZenTemplate::Parse(absl::string_view text) {
  AuthZenTemplate parsed;
  if (text.empty()) return InvalidField("template", "must not be empty");
  while (!text.empty()) {
    const size_t open = text.find('{');
    if (text.substr(0, open).find('}') != absl::string_view::npos) {
      return InvalidField("template", "has a } without its {");
    }
    if (open != 0) parsed.parts_.push_back({false, std::string(text.substr(0, open))});
    if (open == absl::string_view::npos) break;
    const size_t close = text.find('}', open);
    if (close == absl::string_view::npos) return InvalidField("template", "has a { without its }");
    const absl::string_view name = text.substr(open + 1, close - open - 1);
    if (!IsVariable(name)) {
      return InvalidField("template", absl::StrCat("has the unknown variable {", name, "}"));
    }
    text.remove_prefix(close + 1);
    if (name == kRest && !text.empty()) return InvalidField("template", "must end with {id...}");
    parsed.parts_.push_back({true, std::string(name)});
  }
  return parsed;
}

absl::optional<std::string> AuthZenTemplate::Fill(const AuthZenQuestion& question) const {
  std::string filled;
  for (const Part& part : parts_) {
    if (!part.is_variable) {
      filled += part.text;
      continue;
    }
    const absl::optional<std::string> value = ValueOf(question, part.text);
    if (!value || value->empty() || (part.text != kRest && absl::StrContains(*value, '/'))) return absl::nullopt;
    filled += *value;
  }
  return filled;
}

bool AuthZenTemplate::HasWholeSegments() const {
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (!parts_[i].is_variable) continue;
    const bool begins = i == 0 || (!parts_[i - 1].is_variable && absl::EndsWith(parts_[i - 1].text, "/"));
    const bool ends =
        i + 1 == parts_.size() || (!parts_[i + 1].is_variable && absl::StartsWith(parts_[i + 1].text, "/"));
    if (!begins || !ends) return false;
  }
  return true;
}

std::string AuthZenTemplate::Sample() const {
  std::string sample;
  for (const Part& part : parts_) sample += part.is_variable ? "x" : part.text;
  return sample;
}

AuthZenTemplate::Reversed AuthZenTemplate::Reverse(const AuthZenQuestion& question, absl::string_view path) const {
  // A binding on a parent gives the permission on whatever is below.
  if (path.empty()) return {"", true};
  const std::string whole = absl::StrCat(path, "/");
  absl::string_view rest = whole;
  std::string id;
  for (const Part& part : parts_) {
    if (part.is_variable && (part.text == "id" || part.text == kRest)) {
      // The path ends before the id: all ids.
      if (rest.empty()) return {"", true};
      const size_t end = part.text == kRest ? rest.size() - 1 : rest.find('/');
      const absl::string_view found = rest.substr(0, end);
      if (!id.empty() && id != found) return {"", false};
      id = std::string(found);
      rest.remove_prefix(end);
      if (part.text == kRest) return {id, true};
      continue;
    }
    absl::optional<std::string> value = part.is_variable ? ValueOf(question, part.text) : part.text;
    if (!value) value = std::string(rest.substr(0, rest.find('/')));  // any value of a property that is not given
    if (part.is_variable && (value->empty() || absl::StrContains(*value, '/'))) return {"", false};  // as in Fill
    if (absl::StartsWith(*value, rest)) return {id, id.empty()};  // the path ends within this text
    if (!absl::ConsumePrefix(&rest, *value)) return {"", false};
  }
  // Below the resource itself there is no other one of its type.
  return rest == "/" ? Reversed{id, false} : Reversed{"", false};
}

}  // namespace identity
