#ifndef IDENTITY_BASE_CLOCK_H_
#define IDENTITY_BASE_CLOCK_H_

#include <ctime>
#include <functional>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace identity {

// Where code learns the time. Thread-safe.
using Clock = std::function<absl::Time()>;

// How long the machine has been up: it goes on while the machine sleeps, and nobody can set it.
inline absl::Duration Uptime() {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return absl::DurationFromTimespec(now);
}

}  // namespace identity

#endif  // IDENTITY_BASE_CLOCK_H_
