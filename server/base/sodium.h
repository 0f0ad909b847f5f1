#ifndef IDENTITY_BASE_SODIUM_H_
#define IDENTITY_BASE_SODIUM_H_

#include <sodium.h>

#include <cstdlib>

#include "absl/strings/string_view.h"

namespace identity {

// Initializes libsodium, which selects its implementations for this processor. Call it before any other function of
// libsodium. Aborts the process when the library is unusable. Safe from any thread.
inline void EnsureSodium() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

// `bytes` with the type that libsodium accepts.
inline const unsigned char* Unsigned(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace identity

#endif  // IDENTITY_BASE_SODIUM_H_
