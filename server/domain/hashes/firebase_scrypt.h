#ifndef IDENTITY_DOMAIN_HASHES_FIREBASE_SCRYPT_H_
#define IDENTITY_DOMAIN_HASHES_FIREBASE_SCRYPT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "server/domain/hashes/hash_function.h"

// The scrypt of Firebase. It derives a key from the password by scrypt (RFC 7914), with the user's salt and the
// project's separator as the salt and p = 1. The hash is the project's signer key, encrypted with AES-256-CTR under the
// derived key, from a counter of 0.
//
// We store the key stream of that encryption: the hash XOR the signer key. Whoever can derive it knows the password,
// and the signer key, a secret of the whole Firebase project, never enters our database.
namespace identity::hashes {

// Grammar, where numbers have no leading zeros:
//   "$firebase-scrypt$ln=" log2 of N ",r=" block size "$" salt and separator "$" key stream
//   salt of 8 to 64 bytes and key stream of 32 to 64 in base64 without padding
// Verification refuses a password with a NUL at its end.
extern const HashFunction kFirebaseScrypt;

// The text of a hash, which may be outside the grammar. `hash` and `signer_key` must have the same size. `log2_n` is
// Firebase's `mem_cost`, and `block_size` its `rounds`.
std::string FirebaseScryptText(uint64_t log2_n, uint64_t block_size, absl::string_view salt_and_separator,
                               absl::string_view hash, absl::string_view signer_key);

}  // namespace identity::hashes

#endif  // IDENTITY_DOMAIN_HASHES_FIREBASE_SCRYPT_H_
