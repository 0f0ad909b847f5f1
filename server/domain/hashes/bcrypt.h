#ifndef IDENTITY_DOMAIN_HASHES_BCRYPT_H_
#define IDENTITY_DOMAIN_HASHES_BCRYPT_H_

#include <cstddef>

#include "server/domain/hashes/hash_function.h"

namespace identity::hashes {

// bcrypt ignores all bytes of a password after these.
inline constexpr size_t kBcryptPasswordBytes = 72;

// Grammar:
//   "$2" ( "a" / "b" / "y" ) "$" 2digit "$" salt hash
//   salt of 22 and hash of 31 of [./A-Za-z0-9]
// Verification refuses a password with a NUL.
extern const HashFunction kBcrypt;

}  // namespace identity::hashes

#endif  // IDENTITY_DOMAIN_HASHES_BCRYPT_H_
