#ifndef IDENTITY_BASE_BASE64URL_H_
#define IDENTITY_BASE_BASE64URL_H_

#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// RFC 4648 section 5 without padding. Decoding accepts only the canonical form, and returns false for anything else.
std::string Base64UrlEncode(absl::string_view bytes);
bool Base64UrlDecode(absl::string_view text, std::string* bytes);

}  // namespace identity

#endif  // IDENTITY_BASE_BASE64URL_H_
