#include "server/base/encoding/strict_json.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "server/base/secret.h"

namespace identity {
namespace {

constexpr size_t kMostKept = 16 * 1024;  // bytes

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

// A parser and its memory. Each thread keeps one for short texts, because to allocate the memory takes longer than to
// parse a short text.
class Parser {
 public:
  // `root` is valid until `Wipe`.
  bool Parse(absl::string_view text, Element& root) {
    // Only some versions of the parser skip a byte order mark (RFC 8259, section 8.1, allows both).
    if (absl::StartsWith(text, "\xef\xbb\xbf")) return false;
    padded_.reserve(text.size() + simdjson::SIMDJSON_PADDING);  // so that no copy stays behind
    padded_.assign(text.data(), text.size());
    padded_.append(simdjson::SIMDJSON_PADDING, '\0');
    return parser_.parse(padded_.data(), text.size(), false).get(root) == simdjson::SUCCESS;
  }

  // A text of this size may have had credentials.
  void Wipe(size_t text_bytes) {
    identity::Wipe(padded_.data(), padded_.size());
    // The most that the parser uses for the strings of such a text. It may have less memory if it has not read the
    // text.
    const size_t strings = 5 * std::min(text_bytes, parser_.doc.capacity()) / 3;
    if (strings > 0) identity::Wipe(parser_.doc.string_buf.get(), strings);
  }

 private:
  simdjson::dom::parser parser_;
  std::string padded_;
};

}  // namespace

Json ParseStrictJson(absl::string_view text) {
  thread_local Parser kept;
  Parser once;
  Parser& parser = text.size() <= kMostKept ? kept : once;
  const auto wipe = absl::MakeCleanup([&] { parser.Wipe(text.size()); });
  Element root;
  Json json;
  const bool good = parser.Parse(text, root) && Convert(root, kMaxJsonDepth, json);
  if (!good) return Json(Json::value_t::discarded);
  return json;
}

}  // namespace identity
