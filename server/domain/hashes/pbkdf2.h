#ifndef IDENTITY_DOMAIN_HASHES_PBKDF2_H_
#define IDENTITY_DOMAIN_HASHES_PBKDF2_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/domain/hashes/hash_function.h"

// PBKDF2 with HMAC (RFC 8018).
namespace identity::hashes {

// Grammar, where numbers have no leading zeros:
//   ( "$pbkdf2-sha256$" / "$pbkdf2-sha512$" ) rounds "$" salt "$" hash
//   salt of 8 to 64 bytes and hash of 32 to 64 in passlib's base64: "." for "+", without padding
// Verification refuses a password with a NUL at its end.
extern const HashFunction kPbkdf2;

enum class Digest { kSha256, kSha512 };
// The text of a hash, which may be outside the grammar.
std::string Pbkdf2Text(Digest digest, uint64_t rounds, absl::string_view salt_bytes, absl::string_view hash_bytes);

}  // namespace identity::hashes

#endif  // IDENTITY_DOMAIN_HASHES_PBKDF2_H_
