#ifndef IDENTITY_DB_STORES_EXTERNAL_WORKLOADS_H_
#define IDENTITY_DB_STORES_EXTERNAL_WORKLOADS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "db/database.h"
#include "server/domain/external/workloads.h"
#include "server/domain/ids.h"

// The service account of each workload, and the revoked identities of other issuers. Errors are those of
// Transaction::Execute unless said otherwise.
namespace identity::workloads {

// All that decisions need to know.
absl::StatusOr<std::shared_ptr<const Workloads>> Load(Transaction& transaction);
absl::StatusOr<WorkloadState> Find(Transaction& transaction, const ExternalKey& key);

// Of these service accounts, ordered by issuer and subject.
absl::StatusOr<std::vector<Workloads::Entry>> Of(Transaction& transaction, const std::vector<PrincipalId>& accounts);
// Replaces all of the service account. ALREADY_EXISTS when another service account lists one, or `entries` one twice.
absl::Status Replace(Transaction& transaction, const PrincipalId& account,
                     const std::vector<Workloads::Entry>& entries);

// False: it was revoked already.
absl::StatusOr<bool> Revoke(Transaction& transaction, const ExternalKey& key);
absl::StatusOr<int64_t> CountRevoked(Transaction& transaction);
// False: it was not revoked.
absl::StatusOr<bool> Restore(Transaction& transaction, const ExternalKey& key);
// Revokes all workloads of the service account. Returns how many were not revoked before.
absl::StatusOr<int64_t> RevokeAllOf(Transaction& transaction, const PrincipalId& account);
absl::StatusOr<bool> IsRevoked(Transaction& transaction, const ExternalKey& key);

}  // namespace identity::workloads

#endif  // IDENTITY_DB_STORES_EXTERNAL_WORKLOADS_H_
