#ifndef IDENTITY_RPC_CALL_H_
#define IDENTITY_RPC_CALL_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "server/app/admission.h"
#include "server/app/mutation.h"
#include "server/base/request_context.h"
#include "server/base/worker_pool.h"
#include "server/rpc/access.h"

namespace identity {

// One call on its way: how long it may take, and who makes it.
struct Call {
  RequestContext context;
  Caller caller;
};

// The wrapper that every RPC runs in: size, deadline, credential, the row of the access table, a worker, the
// last-resort catch, and the status. Thread-safe.
class CallRunner {
 public:
  // Without a deadline of its own a call may take this long.
  static constexpr absl::Duration kDefaultDeadline = absl::Seconds(5);

  CallRunner(WorkerPool& workers, const Admission& admission) : workers_(workers), admission_(admission) {}

  using Handler = std::function<absl::Status(const Call& call)>;
  // Runs `handler` on a worker once the caller was let in. `method` is its name in the access table. The request and
  // response stay valid until the returned reactor is done, which is after `handler` has returned.
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, absl::string_view method,
                                const google::protobuf::Message& request, const CallTarget& target, Handler handler);
  // Ends a call that is not worth a worker, whoever makes it.
  static grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext* context, const absl::Status& error);

 private:
  absl::Status RunOnWorker(grpc::CallbackServerContext* context, absl::string_view method, const CallTarget& target,
                           absl::Time deadline, const Handler& handler) const;

  WorkerPool& workers_;
  const Admission& admission_;
};

// The client's id for a creating call, with the fingerprint of all its arguments. INVALID_ARGUMENT (field
// "request_id").
absl::StatusOr<Idempotency> ReadIdempotency(absl::string_view request_id, const google::protobuf::Message& request);

}  // namespace identity

#endif  // IDENTITY_RPC_CALL_H_
