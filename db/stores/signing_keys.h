#ifndef IDENTITY_DB_STORES_SIGNING_KEYS_H_
#define IDENTITY_DB_STORES_SIGNING_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/signing_key.h"

// The keys that sign access tokens. Their private halves are sealed under a master key. Transactions that change them
// must hold the revision (see change_log.h).
namespace identity::signing_keys {

struct StoredKey {
  std::string kid;
  SigningAlgorithm algorithm = SigningAlgorithm::kEdDsa;
  SigningKeyState state = SigningKeyState::kNext;
  std::string public_key;          // VerificationKey::bytes
  std::string sealed_private_key;  // of what SigningKey::FromPrivate reads
  std::string master_key_id;
  absl::Time create_time;                  // set by the database
  absl::optional<absl::Time> retire_time;  // when it stopped signing
};

// All keys of the algorithms that this program knows, oldest first.
absl::StatusOr<std::vector<StoredKey>> All(Transaction& transaction);
// Inserts `key` in the state `key.state`.
absl::Status Insert(Transaction& transaction, const StoredKey& key);
// Retires the active key of `algorithm`, if there is one, and activates its key with the kid `next`.
absl::Status Rotate(Transaction& transaction, SigningAlgorithm algorithm, absl::string_view next);
// Activates a key when no key of its algorithm is active.
absl::Status Activate(Transaction& transaction, absl::string_view kid);
absl::Status Delete(Transaction& transaction, absl::string_view kid);

// True when a key retired at least two hours ago. All its tokens have expired, since none lives longer than an hour.
absl::StatusOr<bool> HasRetired(Transaction& transaction);
// Deletes such keys and returns their kids.
absl::StatusOr<std::vector<std::string>> DeleteRetired(Transaction& transaction);

}  // namespace identity::signing_keys

#endif  // IDENTITY_DB_STORES_SIGNING_KEYS_H_
