#include "server/base/random.h"

#include <sodium.h>

#include <cstdlib>

namespace identity {

std::string RandomBytes(size_t count) {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace identity
