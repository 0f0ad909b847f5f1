#ifndef IDENTITY_TESTS_SUPPORT_HEX_H_
#define IDENTITY_TESTS_SUPPORT_HEX_H_

#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// The bytes of `digits`, an even number of hexadecimal digits. Abseil's own function differs between Debian's releases.
inline std::string FromHex(absl::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_HEX_H_
