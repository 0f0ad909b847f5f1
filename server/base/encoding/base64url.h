#ifndef IDENTITY_BASE_ENCODING_BASE64URL_H_
#define IDENTITY_BASE_ENCODING_BASE64URL_H_

#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// RFC 4648 section 5 without padding. Decoding accepts only the canonical form. For anything else it returns false, and
// leaves no bytes.
std::string Base64UrlEncode(absl::string_view bytes);
bool Base64UrlDecode(absl::string_view text, std::string* bytes);

// The same for RFC 4648 section 4.
enum class Base64Padding { kNone, kRequired };
bool Base64Decode(absl::string_view text, Base64Padding padding, std::string* bytes);

}  // namespace identity

#endif  // IDENTITY_BASE_ENCODING_BASE64URL_H_
