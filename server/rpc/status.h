#ifndef IDENTITY_RPC_STATUS_H_
#define IDENTITY_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace identity {

// The one place that converts our errors to gRPC's. The result has a code, a message for developers, and details of
// google.rpc: ErrorInfo always, BadRequest and RetryInfo where they apply. A status without a reason of ours becomes
// INTERNAL without its text. Exceptions are DEADLINE_EXCEEDED, CANCELLED and UNAVAILABLE, which get a reason and a
// text.
google::rpc::Status ToRpcStatus(const absl::Status& status);
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace identity

#endif  // IDENTITY_RPC_STATUS_H_
