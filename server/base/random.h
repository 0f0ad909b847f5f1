#ifndef IDENTITY_BASE_RANDOM_H_
#define IDENTITY_BASE_RANDOM_H_

#include <cstddef>
#include <string>

namespace identity {

// `count` bytes from the system's generator, suitable for keys (libsodium's `randombytes_buf`). Safe from any thread.
std::string RandomBytes(size_t count);

}  // namespace identity

#endif  // IDENTITY_BASE_RANDOM_H_
