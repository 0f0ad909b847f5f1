#ifndef IDENTITY_DOMAIN_HASHES_HASH_FUNCTION_H_
#define IDENTITY_DOMAIN_HASHES_HASH_FUNCTION_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

// The functions that stored password hashes may use. server/domain/password.h chooses among them.
namespace identity::hashes {

// The cost of one verification. A value.
struct Cost {
  uint64_t work = 0;        // as PasswordHash::work
  bool importable = false;  // within the limits of imported hashes
};

// The limits of stored hashes, and the lower ones of imported hashes.
enum class Limits { kStored, kImported };

// A way to hash passwords. No text is a hash of two functions.
struct HashFunction {
  // nullopt unless `text` is a hash of this function within the limits of stored hashes.
  absl::optional<Cost> (*read)(absl::string_view text);
  // Takes the whole time of the hash, also for a wrong password. `text` must have been read before.
  bool (*verify)(absl::string_view text, absl::string_view password);
  // The accepted hashes and their limits, for an error message.
  std::string (*describe)(Limits limits);
};

}  // namespace identity::hashes

#endif  // IDENTITY_DOMAIN_HASHES_HASH_FUNCTION_H_
