#include "server/base/encoding/base64url.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "server/base/sodium.h"

namespace identity {
namespace {

bool Decode(absl::string_view text, int variant, std::string* bytes) {
  bytes->assign(text.size() / 4 * 3 + 2, '\0');
  size_t size = 0;
  // libsodium 1.0.18 takes every byte above ASCII for the last digit, so a text would have several forms.
  const bool ascii = std::all_of(text.begin(), text.end(), absl::ascii_isascii);
  // Without an end pointer, the function fails unless it has read the whole text. It also refuses left-over bits.
  const bool decoded = ascii && sodium_base642bin(reinterpret_cast<unsigned char*>(bytes->data()), bytes->size(),
                                                  text.data(), text.size(), nullptr, &size, nullptr, variant) == 0;
  bytes->resize(decoded ? size : 0);
  return decoded;
}

}  // namespace

std::string Base64UrlEncode(absl::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  // The length includes a NUL, which is removed below.
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), Unsigned(bytes), bytes.size(), kVariant);
  text.pop_back();
  return text;
}

bool Base64UrlDecode(absl::string_view text, std::string* bytes) {
  return Decode(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING, bytes);
}

bool Base64Decode(absl::string_view text, Base64Padding padding, std::string* bytes) {
  const bool padded = padding == Base64Padding::kRequired;
  return Decode(text, padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING, bytes);
}

}  // namespace identity
