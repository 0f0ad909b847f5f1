#include "db/stores/maintenance.h"

#include "db/change_log.h"
#include "db/stores/bindings.h"
#include "db/stores/principals.h"
#include "db/stores/requests.h"
#include "db/stores/trusted_devices.h"
#include "db/stores/user_imports.h"
#include "server/base/status_macros.h"

namespace identity::maintenance {

absl::Status MaintainPartitions(Transaction& transaction) {
  static constexpr Statement kMaintain = {"maintain_partitions", "SELECT maintain_partitions()"};
  return transaction.Execute(kMaintain).status();
}

absl::StatusOr<bool> TakeTurn(Transaction& transaction) {
  static constexpr Statement kTake = {"take_housekeeping_turn",
                                      "SELECT pg_try_advisory_xact_lock(hashtext('identity.housekeeping')) AS taken"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kTake));
  return rows[0].Bool("taken");
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit) {
  int64_t removed = 0;
  for (const auto clean : {bindings::Clean, change_log::Clean, principals::CleanDeleted, requests::Clean,
                           trusted_devices::Clean, user_imports::Clean}) {
    ASSIGN_OR_RETURN(const int64_t rows, clean(transaction, limit));
    removed += rows;
  }
  return removed;
}

}  // namespace identity::maintenance
