#ifndef IDENTITY_ERRORS_H_
#define IDENTITY_ERRORS_H_

#include <grpcpp/support/status.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace identity {
inline namespace client {

// The same code and message. Each detail that the server sent (google.rpc.ErrorInfo, BadRequest, RetryInfo) becomes a
// payload under its type's URL, such as "type.googleapis.com/google.rpc.ErrorInfo".
absl::Status FromGrpcStatus(const grpc::Status& status);

// An identity.v1.ErrorReason without its prefix, such as "INVALID_CREDENTIALS". Empty when the error is not from the
// service, for example because the service is unreachable.
std::string ErrorReasonOf(const absl::Status& status);

// The delay that the service requests before a retry. nullopt: none.
absl::optional<absl::Duration> RetryInfoOf(const absl::Status& status);

// A field of the request, and the rule that it breaks.
struct FieldViolation {
  std::string field;
  std::string description;
};

// The fields of the request that the service refused.
std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status);

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_ERRORS_H_
