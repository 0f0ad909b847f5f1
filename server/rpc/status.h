#ifndef IDENTITY_RPC_STATUS_H_
#define IDENTITY_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/rpc/status.pb.h"

namespace identity {

// The one place that converts our errors to gRPC's. The result has a code, a message for developers, and details of
// google.rpc: ErrorInfo always, BadRequest and RetryInfo where they apply. ErrorInfo has the request id, unless it is
// empty. Errors without a reason of ours first become ErrorForClients.
google::rpc::Status ToRpcStatus(const absl::Status& status, absl::string_view request_id = "");
grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view request_id = "");

}  // namespace identity

#endif  // IDENTITY_RPC_STATUS_H_
