#include "server/base/encoding/base32.h"

#include <cstddef>
#include <cstdint>

namespace identity {

std::string Base32Encode(absl::string_view bytes, absl::string_view alphabet) {
  std::string text((bytes.size() * 8 + 4) / 5, '\0');
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t bit = i * 5;
    const size_t byte = bit / 8;
    uint32_t window = static_cast<uint32_t>(static_cast<uint8_t>(bytes[byte])) << 8;
    if (byte + 1 < bytes.size()) window |= static_cast<uint8_t>(bytes[byte + 1]);
    text[i] = alphabet[(window >> (11 - bit % 8)) & 31];
  }
  return text;
}

}  // namespace identity
