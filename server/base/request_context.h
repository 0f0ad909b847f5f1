#ifndef IDENTITY_BASE_REQUEST_CONTEXT_H_
#define IDENTITY_BASE_REQUEST_CONTEXT_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace identity {

// The deadline of a request, and whether the caller still waits for it. A value. Objects that `cancelled` refers to
// must outlive it.
struct RequestContext {
  absl::Time deadline = absl::InfiniteFuture();
  std::function<bool()> cancelled = [] { return false; };
  // False on a thread that must not block: work that would have to wait returns `WouldBlock` instead.
  bool may_block = true;

  // OK, DEADLINE_EXCEEDED or CANCELLED.
  absl::Status Check() const;
  // Never negative.
  absl::Duration TimeLeft() const;
};

// Waits until `condition` holds. DEADLINE_EXCEEDED or CANCELLED when the request ends first. Notices a cancellation
// within about 50 ms.
absl::Status AwaitWhileWanted(const RequestContext& context, absl::Mutex& mutex, const absl::Condition& condition)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

// The error of work that must wait, on a thread that must not block. It never reaches a client: the work is repeated on
// a thread that may block.
absl::Status WouldBlock();
bool IsWouldBlock(const absl::Status& status);

}  // namespace identity

#endif  // IDENTITY_BASE_REQUEST_CONTEXT_H_
