#ifndef IDENTITY_BASE_CLOCK_H_
#define IDENTITY_BASE_CLOCK_H_

#include <cstdint>
#include <ctime>
#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace identity {

// The source of the current time. Thread-safe.
using Clock = std::function<absl::Time()>;

// The time since the machine started, including time asleep. Nobody can set this clock.
inline absl::Duration Uptime() {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return absl::DurationFromTimespec(now);
}

// In whole seconds, rounded up, so that a client that waits that long is not too early.
inline int64_t SecondsUp(absl::Duration time) { return absl::ToInt64Seconds(absl::Ceil(time, absl::Seconds(1))); }

}  // namespace identity

#endif  // IDENTITY_BASE_CLOCK_H_
