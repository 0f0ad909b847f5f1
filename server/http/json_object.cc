#include "server/http/json_object.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace identity {
namespace {

bool StandsForItself(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

void JsonObject::BeginMember(absl::string_view name) {
  if (text_.size() > 1) text_.push_back(',');
  text_.push_back('"');
  text_.append(name.data(), name.size());
  text_.append("\":");
}

void JsonObject::AppendQuoted(absl::string_view text) {
  if (std::all_of(text.begin(), text.end(), StandsForItself)) {
    text_.push_back('"');
    text_.append(text.data(), text.size());
    text_.push_back('"');
  } else {
    text_ += nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}

void JsonObject::AddText(absl::string_view name, absl::string_view value) {
  BeginMember(name);
  AppendQuoted(value);
}

void JsonObject::AddNumber(absl::string_view name, int64_t value) {
  BeginMember(name);
  absl::StrAppend(&text_, value);
}

void JsonObject::AddBool(absl::string_view name, bool value) {
  BeginMember(name);
  text_ += value ? "true" : "false";
}

void JsonObject::AddObject(absl::string_view name, JsonObject value) {
  BeginMember(name);
  text_ += std::move(value).Finish();
}

void JsonObject::AddObjects(absl::string_view name, std::vector<JsonObject> values) {
  BeginMember(name);
  text_.push_back('[');
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text_.push_back(',');
    text_ += std::move(values[i]).Finish();
  }
  text_.push_back(']');
}

std::string JsonObject::Finish() && {
  text_.push_back('}');
  return std::move(text_);
}

}  // namespace identity
