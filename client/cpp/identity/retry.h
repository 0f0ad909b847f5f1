#ifndef IDENTITY_RETRY_H_
#define IDENTITY_RETRY_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

// Whether and when a call is retried, as three independent policies. All are values.
namespace identity {
inline namespace client {

// When a call may be repeated.
enum class Repeat {
  kNever,            // a second call could have another effect, or be a second guess of a password
  kWhenUnavailable,  // safe within the 10 seconds in which a spent refresh token still yields the same child
  kSafe,             // always
};

// Decides from the request whether a call may be repeated. These calls are safe:
//
// - reads and checks: names that begin with Get, List, Check or BatchCheck
// - Revoke
// - the exchange of an API key
// - creating calls with a `request_id`
//
// Unknown calls are never repeated. A call that makes a secret returns it only once: a retry returns no secret. If the
// first response is lost, the secret is lost, too.
class IdempotencyPolicy {
 public:
  Repeat Of(const google::protobuf::Message& request) const;
};

// Decides whether an error justifies a retry, and limits the number of calls. A call that a server refused unseen,
// because it was shutting down, is always repeated.
class RetryPolicy {
 public:
  // `attempts`: maximum number of calls, including the first.
  explicit RetryPolicy(int attempts = 5) : attempts_(attempts) {}

  // `made`: number of calls so far.
  bool Allows(const absl::Status& error, Repeat repeat, int made) const;

 private:
  int attempts_;
};

// The delay before a retry. It doubles with each retry. A random part is subtracted, so that clients do not retry
// together. It is never shorter than the delay that the service requests.
class BackoffPolicy {
 public:
  struct Options {
    absl::Duration first = absl::Milliseconds(20);
    absl::Duration longest = absl::Seconds(1);
  };
  BackoffPolicy() = default;
  explicit BackoffPolicy(const Options& options) : options_(options) {}

  // The delay after `made` calls. `random` is from 0 to 1.
  absl::Duration Delay(const absl::Status& error, int made, double random) const;

 private:
  Options options_;
};

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_RETRY_H_
