#ifndef IDENTITY_RPC_CALL_H_
#define IDENTITY_RPC_CALL_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/app/access/admission.h"
#include "server/app/access/denials.h"
#include "server/app/access/throttle.h"
#include "server/base/metrics.h"
#include "server/base/request_context.h"
#include "server/base/trace.h"
#include "server/base/worker_pool.h"
#include "server/rpc/access.h"
#include "server/rpc/arena_messages.h"
#include "server/rpc/call_log.h"

namespace identity {

using ServerContext = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;

// An RPC as it arrives. Refers to objects that gRPC keeps until the call ends.
struct Rpc {
  ServerContext* context;
  absl::string_view method;  // its name in the access table, a literal
  CallTarget target = {};
};

// The bounds of a request, which it must keep before it is parsed. A value.
struct RequestLimits {
  size_t max_bytes = 64 * 1024;
  // Refuses requests that are small on the wire and large in memory. Null: there are none.
  absl::Status (*check)(grpc::ByteBuffer& bytes) = nullptr;
};

// An admitted call: its deadline and its caller.
struct Call {
  RequestContext context;
  Caller caller;
};

// The wrapper that every RPC runs in. It handles, in this order: the request's bounds, its parsing, the deadline, the
// credential, the row of the access table, rate limits, the handler, the audit of denials, the last-resort catch, the
// metrics, the trace, the log, the status. Thread-safe.
//
// Rate limits apply to callers without a good credential, by address, to API keys and to sessions. Calls whose request
// is refused unparsed count as calls without a credential, whatever credential they have. Two kinds of answer carry the
// trailing metadata `ratelimit-limit`, `ratelimit-remaining` and `ratelimit-reset` (seconds, rounded up):
// - every answer to a caller whose API key or session has a limit,
// - every RATE_LIMITED.
//
// A call that comes with `traceparent` (W3C Trace Context) belongs to the trace of its caller, who decides whether it
// is recorded.
//
// The trailing metadata `x-request-id` has the request id of each call that fails or is logged, and of each call that
// came with one.
//
// All handlers have one form. They convert the request, call one use case, and write its result into the response:
//
//   Reactor* AdminService::GetRole(ServerContext* context, const v1::GetRoleRequest* request,
//                                  v1::GetRoleResponse* response) {
//     const Rpc rpc{context, "identity.v1.AdminService/GetRole"};
//     return calls_.Run(rpc, [=, this](const Call& call) -> absl::Status {
//       ASSIGN_OR_RETURN(const roles::Role role, roles_.Get(call.context, request->name()));
//       *response->mutable_role() = ToProto(role);
//       return absl::OkStatus();
//     });
//   }
class CallRunner {
 public:
  // The time limit of a call that sets no deadline.
  static constexpr absl::Duration kDefaultDeadline = absl::Seconds(5);
  // The longest time limit, even for a call with a later deadline.
  static constexpr absl::Duration kLongestDeadline = absl::Minutes(1);

  // A larger request of a caller that memory does not know is counted before it is parsed. Parsing a smaller one takes
  // at most about 2 ms, whatever it holds.
  static constexpr size_t kMaxUncountedBytes = 64 * 1024;

  // `tracer`: null when no call is traced.
  CallRunner(WorkerPool& workers, const Admission& admission, Throttle& throttle, Denials& denials, Metrics& metrics,
             const CallLog& log, Tracer* tracer)
      : workers_(workers),
        admission_(admission),
        throttle_(throttle),
        denials_(denials),
        metrics_(metrics),
        log_(log),
        tracer_(tracer) {}

  // Parses the request. If it is out of bounds or malformed, or the peer's address has made too many such calls, ends
  // the call and returns its reactor; otherwise null. `method` must outlive the call.
  Reactor* Receive(ServerContext& context, absl::string_view method, const RequestLimits& limits);
  using Handler = std::function<absl::Status(const Call& call)>;
  // Runs `handler` on a worker once the caller is admitted. The request and the response stay valid until `handler` has
  // returned.
  Reactor* Run(const Rpc& rpc, Handler handler);
  // For handlers that rarely block: runs `handler` immediately, on this thread. A handler that returns `WouldBlock`
  // runs a second time, on a worker. The inline attempt has no peer address.
  Reactor* RunInline(const Rpc& rpc, Handler handler);
  // The status of a call of a method that the server does not have.
  grpc::Status RefuseUnknown(ServerContext& context);

 private:
  struct Pending;  // the state of a call from its beginning to its end
  Reactor* Queue(const Pending& pending, const CallTarget& target, Handler handler);
  absl::Status Handle(Pending& pending, Call& call, const CallTarget& target, const Handler& handler) const;
  absl::Status AdmitAndRun(Pending& pending, Call& call, const CallTarget& target, const Handler& handler) const;
  absl::Status Admit(Pending& pending, Call& call, const CallTarget& target) const;
  absl::Status AdmitWithinLimit(Pending& pending, Call& call, const PresentedCredential& credential,
                                const Requirement& requirement) const;
  absl::Status CountStranger(Pending& pending, Call& call) const;
  absl::Status CountRequest(Pending& pending, Call& call) const;
  bool IsKnown(const ServerContext& context) const;
  absl::Status CountUnparsed(const ServerContext& context) const;
  Pending Begin(const Rpc& rpc) const;
  void Finish(const Pending& pending, const Caller& caller, const absl::Status& status);
  grpc::Status Conclude(const Pending& pending, const Caller& caller, const absl::Status& status);

  WorkerPool& workers_;
  const Admission& admission_;
  Throttle& throttle_;
  Denials& denials_;
  Metrics& metrics_;
  const CallLog log_;
  Tracer* const tracer_;  // null: no call is traced
};

}  // namespace identity

#endif  // IDENTITY_RPC_CALL_H_
