#ifndef IDENTITY_BASE64URL_H_
#define IDENTITY_BASE64URL_H_

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {
inline namespace client {

// Decodes base64url without padding (RFC 7515, section 2). nullopt when the text is not the only one of its bytes.
inline absl::optional<std::string> DecodeBase64Url(absl::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || absl::WebSafeBase64Escape(bytes) != text) return absl::nullopt;
  return bytes;
}

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_BASE64URL_H_
