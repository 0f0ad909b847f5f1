#include "db/text_format.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace identity::text_format {
namespace {

// Removes one element from the front of `rest`. False when there is none.
bool TakeElement(absl::string_view* rest, std::string* element) {
  element->clear();
  const bool quoted = absl::ConsumePrefix(rest, "\"");
  while (!rest->empty()) {
    const char c = rest->front();
    if (quoted ? c == '"' : c == ',' || c == '}') break;
    rest->remove_prefix(1);
    if (c != '\\') {
      element->push_back(c);
      continue;
    }
    if (rest->empty()) return false;
    element->push_back(rest->front());
    rest->remove_prefix(1);
  }
  if (!quoted && *element == "NULL") element->clear();
  return !quoted || absl::ConsumePrefix(rest, "\"");
}

}  // namespace

std::string EncodeTexts(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const std::string& text : texts) {
    absl::StrAppend(&array, array.size() == 1 ? "\"" : ",\"");
    for (const char c : text) {
      if (c == '"' || c == '\\') array.push_back('\\');
      array.push_back(c);
    }
    array.push_back('"');
  }
  array.push_back('}');
  return array;
}

absl::optional<std::vector<std::string>> DecodeTexts(absl::string_view array) {
  std::vector<std::string> texts;
  if (array == "{}") return texts;
  if (!absl::ConsumePrefix(&array, "{")) return absl::nullopt;
  std::string element;
  do {
    // A bare brace is an array of arrays.
    if (absl::StartsWith(array, "{") || !TakeElement(&array, &element)) return absl::nullopt;
    texts.push_back(element);
  } while (absl::ConsumePrefix(&array, ","));
  if (array != "}") return absl::nullopt;
  return texts;
}

std::string EncodeBytes(absl::string_view bytes) { return absl::StrCat("\\x", absl::BytesToHexString(bytes)); }

// The signature of Abseil's own function differs between versions.
absl::optional<std::string> DecodeBytes(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "\\x") || text.size() % 2 != 0) return absl::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (; !text.empty(); text.remove_prefix(2)) {
    uint32_t byte = 0;
    if (!absl::SimpleHexAtoi(text.substr(0, 2), &byte)) return absl::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

std::string EncodeTime(absl::Time time) {
  if (time == absl::InfiniteFuture()) return "infinity";
  if (time == absl::InfinitePast()) return "-infinity";
  return absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S+00", time, absl::UTCTimeZone());
}

absl::optional<absl::Time> DecodeTime(absl::string_view text) {
  if (text == "infinity") return absl::InfiniteFuture();
  if (text == "-infinity") return absl::InfinitePast();
  absl::Time time;
  std::string error;
  if (!absl::ConsumeSuffix(&text, "+00") ||
      !absl::ParseTime("%Y-%m-%d %H:%M:%E*S", text, absl::UTCTimeZone(), &time, &error)) {
    return absl::nullopt;
  }
  return time;
}

}  // namespace identity::text_format
