#ifndef IDENTITY_DB_STORES_LOCKOUT_H_
#define IDENTITY_DB_STORES_LOCKOUT_H_

#include <cstdint>

#include "absl/time/time.h"

namespace identity {

// How guesses are limited (NIST SP 800-63B section 3.2.2). The last of `free_guesses` locks for `first_lock`. Each
// wrong guess after a lock has ended locks again for twice as long, up to `longest_lock`.
struct Lockout {
  int64_t free_guesses = 5;
  absl::Duration first_lock = absl::Seconds(30);
  absl::Duration longest_lock = absl::Minutes(30);
};

}  // namespace identity

// SQL for an UPDATE that counts one more guess: the new value of the column `until`, the end of the lock. `failures` is
// the column with the count before this guess. The others are the parameters with the fields of a Lockout.
#define LOCKED_UNTIL(until, failures, free_guesses, first_lock, longest_lock)                                 \
  "CASE WHEN " failures " + 1 < " free_guesses " THEN " until " ELSE clock_timestamp() + least(" longest_lock \
  "::interval, " first_lock "::interval * power(2, least(" failures " + 1 - " free_guesses ", 30))) END"

#endif  // IDENTITY_DB_STORES_LOCKOUT_H_
