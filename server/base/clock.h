#ifndef IDENTITY_BASE_CLOCK_H_
#define IDENTITY_BASE_CLOCK_H_

#include <functional>

#include "absl/time/time.h"

namespace identity {

// Tells the time. It decides the lifetime of access tokens alone; sessions, locks and keys go by the database's clock.
using Clock = std::function<absl::Time()>;

}  // namespace identity

#endif  // IDENTITY_BASE_CLOCK_H_
