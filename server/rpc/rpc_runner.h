#ifndef IDENTITY_RPC_RPC_RUNNER_H_
#define IDENTITY_RPC_RPC_RUNNER_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/calls/call_runner.h"

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

// Runs RPCs in the CallRunner: first `Receive`, then `Run` or `RunInline`. Calls whose request is refused unparsed
// count as calls without a credential, whatever credential they have. Thread-safe.
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
class RpcRunner {
 public:
  // A larger request of a caller that memory does not know is counted before it is parsed. Parsing a smaller one takes
  // at most about 2 ms, whatever it holds.
  static constexpr size_t kMaxUncountedBytes = 64 * 1024;

  explicit RpcRunner(CallRunner& calls) : calls_(calls) {}

  // Parses the request. If it is out of bounds or malformed, or the peer's address has made too many such calls, ends
  // the call and returns its reactor; otherwise null. `method` must outlive the call.
  Reactor* Receive(ServerContext& context, absl::string_view method, const RequestLimits& limits);
  // CallRunner::Run and RunInline. The request and the response stay valid until `handler` has returned.
  Reactor* Run(const Rpc& rpc, CallRunner::Handler handler);
  Reactor* RunInline(const Rpc& rpc, CallRunner::Handler handler);
  // The status of a call of a method that the server does not have.
  grpc::Status RefuseUnknown(ServerContext& context);

 private:
  CallRunner& calls_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_RPC_RUNNER_H_
