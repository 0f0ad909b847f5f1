#include "db/replication.h"

#include "server/base/status_macros.h"

namespace identity {

absl::StatusOr<bool> ReplicatesSynchronously(Connection& connection) {
  ASSIGN_OR_RETURN(const Rows rows, connection.Run("SELECT current_setting('synchronous_standby_names') <> ''"
                                                   " AND current_setting('synchronous_commit') NOT IN ('off', 'local')"
                                                   " AS synchronous"));
  return rows[0].Bool("synchronous");
}

}  // namespace identity
