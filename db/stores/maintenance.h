#ifndef IDENTITY_DB_STORES_MAINTENANCE_H_
#define IDENTITY_DB_STORES_MAINTENANCE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "db/database.h"

// The parts of housekeeping that concern all tables. Errors are those of Transaction::Execute.
namespace identity::maintenance {

// Creates partitions for a week ahead and drops those past their retention. Does nothing when another replica has done
// it.
absl::Status MaintainPartitions(Transaction& transaction);

// Acquires the right to clean up until the transaction ends. False: another replica has it.
absl::StatusOr<bool> TakeTurn(Transaction& transaction);

// Cleans the stores that no area of the application cleans: bindings, changes, requests and user imports, at most
// `limit` rows of each. Returns how many rows it removed.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::maintenance

#endif  // IDENTITY_DB_STORES_MAINTENANCE_H_
