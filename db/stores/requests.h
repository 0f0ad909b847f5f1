#ifndef IDENTITY_DB_STORES_REQUESTS_H_
#define IDENTITY_DB_STORES_REQUESTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/ids.h"

// The objects that calls have created, by the request id that the caller chose, so that a retry creates no second one.
// Use it in a transaction that holds the revision, which serializes concurrent retries.
namespace identity::requests {

struct RememberedRequest {
  std::string fingerprint;  // of the RPC and its arguments
  std::string object_id;
};

// nullopt when the caller made no such request within the last 24 hours.
absl::StatusOr<absl::optional<RememberedRequest>> Find(Transaction& transaction, const PrincipalId& caller,
                                                       const RequestId& id);
absl::Status Remember(Transaction& transaction, const PrincipalId& caller, const RequestId& id,
                      const RememberedRequest& request);

// Removes at most `limit` requests that are older than 25 hours. Returns how many.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::requests

#endif  // IDENTITY_DB_STORES_REQUESTS_H_
