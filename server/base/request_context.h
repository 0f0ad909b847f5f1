#ifndef IDENTITY_BASE_REQUEST_CONTEXT_H_
#define IDENTITY_BASE_REQUEST_CONTEXT_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace identity {

// How long a piece of work may go on, and whether anyone still waits for it. A value; what `cancelled` refers to must
// outlive it.
struct RequestContext {
  absl::Time deadline = absl::InfiniteFuture();
  std::function<bool()> cancelled = [] { return false; };

  // OK, DEADLINE_EXCEEDED or CANCELLED.
  absl::Status Check() const;
  // Not below zero.
  absl::Duration TimeLeft() const;
};

}  // namespace identity

#endif  // IDENTITY_BASE_REQUEST_CONTEXT_H_
