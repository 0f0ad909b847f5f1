#include "server/base/random.h"

#include "server/base/sodium.h"

namespace identity {

std::string RandomBytes(size_t count) {
  EnsureSodium();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace identity
