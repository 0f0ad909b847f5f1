#ifndef IDENTITY_CALLS_CALL_RUNNER_H_
#define IDENTITY_CALLS_CALL_RUNNER_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/app/access/admission.h"
#include "server/app/access/denials.h"
#include "server/app/access/throttle.h"
#include "server/base/metrics.h"
#include "server/base/request_context.h"
#include "server/base/trace.h"
#include "server/base/worker_pool.h"
#include "server/calls/access.h"
#include "server/calls/call_log.h"
#include "server/calls/incoming_call.h"
#include "server/calls/trusted_proxies.h"
#include "server/net/client_certificates.h"

namespace identity {

// An admitted call: its deadline and its caller.
struct Call {
  RequestContext context;
  Caller caller;
};

// What every call runs in, through whichever door it came. It handles, in this order: the deadline, the credential, the
// row of the access table, rate limits, the handler, the audit of denials, the last-resort catch, the metrics, the
// trace, the log, the answer. Thread-safe.
//
// Rate limits apply to callers without a good credential, by address, to API keys and to sessions. Two kinds of answer
// show the quota of the caller:
// - every answer to a caller whose API key or session has a limit,
// - every RATE_LIMITED.
//
// A call that comes with `traceparent` (W3C Trace Context) belongs to the trace of its caller, who decides whether it
// is recorded.
//
// The answer has the request id of each call that fails or is logged, and of each call that came with one.
class CallRunner {
 public:
  // The time limit of a call that sets no deadline.
  static constexpr absl::Duration kDefaultDeadline = absl::Seconds(5);
  // The longest time limit, even for a call with a later deadline.
  static constexpr absl::Duration kLongestDeadline = absl::Minutes(1);

  // `tracer`: null when no call is traced. `certificates`: null when clients have none.
  CallRunner(WorkerPool& workers, const Admission& admission, Throttle& throttle, Denials& denials, Metrics& metrics,
             const CallLog& log, Tracer* tracer, TrustedProxies proxies, const ClientCertificates* certificates)
      : workers_(workers),
        admission_(admission),
        throttle_(throttle),
        denials_(denials),
        metrics_(metrics),
        log_(log),
        tracer_(tracer),
        proxies_(std::move(proxies)),
        certificates_(certificates) {}

  // A call on its way. `incoming` must exist until its `Finish` is called; `method` is its name in the access table, a
  // literal.
  struct Request {
    IncomingCall& incoming;
    absl::string_view method;
    CallTarget target = {};
  };
  using Handler = std::function<absl::Status(const Call& call)>;
  // Runs `handler` on a worker once the caller is admitted.
  void Run(const Request& request, Handler handler);
  // For handlers that rarely block: runs `handler` immediately, on this thread. A handler that returns `WouldBlock`
  // runs a second time, on a worker. The inline attempt has no peer address.
  void RunInline(const Request& request, Handler handler);

  // For calls whose request is not worth reading:
  // Ends the call with `error`, which no handler has seen.
  void Refuse(const Request& request, const absl::Status& error);
  // Counts the call as one without a credential, whatever credential it has. RESOURCE_EXHAUSTED / RATE_LIMITED when the
  // peer's address has made too many.
  absl::Status CountUnread(const IncomingCall& incoming) const;
  // Whether memory alone verifies the call's credential.
  bool IsKnown(const IncomingCall& incoming) const;

 private:
  struct Pending;  // the state of a call from its beginning to its end
  std::string AddressOf(const IncomingCall& incoming) const;
  // What the call shows, and the certificate to which it may refer.
  struct Shown {
    PresentedCredential credential;
    std::shared_ptr<const ClientCertificate> certificate;
  };
  Shown CredentialOf(const IncomingCall& incoming) const;
  Caller SenderOf(const IncomingCall& incoming) const;
  void Queue(const Pending& pending, const CallTarget& target, Handler handler);
  absl::Status Handle(Pending& pending, Call& call, const CallTarget& target, const Handler& handler) const;
  absl::Status AdmitAndRun(Pending& pending, Call& call, const CallTarget& target, const Handler& handler) const;
  absl::Status Admit(Pending& pending, Call& call, const CallTarget& target) const;
  absl::Status AdmitWithinLimit(Pending& pending, Call& call, const PresentedCredential& credential,
                                const Requirement& requirement) const;
  absl::Status CountStranger(Pending& pending, Call& call) const;
  absl::Status CountRequest(Pending& pending, Call& call) const;
  Pending Begin(const Request& request) const;
  void Finish(const Pending& pending, const Caller& caller, const absl::Status& status);

  WorkerPool& workers_;
  const Admission& admission_;
  Throttle& throttle_;
  Denials& denials_;
  Metrics& metrics_;
  const CallLog log_;
  Tracer* const tracer_;  // null: no call is traced
  const TrustedProxies proxies_;
  const ClientCertificates* const certificates_;  // null: clients have none
};

}  // namespace identity

#endif  // IDENTITY_CALLS_CALL_RUNNER_H_
