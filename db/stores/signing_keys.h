#ifndef IDENTITY_DB_STORES_SIGNING_KEYS_H_
#define IDENTITY_DB_STORES_SIGNING_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"

// The keys that access tokens are signed with; the private halves sealed under a master key. Whoever changes them holds
// the revision (see change_log.h).
namespace identity::signing_keys {

struct StoredKey {
  std::string kid;
  std::string state;  // "next", "active", "retiring"
  std::string public_key;
  std::string sealed_seed;
  std::string master_key_id;
  absl::Time create_time;                  // the database's to set
  absl::optional<absl::Time> retire_time;  // when it ceased to sign
};

// By creation.
absl::StatusOr<std::vector<StoredKey>> All(Transaction& transaction);
// In the state that `key` says.
absl::Status Insert(Transaction& transaction, const StoredKey& key);
// The active key retires, and the next one, `next`, signs from now on.
absl::Status Rotate(Transaction& transaction, absl::string_view next);

// Keys that have not signed for two hours: no token of theirs can live, since none lives for more than an hour.
absl::StatusOr<bool> HasRetired(Transaction& transaction);
// Deletes those and returns their kids.
absl::StatusOr<std::vector<std::string>> DeleteRetired(Transaction& transaction);

}  // namespace identity::signing_keys

#endif  // IDENTITY_DB_STORES_SIGNING_KEYS_H_
