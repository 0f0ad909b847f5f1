#ifndef IDENTITY_DB_STORES_REQUESTS_H_
#define IDENTITY_DB_STORES_REQUESTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/ids.h"

// What creating calls made, by the caller's own id for the call, so that a repeat makes nothing new. Use it in a
// transaction that holds the revision, which keeps two repeats apart.
namespace identity::requests {

struct RememberedRequest {
  std::string fingerprint;  // of the RPC and its arguments
  std::string object_id;
};

// nullopt when it was not made within the last 24 hours.
absl::StatusOr<absl::optional<RememberedRequest>> Find(Transaction& transaction, const PrincipalId& caller,
                                                       const RequestId& id);
absl::Status Remember(Transaction& transaction, const PrincipalId& caller, const RequestId& id,
                      const RememberedRequest& request);

}  // namespace identity::requests

#endif  // IDENTITY_DB_STORES_REQUESTS_H_
