#include "server/base/request_context.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "server/base/error.h"

namespace identity {

absl::Status RequestContext::Check() const {
  if (cancelled()) return Error(ErrorReason::kCancelled, "the caller gave up");
  if (absl::Now() >= deadline) return Error(ErrorReason::kDeadlineExceeded, "the deadline has passed");
  return absl::OkStatus();
}

absl::Duration RequestContext::TimeLeft() const { return std::max(deadline - absl::Now(), absl::ZeroDuration()); }

}  // namespace identity
