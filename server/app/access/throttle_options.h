#ifndef IDENTITY_APP_ACCESS_THROTTLE_OPTIONS_H_
#define IDENTITY_APP_ACCESS_THROTTLE_OPTIONS_H_

#include <cstdint>

namespace identity {

// What may be done how often; 0 switches a limit off. The counts are each server's own.
struct ThrottleOptions {
  int64_t login_failures_per_minute = 5;    // of an address: passwords, codes and API keys that are wrong
  int64_t registrations_per_hour = 3;       // of an address
  int64_t mails_per_hour = 3;               // to an account; an address may ask for 20
  int64_t calls_per_minute = 600;           // of an address, without a good credential
  int64_t api_key_requests_per_minute = 0;  // of any API key, beside its own quota
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_THROTTLE_OPTIONS_H_
