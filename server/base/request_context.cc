#include "server/base/request_context.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr char kWouldBlock[] = "identity/would_block";
// How often a waiting thread checks whether the request was cancelled.
constexpr absl::Duration kCancellationPoll = absl::Milliseconds(50);

}  // namespace

absl::Status RequestContext::Check() const {
  if (cancelled()) return Error(ErrorReason::kCancelled, "the caller cancelled the call");
  if (absl::Now() >= deadline) return Error(ErrorReason::kDeadlineExceeded, "the deadline has passed");
  return absl::OkStatus();
}

absl::Duration RequestContext::TimeLeft() const { return std::max(deadline - absl::Now(), absl::ZeroDuration()); }

absl::Status AwaitWhileWanted(const RequestContext& context, absl::Mutex& mutex, const absl::Condition& condition) {
  while (!condition.Eval()) {
    RETURN_IF_ERROR(context.Check());
    mutex.AwaitWithTimeout(condition, std::min(context.TimeLeft(), kCancellationPoll));
  }
  return absl::OkStatus();
}

absl::Status WouldBlock() {
  static const absl::Status* const would_block = [] {
    auto* status = new absl::Status(absl::StatusCode::kInternal, "the work would have to wait");
    status->SetPayload(kWouldBlock, absl::Cord());
    return status;
  }();
  return *would_block;
}

bool IsWouldBlock(const absl::Status& status) {
  return absl::IsInternal(status) && status.GetPayload(kWouldBlock).has_value();
}

}  // namespace identity
