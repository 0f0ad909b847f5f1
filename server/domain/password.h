#ifndef IDENTITY_DOMAIN_PASSWORD_H_
#define IDENTITY_DOMAIN_PASSWORD_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/secret.h"

namespace identity {

namespace hashes {
struct HashFunction;
}  // namespace hashes

inline constexpr size_t kMinPasswordBytes = 8;
inline constexpr size_t kMaxPasswordBytes = 1024;

// The cost of Argon2id (RFC 9106, p = 1). A value.
struct Argon2Parameters {
  uint64_t memory_bytes = uint64_t{64} << 20;
  uint64_t passes = 2;
};
// INVALID_ARGUMENT below 19 MiB or 2 passes (OWASP's minimum), and above 4 GiB or 16 passes.
absl::Status CheckArgon2Parameters(const Argon2Parameters& parameters);

// The work of one hash: the memory in KiB that Argon2id fills, counted once for each pass.
uint64_t WorkOf(const Argon2Parameters& parameters);
// Does `work` (at least 8) in one pass and forgets the result.
void SpendWork(uint64_t work);

// INVALID_ARGUMENT (field "password") unless 8 to 1,024 bytes. Uses the exact bytes, without trimming or folding.
absl::Status CheckNewPassword(const Secret& password);

// The parameters of a Firebase project's password hashes. They are secret. Move-only.
struct FirebaseHashConfig {
  Secret signer_key;
  std::string salt_separator;
  uint64_t rounds = 0;
  uint64_t mem_cost = 0;
};

// A hash in PHC or modular-crypt form that `Verify` can read within bounds of time and memory. A value.
class PasswordHash {
 public:
  // Accepts:
  // - `$argon2id$…` (libsodium's form, within 4 GiB and 16 passes),
  // - bcrypt's `$2b$…`, `$2a$…` and `$2y$…` with cost 4 to 16,
  // - passlib's `$pbkdf2-sha256$…` and `$pbkdf2-sha512$…` with 1,000 to 2,000,000 rounds,
  // - `$firebase-scrypt$…`, as FromFirebase makes it, within ln=14 and r=8.
  // INVALID_ARGUMENT (field "password_hash") otherwise.
  static absl::StatusOr<PasswordHash> Parse(absl::string_view text);
  // The same for an imported hash, with lower limits: 256 MiB and 10 passes, a bcrypt cost of 14, or 1,000,000 rounds.
  // So nobody can import a hash that makes every guess expensive for the server.
  static absl::StatusOr<PasswordHash> ParseImported(absl::string_view text);
  // PBKDF2-HMAC (RFC 8018) from raw bytes. Accepts a salt of 8 to 64 bytes and a hash of 32 to 64 bytes, within the
  // limits of ParseImported.
  static absl::StatusOr<PasswordHash> FromPbkdf2Sha256(uint64_t rounds, absl::string_view salt_bytes,
                                                       absl::string_view hash_bytes);
  static absl::StatusOr<PasswordHash> FromPbkdf2Sha512(uint64_t rounds, absl::string_view salt_bytes,
                                                       absl::string_view hash_bytes);
  // Firebase's scrypt from raw bytes. Does not contain the signer key of `config`. INVALID_ARGUMENT when the hash and
  // the signer key differ in size, because they belong to different projects then.
  static absl::StatusOr<PasswordHash> FromFirebase(const FirebaseHashConfig& config, absl::string_view salt_bytes,
                                                   absl::string_view hash_bytes);
  // Hashes with a random salt. Takes about 70 ms and parameters.memory_bytes. RESOURCE_EXHAUSTED when memory is
  // lacking.
  static absl::StatusOr<PasswordHash> Create(const Secret& password, const Argon2Parameters& parameters);

  // Takes the whole time of the hash, also for a wrong password. bcrypt reads only the first 72 bytes and refuses NUL;
  // PBKDF2 and scrypt refuse a NUL at the end.
  bool Verify(const Secret& password) const;
  // True when the hash was made with other parameters or by another function, and a hash of `password` with
  // `parameters` may replace it. `password` was verified. A bcrypt hash stays when bcrypt did not read the end of the
  // password, or may not have read the end of the original one. In a replacement that end would count, and the user
  // could be locked out.
  bool NeedsRehash(const Secret& password, const Argon2Parameters& parameters) const;
  // The work of one verification, as WorkOf. For other functions it is that of an Argon2id hash that takes about the
  // same time; the ratio differs between machines.
  uint64_t work() const { return work_; }
  const std::string& text() const { return text_; }

 private:
  PasswordHash(std::string text, const hashes::HashFunction& function, uint64_t work)
      : text_(std::move(text)), function_(&function), work_(work) {}

  std::string text_;
  const hashes::HashFunction* function_;
  uint64_t work_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_PASSWORD_H_
