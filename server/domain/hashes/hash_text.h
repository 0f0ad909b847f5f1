#ifndef IDENTITY_DOMAIN_HASHES_HASH_TEXT_H_
#define IDENTITY_DOMAIN_HASHES_HASH_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

// The parts of which the texts of hashes consist.
namespace identity::hashes {

// The most bytes that a text of variable length may have.
inline constexpr size_t kMaxTextBytes = 255;

// True when `text` is `name` and a number from `min` to `max` without leading zeros.
bool ReadParameter(absl::string_view text, absl::string_view name, uint64_t min, uint64_t max, uint64_t* value);

// The bytes of base64 text without padding, at most kMaxTextBytes. Empty, which is not a valid salt or hash, for other
// text.
std::string DecodeBase64(absl::string_view text);
std::string EncodeBase64(absl::string_view bytes);

inline bool HasSize(absl::string_view bytes, size_t min, size_t max) {
  return bytes.size() >= min && bytes.size() <= max;
}

// HMAC (RFC 2104) pads its key with NUL. So a function that uses the password as the key takes "x" and "x\0" for equal.
bool EndsWithNul(absl::string_view password);

}  // namespace identity::hashes

#endif  // IDENTITY_DOMAIN_HASHES_HASH_TEXT_H_
