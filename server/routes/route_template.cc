#include "server/routes/route_template.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/routes/request_path.h"

namespace identity {
namespace {

constexpr size_t kMaxTemplateBytes = 1024;
constexpr size_t kMaxTemplateSegments = 32;
constexpr size_t kMaxNameBytesOfVariable = 32;

absl::Status RefusedPath(absl::string_view rule) { return InvalidField("path", rule); }
absl::Status RefusedResource(absl::string_view rule) { return InvalidField("resource", rule); }

bool IsVariableName(absl::string_view text) {
  if (text.empty() || text.size() > kMaxNameBytesOfVariable) return false;
  if (!absl::ascii_islower(static_cast<unsigned char>(text[0]))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '_';
  });
}

// Removes the braces around a variable. False when `text` has none.
bool ConsumeBraces(absl::string_view& text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return false;
  text = text.substr(1, text.size() - 2);
  return true;
}

// The path of a request is never equal to a literal with other characters, so that the rule would never match.
absl::Status CheckLiteral(absl::string_view text) {
  if (text.empty()) return RefusedPath("must not have two slashes in a row, or one at the end, which never matters");
  if (IsDotSegment(text)) return RefusedPath("must not have a segment '.' or '..'");
  if (absl::StrContains(text, "*")) return RefusedPath("must have ** only as its last segment, and no other *");
  if (absl::StrContains(text, "{") || absl::StrContains(text, "}")) {
    return RefusedPath("must have braces only around a whole segment, and {name...} only as the last one");
  }
  if (!std::all_of(text.begin(), text.end(), IsPathCharacter)) {
    return RefusedPath(
        "must have only [A-Za-z0-9] and -._~!$&'()+,=:@ in a segment. Escapes such as %40 are decoded before the "
        "comparison: write the character itself");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PathTemplate> PathTemplate::Parse(absl::string_view text) {
  if (text.size() > kMaxTemplateBytes)
    return RefusedPath(absl::StrCat("must be at most ", kMaxTemplateBytes, " bytes"));
  PathTemplate path;
  if (!absl::ConsumePrefix(&text, "/")) return RefusedPath("must begin with a slash");
  if (text.empty()) return path;
  const std::vector<absl::string_view> segments = absl::StrSplit(text, '/');
  if (segments.size() > kMaxTemplateSegments) {
    return RefusedPath(absl::StrCat("must have at most ", kMaxTemplateSegments, " segments"));
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    RETURN_IF_ERROR(path.AddSegment(segments[i], i + 1 == segments.size()));
  }
  return path;
}

absl::Status PathTemplate::AddSegment(absl::string_view text, bool is_last) {
  if (is_last && text == "**") {
    rest_ = Rest::kAny;
    return absl::OkStatus();
  }
  absl::string_view name = text;
  if (ConsumeBraces(name)) {
    const bool is_rest = is_last && absl::ConsumeSuffix(&name, "...");
    return AddVariable(name, is_rest ? Rest::kSome : Rest::kNone);
  }
  RETURN_IF_ERROR(CheckLiteral(text));
  segments_.push_back({false, std::string(text)});
  return absl::OkStatus();
}

absl::Status PathTemplate::AddVariable(absl::string_view name, Rest rest) {
  if (!IsVariableName(name)) {
    return RefusedPath("must have variables whose names are [a-z][a-z0-9_]{0,31}, and {name...} only at its end");
  }
  if (PlaceOf(name)) return RefusedPath(absl::StrCat("must have the variable {", name, "} only once"));
  if (rest == Rest::kNone) {
    segments_.push_back({true, std::string(name)});
  } else {
    rest_ = rest;
    rest_name_ = std::string(name);
  }
  return absl::OkStatus();
}

absl::optional<size_t> PathTemplate::PlaceOf(absl::string_view name) const {
  for (size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i].is_variable && segments_[i].text == name) return i;
  }
  if (rest_ == Rest::kSome && rest_name_ == name) return segments_.size();
  return absl::nullopt;
}

absl::StatusOr<ResourceTemplate> ResourceTemplate::Parse(absl::string_view text, const PathTemplate& path) {
  ResourceTemplate parsed;
  if (text.empty()) return parsed;
  for (absl::string_view part : absl::StrSplit(text, '/')) {
    if (part.empty()) return RefusedResource("must not begin or end with a slash, or have two slashes in a row");
    if (!ConsumeBraces(part)) {
      RETURN_IF_ERROR(Resource::Parse(part).status());
      parsed.parts_.emplace_back(std::string(part));
      continue;
    }
    const absl::optional<size_t> place = path.PlaceOf(part);
    if (!place) return RefusedResource("has a variable that the path does not have");
    parsed.parts_.emplace_back(Place{*place, *place == path.segments().size()});
  }
  if (parsed.parts_.size() > kMaxTemplateSegments) {
    return RefusedResource(absl::StrCat("must have at most ", kMaxTemplateSegments, " segments"));
  }
  return parsed;
}

absl::StatusOr<Resource> ResourceTemplate::Fill(const std::vector<absl::string_view>& segments) const {
  std::string filled;
  absl::string_view separator;
  const auto append = [&](absl::string_view segment) {
    absl::StrAppend(&filled, separator, segment);
    separator = "/";
  };
  for (const Part& part : parts_) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      append(*literal);
      continue;
    }
    const Place& place = std::get<Place>(part);
    const size_t end = place.is_rest ? segments.size() : place.begin + 1;
    for (size_t i = place.begin; i < end; ++i) append(segments.at(i));
  }
  return Resource::Parse(filled);
}

}  // namespace identity
