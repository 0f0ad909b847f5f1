#include "server/base/encoding/utf8.h"

#include <cstring>

namespace identity {
namespace {

// What the first byte of a sequence determines.
struct Lead {
  size_t size;        // 0 when no sequence begins with this byte
  uint32_t bits;      // of the code point, in the first byte
  uint32_t smallest;  // the lowest code point that is allowed at this size
};

Lead ReadLead(uint8_t byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xc0 && byte < 0xe0) return {2, byte & 0x1fu, 0x80};
  if (byte >= 0xe0 && byte < 0xf0) return {3, byte & 0x0fu, 0x800};
  if (byte >= 0xf0 && byte < 0xf8) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

// Looks at 8 bytes at a time.
bool IsAscii(absl::string_view text) {
  uint64_t bits = 0;  // of all bytes
  for (; text.size() >= sizeof bits; text.remove_prefix(sizeof bits)) {
    uint64_t word;
    std::memcpy(&word, text.data(), sizeof word);
    bits |= word;
  }
  for (const char c : text) bits |= static_cast<uint8_t>(c);
  return (bits & 0x8080808080808080u) == 0;
}

}  // namespace

absl::optional<uint32_t> ConsumeCodePoint(absl::string_view& text) {
  const Lead lead = ReadLead(static_cast<uint8_t>(text.front()));
  if (lead.size == 0 || lead.size > text.size()) return absl::nullopt;
  uint32_t code_point = lead.bits;
  for (size_t i = 1; i < lead.size; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xc0) != 0x80) return absl::nullopt;
    code_point = (code_point << 6) | (byte & 0x3fu);
  }
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (code_point < lead.smallest || code_point > 0x10ffff || surrogate) return absl::nullopt;
  text.remove_prefix(lead.size);
  return code_point;
}

bool IsUtf8(absl::string_view text) {
  if (IsAscii(text)) return true;  // the usual text needs no closer look
  while (!text.empty()) {
    if (!ConsumeCodePoint(text)) return false;
  }
  return true;
}

size_t CharacterCount(absl::string_view text) {
  size_t count = 0;
  for (absl::string_view rest = text; !rest.empty(); ++count) {
    if (!ConsumeCodePoint(rest)) return text.size();
  }
  return count;
}

}  // namespace identity
