#ifndef IDENTITY_BASE_ENCODING_BASE32_H_
#define IDENTITY_BASE_ENCODING_BASE32_H_

#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// Encodes `bytes` in digits of 5 bits from `alphabet` (32 characters), without padding: RFC 4648 section 6 for its
// alphabet. Leaves no copy of the result in memory, so it is safe for secrets.
std::string Base32Encode(absl::string_view bytes, absl::string_view alphabet);

}  // namespace identity

#endif  // IDENTITY_BASE_ENCODING_BASE32_H_
