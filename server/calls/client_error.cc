#include "server/calls/client_error.h"

#include <string>

#include "server/base/error.h"
#include "server/base/log.h"

namespace identity {

absl::Status ErrorForClients(const absl::Status& error, absl::string_view request_id) {
  if (ReasonOf(error)) return error;
  switch (error.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return Error(ErrorReason::kDeadlineExceeded, "the deadline has passed");
    case absl::StatusCode::kCancelled:
      return Error(ErrorReason::kCancelled, "the call was cancelled");
    case absl::StatusCode::kUnavailable:
      return WithRetryDelay(Error(ErrorReason::kStorageUnavailable, "the database cannot be reached"),
                            absl::Seconds(1));
    default:
      Log(LogLevel::kError, "internal error",
          {{"status", std::string(error.message())}, {"request_id", std::string(request_id)}});
      return Error(ErrorReason::kInternal, "internal error");
  }
}

}  // namespace identity
