#ifndef IDENTITY_REFUSAL_H_
#define IDENTITY_REFUSAL_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "identity/v1/identity_service.pb.h"

namespace identity {
inline namespace client {

// What a guard answers when a call may not run: an error with google.rpc.ErrorInfo of the domain `identity.v1`. With
// `retry_delay` it also has google.rpc.RetryInfo.
grpc::Status Refusal(grpc::StatusCode code, absl::string_view reason, absl::string_view message,
                     absl::optional<absl::Duration> retry_delay = absl::nullopt);

// The answer when the service did not allow. `anonymous`: the call had no credential.
grpc::Status RefusalOf(const v1::CheckPermissionResponse& answer, bool anonymous);

// The answer when the service did not decide. It says nothing of the cause, which is not for the caller.
grpc::Status Undecided(const absl::Status& cause);

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_REFUSAL_H_
