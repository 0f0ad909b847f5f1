#include "server/base/base64url.h"

#include "server/base/sodium.h"

namespace identity {

std::string Base64UrlEncode(absl::string_view bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  // The length includes a NUL, which is removed below.
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), Unsigned(bytes), bytes.size(), kVariant);
  text.pop_back();
  return text;
}

bool Base64UrlDecode(absl::string_view text, std::string* bytes) {
  bytes->assign(text.size() / 4 * 3 + 2, '\0');
  size_t size = 0;
  // Without an end pointer, the function fails unless it has read the whole text. It also refuses left-over bits.
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes->data()), bytes->size(), text.data(),
                                       text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  bytes->resize(failed == 0 ? size : 0);
  return failed == 0;
}

}  // namespace identity
