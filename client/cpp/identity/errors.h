#ifndef IDENTITY_CLIENT_ERRORS_H_
#define IDENTITY_CLIENT_ERRORS_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace identity {

// The same code and message. Each detail that the server sent (google.rpc.ErrorInfo, BadRequest, RetryInfo) becomes a
// payload under its type's URL, such as "type.googleapis.com/google.rpc.ErrorInfo".
absl::Status FromGrpcStatus(const grpc::Status& status);

// An identity.v1.ErrorReason without its prefix, such as "INVALID_CREDENTIALS". Empty when the error is not from the
// service, for example because the service is unreachable.
std::string ErrorReasonOf(const absl::Status& status);

// The delay that the service requests before a retry. nullopt: none.
absl::optional<absl::Duration> RetryInfoOf(const absl::Status& status);

}  // namespace identity

#endif  // IDENTITY_CLIENT_ERRORS_H_
