#include "server/base/encoding/strict_json.h"

#include <simdjson.h>

#include <cstdint>
#include <string>

#include "absl/strings/match.h"

namespace identity {
namespace {

constexpr size_t kMostBytesKept = 16 * 1024;

using Json = nlohmann::json;
using Element = simdjson::dom::element;

// False when `from` has more than `levels` levels, or an object with two members of one name.
bool Convert(const Element& from, size_t levels, Json& to);

bool ConvertObject(const simdjson::dom::object& from, size_t levels, Json& to) {
  if (levels == 0) return false;
  to = Json::object();
  auto& members = to.get_ref<Json::object_t&>();
  for (const auto& member : from) {
    const auto [added, is_new] = members.emplace(std::string(member.key), nullptr);
    if (!is_new || !Convert(member.value, levels - 1, added->second)) return false;
  }
  return true;
}

bool ConvertArray(const simdjson::dom::array& from, size_t levels, Json& to) {
  if (levels == 0) return false;
  to = Json::array();
  for (const Element& element : from) {
    if (!Convert(element, levels - 1, to.emplace_back())) return false;
  }
  return true;
}

bool Convert(const Element& from, size_t levels, Json& to) {
  using Type = simdjson::dom::element_type;
  switch (from.type()) {
    case Type::OBJECT:
      return ConvertObject(from.get_object().value_unsafe(), levels, to);
    case Type::ARRAY:
      return ConvertArray(from.get_array().value_unsafe(), levels, to);
    case Type::STRING:
      to = std::string(from.get_string().value_unsafe());
      return true;
    case Type::INT64: {
      const int64_t number = from.get_int64().value_unsafe();
      // As nlohmann's own parser does.
      to = number < 0 ? Json(number) : Json(static_cast<uint64_t>(number));
      return true;
    }
    case Type::UINT64:
      to = from.get_uint64().value_unsafe();
      return true;
    case Type::DOUBLE:
      to = from.get_double().value_unsafe();
      return true;
    case Type::BOOL:
      to = from.get_bool().value_unsafe();
      return true;
    case Type::NULL_VALUE:
      to = nullptr;
      return true;
    default:  // a type that a later version may add, such as longer integers
      return false;
  }
}

}  // namespace

Json ParseStrictJson(absl::string_view text) {
  // Its memory is as large as the longest text so far. A thread keeps that of short texts, which are most.
  thread_local simdjson::dom::parser kept;
  simdjson::dom::parser for_long_text;
  simdjson::dom::parser& parser = text.size() <= kMostBytesKept ? kept : for_long_text;
  Element root;
  Json json;
  // An empty text may have no address, which the parser would copy from. Only some versions of the parser skip a byte
  // order mark (RFC 8259, section 8.1, allows both).
  const bool good = !text.empty() && !absl::StartsWith(text, "\xef\xbb\xbf") &&
                    parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS &&
                    Convert(root, kMaxJsonDepth, json);
  if (!good) return Json(Json::value_t::discarded);
  return json;
}

}  // namespace identity
