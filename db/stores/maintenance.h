#ifndef IDENTITY_DB_STORES_MAINTENANCE_H_
#define IDENTITY_DB_STORES_MAINTENANCE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "db/database.h"

// What keeps the tables in shape. Errors are those of Transaction::Execute.
namespace identity::maintenance {

// Makes partitions a week ahead and drops those past their retention. One replica does it; others find it done.
absl::Status MaintainPartitions(Transaction& transaction);

// Of all replicas that clean up at the same time one gets the turn, for as long as its transaction lasts. False:
// another has it.
absl::StatusOr<bool> TakeTurn(Transaction& transaction);

// Removes at most `limit` rows of each: bindings that expired a day ago, changes that are a day old, requests past
// their 24 hours, notes of imports that nobody went on with for a month. Returns how many.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::maintenance

#endif  // IDENTITY_DB_STORES_MAINTENANCE_H_
