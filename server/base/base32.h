#ifndef IDENTITY_BASE_BASE32_H_
#define IDENTITY_BASE_BASE32_H_

#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// `bytes`, 5 bits a digit of `alphabet` (32 characters), without padding: RFC 4648 section 6 for its alphabet. No copy
// of what it returns is left behind, so it may be used for secrets.
std::string Base32Encode(absl::string_view bytes, absl::string_view alphabet);

}  // namespace identity

#endif  // IDENTITY_BASE_BASE32_H_
