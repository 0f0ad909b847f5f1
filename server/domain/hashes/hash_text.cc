#include "server/domain/hashes/hash_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "server/base/encoding/base64url.h"
#include "server/base/sodium.h"

namespace identity::hashes {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;

}  // namespace

bool ReadParameter(absl::string_view text, absl::string_view name, uint64_t min, uint64_t max, uint64_t* value) {
  if (!absl::ConsumePrefix(&text, name) || text.empty() || text.front() == '0') return false;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  return digits && absl::SimpleAtoi(text, value) && *value >= min && *value <= max;
}

std::string DecodeBase64(absl::string_view text) {
  std::string bytes;
  Base64Decode(text, Base64Padding::kNone, &bytes);
  return bytes;
}

std::string EncodeBase64(absl::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), Unsigned(bytes), bytes.size(), kVariant);
  text.pop_back();  // its NUL
  return text;
}

bool EndsWithNul(absl::string_view password) { return !password.empty() && password.back() == '\0'; }

}  // namespace identity::hashes
