#include "server/base/encoding/json_object.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace identity {
namespace {

// By byte: whether it stands for itself between quotes.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (size_t c = ' '; c <= '~'; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return kPlain[static_cast<unsigned char>(c)]; });
}

std::string Quoted(absl::string_view text) {
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void JsonObject::AddText(absl::string_view name, absl::string_view value) {
  absl::StrAppend(&text_, Separator(), name, "\":");
  AppendQuoted(value);
}

void JsonObject::AddTexts(absl::string_view name, absl::Span<const std::string> values) {
  absl::StrAppend(&text_, Separator(), name, "\":[");
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text_.push_back(',');
    AppendQuoted(values[i]);
  }
  text_.push_back(']');
}

void JsonObject::AddNumber(absl::string_view name, int64_t value) {
  absl::StrAppend(&text_, Separator(), name, "\":", value);
}

void JsonObject::AddBool(absl::string_view name, bool value) {
  absl::StrAppend(&text_, Separator(), name, "\":", value ? "true" : "false");
}

void JsonObject::AddObject(absl::string_view name, JsonObject value) {
  absl::StrAppend(&text_, Separator(), name, "\":", std::move(value).Finish());
}

void JsonObject::AddObjects(absl::string_view name, std::vector<JsonObject> values) {
  absl::StrAppend(&text_, Separator(), name, "\":[");
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text_.push_back(',');
    text_ += std::move(values[i]).Finish();
  }
  text_.push_back(']');
}

void JsonObject::AppendQuoted(absl::string_view value) {
  if (IsPlain(value)) {
    absl::StrAppend(&text_, "\"", value, "\"");
  } else {
    text_ += Quoted(value);
  }
}

std::string JsonObject::Finish() && {
  text_.push_back('}');
  return std::move(text_);
}

}  // namespace identity
