#ifndef IDENTITY_BASE_REQUEST_CONTEXT_H_
#define IDENTITY_BASE_REQUEST_CONTEXT_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace identity {

// How long a piece of work may go on, and whether anyone still waits for it. A value; what `cancelled` refers to must
// outlive it.
struct RequestContext {
  absl::Time deadline = absl::InfiniteFuture();
  std::function<bool()> cancelled = [] { return false; };
  // False on a thread that others need: work that would have to wait there gives `WouldBlock` instead.
  bool may_block = true;

  // OK, DEADLINE_EXCEEDED or CANCELLED.
  absl::Status Check() const;
  // Not below zero.
  absl::Duration TimeLeft() const;
};

// Waits until `condition` holds; DEADLINE_EXCEEDED or CANCELLED when the request ends first. A cancellation is noticed
// after some 50 ms.
absl::Status AwaitWhileWanted(const RequestContext& context, absl::Mutex& mutex, const absl::Condition& condition)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

// What work returns that has to wait and may not. It says nothing of the work itself and reaches no client: the work is
// done again where it may wait.
absl::Status WouldBlock();
bool IsWouldBlock(const absl::Status& status);

}  // namespace identity

#endif  // IDENTITY_BASE_REQUEST_CONTEXT_H_
