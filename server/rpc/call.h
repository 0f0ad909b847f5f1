#ifndef IDENTITY_RPC_CALL_H_
#define IDENTITY_RPC_CALL_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "server/app/access/admission.h"
#include "server/app/access/throttle.h"
#include "server/app/change/mutation.h"
#include "server/base/metrics.h"
#include "server/base/request_context.h"
#include "server/base/worker_pool.h"
#include "server/rpc/access.h"

namespace identity {

// One call on its way: how long it may take, and who makes it.
struct Call {
  RequestContext context;
  Caller caller;
};

// The wrapper that every RPC runs in: size, deadline, credential, the row of the access table, the limits of who comes
// without a credential or with an API key, a worker, the last-resort catch, the status, and the metrics.
//
// Every answer to a caller whose API key has a quota, and every RATE_LIMITED, tells in its trailing metadata what is
// left: `ratelimit-limit`, `ratelimit-remaining`, `ratelimit-reset` (seconds, rounded up). Thread-safe.
class CallRunner {
 public:
  // Without a deadline of its own a call may take this long.
  static constexpr absl::Duration kDefaultDeadline = absl::Seconds(5);
  // And no call longer than this, whatever its own says.
  static constexpr absl::Duration kLongestDeadline = absl::Minutes(1);

  CallRunner(WorkerPool& workers, const Admission& admission, Throttle& throttle, Metrics& metrics)
      : workers_(workers), admission_(admission), throttle_(throttle), metrics_(metrics) {}

  using Handler = std::function<absl::Status(const Call& call)>;
  // Runs `handler` on a worker once the caller was let in. `method` is its name in the access table and outlives the
  // call. The request and response stay valid until the returned reactor is done, which is after `handler` has
  // returned.
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, absl::string_view method,
                                const google::protobuf::Message& request, const CallTarget& target, Handler handler);
  // The same for what hardly ever has to wait: runs `handler` at once, on this thread, and on a worker only when it
  // gives `WouldBlock`. Then it runs twice. At once it is not told from where the call came.
  grpc::ServerUnaryReactor* RunAtOnce(grpc::CallbackServerContext* context, absl::string_view method,
                                      const google::protobuf::Message& request, const CallTarget& target,
                                      Handler handler);
  // Ends a call that is not worth a worker, whoever makes it.
  grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext* context, absl::string_view method,
                                   const absl::Status& error);

 private:
  struct Pending;  // what is known of a call from its beginning to its end
  grpc::ServerUnaryReactor* Queue(const Pending& pending, const CallTarget& target, Handler handler);
  absl::Status Handle(Pending& pending, Call& call, const CallTarget& target, const Handler& handler) const;
  absl::Status Admit(Pending& pending, Call& call, const CallTarget& target) const;
  absl::StatusOr<Caller> AdmitWithinLimit(Pending& pending, Call& call, const PresentedCredential& credential,
                                          const Requirement& requirement) const;
  absl::Status CountStranger(Pending& pending, Call& call) const;
  absl::Status CountRequest(Pending& pending, Call& call) const;
  void Finish(const Pending& pending, const absl::Status& status);

  WorkerPool& workers_;
  const Admission& admission_;
  Throttle& throttle_;
  Metrics& metrics_;
};

// The client's id for a creating call, with the fingerprint of all its arguments. INVALID_ARGUMENT (field
// "request_id").
absl::StatusOr<Idempotency> ReadIdempotency(absl::string_view request_id, const google::protobuf::Message& request);

}  // namespace identity

#endif  // IDENTITY_RPC_CALL_H_
