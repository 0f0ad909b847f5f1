#ifndef IDENTITY_RPC_CONVERT_CHECKS_H_
#define IDENTITY_RPC_CONVERT_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "identity/v1/identity_service.pb.h"
#include "identity/v1/types.pb.h"
#include "server/app/access/authorizer.h"
#include "server/domain/decision.h"

namespace identity {

v1::Reason ToProto(Reason reason);

// INVALID_ARGUMENT.
absl::StatusOr<Freshness> ReadConsistency(const v1::Consistency& consistency);
// The result refers to the credential within `request`. INVALID_ARGUMENT.
absl::StatusOr<CheckQuery> ReadQuery(const v1::CheckPermissionRequest& request);
// The check at `index` of a batch; its errors name fields of the batch. INVALID_ARGUMENT.
absl::StatusOr<CheckQuery> ReadBatchQuery(const v1::CheckPermissionRequest& check, int index);
// Writes in place: the response lives on an arena.
void Write(const CheckAnswer& answer, const std::string& consistency_token, v1::CheckPermissionResponse& response);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_CHECKS_H_
