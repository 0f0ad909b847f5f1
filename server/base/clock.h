#ifndef IDENTITY_BASE_CLOCK_H_
#define IDENTITY_BASE_CLOCK_H_

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

}  // namespace identity

#endif  // IDENTITY_BASE_CLOCK_H_
