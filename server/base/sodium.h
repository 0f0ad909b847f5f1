#ifndef IDENTITY_BASE_SODIUM_H_
#define IDENTITY_BASE_SODIUM_H_

#include <sodium.h>

#include <cstdlib>

#include "absl/strings/string_view.h"

namespace identity {

// To be called before anything of libsodium's, so that it has picked its implementations for this processor. Ends the
// process when the library cannot be used at all. Safe from any thread.
inline void EnsureSodium() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

// The bytes of `bytes` as libsodium takes them.
inline const unsigned char* Unsigned(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace identity

#endif  // IDENTITY_BASE_SODIUM_H_
