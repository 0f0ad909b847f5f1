#ifndef IDENTITY_DB_REPLICATION_H_
#define IDENTITY_DB_REPLICATION_H_

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace identity {

// Whether a commit of this session waits until a standby has it, so that a failover loses no acknowledged change.
absl::StatusOr<bool> ReplicatesSynchronously(Connection& connection);

}  // namespace identity

#endif  // IDENTITY_DB_REPLICATION_H_
