#ifndef IDENTITY_RPC_STATUS_H_
#define IDENTITY_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace identity {

// The one place where our errors become gRPC's: a code, a message for developers, and the details of google.rpc
// (ErrorInfo always; BadRequest and RetryInfo where they apply). What was not made by `Error` is told as INTERNAL
// without its text, save the few codes that carry no text of others.
google::rpc::Status ToRpcStatus(const absl::Status& status);
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace identity

#endif  // IDENTITY_RPC_STATUS_H_
