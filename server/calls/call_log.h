#ifndef IDENTITY_CALLS_CALL_LOG_H_
#define IDENTITY_CALLS_CALL_LOG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/app/access/caller.h"

namespace identity {

// How a call ended. Refers to objects of the call.
struct CallEnd {
  absl::string_view method;
  const absl::Status& error;  // OK, or an error of the contract
  absl::Duration duration;    // until the status was known
  const Caller& caller;
  absl::string_view request_id;
};

// Writes one line of the log for each call: at "info" for a call that failed on our side or was slow, at "debug" for
// any other. A line holds names, codes and ids, and no text of a client except a sound request id. Thread-safe.
class CallLog {
 public:
  // Calls are slow from a duration of `slow` on. A deadline that the client set shorter is the client's own choice, so
  // DEADLINE_EXCEEDED alone is no failure of ours.
  explicit CallLog(absl::Duration slow) : slow_(slow) {}

  // Whether a call with this end has a line at the present level. Takes a few nanoseconds.
  bool Wants(absl::StatusCode code, absl::Duration duration) const;
  void Write(const CallEnd& end) const;

 private:
  const absl::Duration slow_;
};

// The id by which people find a call in logs. `sent`, the client's own, if it has 1 to 64 of [A-Za-z0-9._:/+=@-]: every
// token and key is longer. Otherwise a new one if the client sent one or if `needed`, else "".
std::string RequestIdOf(absl::optional<absl::string_view> sent, bool needed);

}  // namespace identity

#endif  // IDENTITY_CALLS_CALL_LOG_H_
