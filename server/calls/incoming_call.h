#ifndef IDENTITY_CALLS_INCOMING_CALL_H_
#define IDENTITY_CALLS_INCOMING_CALL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/app/access/admission.h"
#include "server/base/rate_limiter.h"
#include "server/base/trace_context.h"

namespace identity {

// How a call ends. Refers to objects of the CallRunner.
struct CallOutcome {
  const absl::Status& status;                         // OK, or an error of the contract
  const absl::optional<RateLimiter::Outcome>& quota;  // to show to the client, when the caller has a limit or broke one
  absl::string_view request_id;                       // to show to the client; "": there is none
};

// A call as one door received it. The doors differ in where they find these properties, and in the form of the answer.
// All functions except `Finish` can be called from any thread until the call ends.
class IncomingCall {
 public:
  // The credential to verify. It refers to the request.
  virtual PresentedCredential credential() const = 0;
  // The client's certificate of the connection, in PEM; "": there is none. The handshake has verified its chain.
  virtual std::string certificate() const = 0;
  // Of the connection, without the port; "" for a Unix socket.
  virtual std::string peer_address() const = 0;
  // The values of X-Forwarded-For, in the order of their arrival. Anybody may have written them.
  virtual std::vector<absl::string_view> forwarded_for() const = 0;
  // As the client sent it, or "".
  virtual absl::string_view user_agent() const = 0;
  // nullopt: there is none, or it is malformed.
  virtual absl::optional<TraceContext> trace() const = 0;
  // As the client sent it. nullopt: it sent none.
  virtual absl::optional<absl::string_view> request_id() const = 0;
  // InfiniteFuture when the client set none.
  virtual absl::Time deadline() const = 0;
  // Whether nobody waits for the answer any more. A door may notice that late or never.
  virtual bool cancelled() const = 0;
  // Answers the client. The CallRunner calls it once, and uses the object no more.
  virtual void Finish(const CallOutcome& outcome) = 0;

 protected:
  ~IncomingCall() = default;
};

}  // namespace identity

#endif  // IDENTITY_CALLS_INCOMING_CALL_H_
