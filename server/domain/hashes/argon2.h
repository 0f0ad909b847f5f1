#ifndef IDENTITY_DOMAIN_HASHES_ARGON2_H_
#define IDENTITY_DOMAIN_HASHES_ARGON2_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/domain/hashes/hash_function.h"

// Argon2id (RFC 9106).
namespace identity::hashes {

// Grammar, where numbers have no leading zeros:
//   "$argon2id$v=19$m=" KiB ",t=" passes ",p=" lanes "$" salt "$" hash
//   salt of 8 to 64 bytes and hash of 16 to 64 in base64 without padding
extern const HashFunction kArgon2id;

struct Argon2Cost {
  uint64_t memory_kib = 0;
  uint64_t passes = 0;
  uint64_t lanes = 0;
};
// nullopt for any other text.
absl::optional<Argon2Cost> ReadArgon2Cost(absl::string_view text);

// Fills `memory_kib` (at least 8) once, and forgets the result.
void FillMemory(uint64_t memory_kib);

}  // namespace identity::hashes

#endif  // IDENTITY_DOMAIN_HASHES_ARGON2_H_
