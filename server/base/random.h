#ifndef IDENTITY_BASE_RANDOM_H_
#define IDENTITY_BASE_RANDOM_H_

#include <cstddef>
#include <string>

namespace identity {

// `count` bytes from the system's generator, suitable for keys (libsodium's `randombytes_buf`). Safe from any thread.
std::string RandomBytes(size_t count);

// From 0 to below 1, evenly, from a fast generator that can be predicted: not for secrets. Safe from any thread.
double RandomFraction();

}  // namespace identity

#endif  // IDENTITY_BASE_RANDOM_H_
