#include "server/base/encoding/strict_json.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"

namespace identity {

nlohmann::json ParseStrictJson(absl::string_view text) {
  using Json = nlohmann::json;
  // The parser would treat a NUL as the end and ignore the rest.
  if (absl::StrContains(text, '\0')) return Json(Json::value_t::discarded);
  bool good = true;
  std::vector<std::set<std::string>> names;  // of the objects that are open, by depth
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    const auto level = static_cast<size_t>(depth);
    if (level > kMaxJsonDepth) good = false;
    if (event == Event::object_start) {
      names.resize(std::max(names.size(), level + 2));
      names[level + 1].clear();
    }
    if (event == Event::key && good) good = names[level].insert(parsed.get<std::string>()).second;
    return good;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  return good ? json : Json(Json::value_t::discarded);
}

}  // namespace identity
