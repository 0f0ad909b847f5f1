#ifndef IDENTITY_JSON_H_
#define IDENTITY_JSON_H_

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace identity {
inline namespace client {

// The value of a JSON text. Discarded if it is malformed or deeper than any token needs, or if one of its objects has
// two members of the same name: another reader could take the other one (RFC 7515, section 4).
inline nlohmann::json ParseJson(absl::string_view text) {
  using Json = nlohmann::json;
  constexpr int kMaxDepth = 16;
  std::vector<std::set<std::string>> names;  // those of each object that has not ended
  bool is_good = true;
  const auto look = [&names, &is_good](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key) is_good = names.back().insert(value.get<std::string>()).second && is_good;
    is_good = is_good && depth <= kMaxDepth;
    return true;
  };
  Json parsed = Json::parse(text, look, /*allow_exceptions=*/false);
  return is_good ? parsed : Json(Json::value_t::discarded);
}

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_JSON_H_
