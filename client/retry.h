#ifndef IDENTITY_CLIENT_RETRY_H_
#define IDENTITY_CLIENT_RETRY_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

// Whether and when a call is made again, as three questions that do not know of each other. All are values.
namespace identity {

// What making a call a second time could do.
enum class Repeat {
  kNever,            // something else than the first time, or a second guess of a password
  kWhenUnavailable,  // nothing, within the 10 seconds in which a spent refresh token still gives the same child
  kSafe,             // nothing
};

// Whether a call can be repeated, going by its request. Reads are those whose name begins with Get, List, Check or
// BatchCheck; of the others, one that it does not know is never repeated.
//
// Safe are reads and checks, Revoke, the exchange of an API key, and creating calls with a `request_id`. (The repeat of
// a call that made a secret answers without the secret: when the first answer was lost, the secret is, too.)
class IdempotencyPolicy {
 public:
  Repeat Of(const google::protobuf::Message& request) const;
};

// Whether an error is worth a repeat, and how many are enough.
class RetryPolicy {
 public:
  // `attempts`: calls in all, the first among them.
  explicit RetryPolicy(int attempts = 5) : attempts_(attempts) {}

  // `made`: how many calls have been made.
  bool Allows(const absl::Status& error, Repeat repeat, int made) const;

 private:
  int attempts_;
};

// How long to wait before a repeat: twice as long each time, less a random part so that clients do not come back
// together, and never less than the service asks for.
class BackoffPolicy {
 public:
  struct Options {
    absl::Duration first = absl::Milliseconds(20);
    absl::Duration longest = absl::Seconds(1);
  };
  BackoffPolicy() = default;
  explicit BackoffPolicy(const Options& options) : options_(options) {}

  // Before the call after `made` calls. `random` is from 0 to 1.
  absl::Duration Delay(const absl::Status& error, int made, double random) const;

 private:
  Options options_;
};

}  // namespace identity

#endif  // IDENTITY_CLIENT_RETRY_H_
