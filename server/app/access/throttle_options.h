#ifndef IDENTITY_APP_ACCESS_THROTTLE_OPTIONS_H_
#define IDENTITY_APP_ACCESS_THROTTLE_OPTIONS_H_

#include <cstdint>

namespace identity {

// How many uses each limit allows in its window; 0 switches the limit off. Each server counts for itself. throttle.cc
// has the table of the limits that these options set.
struct ThrottleOptions {
  int64_t login_failures_per_minute = 5;    // from an address: wrong passwords, codes and API keys
  int64_t registrations_per_hour = 3;       // from an address
  int64_t mails_per_hour = 3;               // to an account; an address may request 20, or this number if larger
  int64_t calls_per_minute = 600;           // from an address, without a good credential
  int64_t api_key_requests_per_minute = 0;  // with any API key, in addition to the key's own quota
  int64_t session_calls_per_minute = 1200;  // with one session
  int64_t new_passwords_per_minute = 20;    // to check, from an address or for an account; and proofs of it
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_THROTTLE_OPTIONS_H_
