#ifndef IDENTITY_CLIENT_ERRORS_H_
#define IDENTITY_CLIENT_ERRORS_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace identity {

// The same code and message, with each detail that the server sent (google.rpc.ErrorInfo, BadRequest, RetryInfo) as a
// payload under its type's URL, "type.googleapis.com/google.rpc.ErrorInfo" and so on.
absl::Status FromGrpcStatus(const grpc::Status& status);

// An identity.v1.ErrorReason without its prefix, such as "INVALID_CREDENTIALS". Empty when the error is not from the
// service, for example because the service is unreachable.
std::string ErrorReasonOf(const absl::Status& status);

// The delay that the service requests before a retry. nullopt: none.
absl::optional<absl::Duration> RetryInfoOf(const absl::Status& status);

}  // namespace identity

#endif  // IDENTITY_CLIENT_ERRORS_H_
