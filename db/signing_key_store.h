#ifndef IDENTITY_DB_SIGNING_KEY_STORE_H_
#define IDENTITY_DB_SIGNING_KEY_STORE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/database.h"

// The keys that access tokens are signed with; the private halves sealed under a master key.
namespace identity::signing_keys {

struct StoredKey {
  std::string kid;
  std::string state;  // "next", "active", "retiring"
  std::string public_key;
  std::string sealed_seed;
  std::string master_key_id;
};

absl::StatusOr<std::vector<StoredKey>> All(Transaction& transaction);
// Does nothing when there is an active key already, whichever replica made it.
absl::Status InsertActive(Transaction& transaction, const StoredKey& key);

}  // namespace identity::signing_keys

#endif  // IDENTITY_DB_SIGNING_KEY_STORE_H_
