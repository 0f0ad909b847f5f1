#ifndef IDENTITY_RPC_RPC_CALL_H_
#define IDENTITY_RPC_RPC_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <string>
#include <vector>

#include "server/calls/incoming_call.h"

namespace identity {

// A gRPC call. Refers to the context, which gRPC keeps until the call ends.
class GrpcCall : public IncomingCall {
 public:
  // From `authorization` if there is one, else from `x-api-key`. Two values for one key are malformed.
  PresentedCredential credential() const override;
  std::string certificate() const override;
  std::string peer_address() const override;
  std::vector<absl::string_view> forwarded_for() const override;
  absl::string_view user_agent() const override;
  absl::optional<TraceContext> trace() const override;
  absl::optional<absl::string_view> request_id() const override;
  absl::Time deadline() const override;
  bool cancelled() const override { return context_.IsCancelled(); }

 protected:
  explicit GrpcCall(grpc::CallbackServerContext& context) : context_(context) {}
  ~GrpcCall() = default;
  // Adds the trailing metadata: `ratelimit-limit`, `ratelimit-remaining` and `ratelimit-reset` (seconds, rounded up)
  // for a quota, and `x-request-id` for a request id. Returns the status for the client.
  grpc::Status Conclude(const CallOutcome& outcome);

  grpc::CallbackServerContext& context_;

 private:
  absl::optional<absl::string_view> Metadata(const char* key) const;
};

// A call of an RPC of ours. Its `Finish` ends it, with the response if the call succeeded.
class RpcCall final : public GrpcCall {
 public:
  // gRPC gives a context's reactor only once, so there is one such object for a call.
  explicit RpcCall(grpc::CallbackServerContext& context) : GrpcCall(context), reactor_(context.DefaultReactor()) {}
  void Finish(const CallOutcome& outcome) override;
  // gRPC's handle of the call, which it needs from the handler.
  grpc::ServerUnaryReactor* reactor() { return reactor_; }

 private:
  grpc::ServerUnaryReactor* const reactor_;
};

// A call of a method that no service has. Its `Finish` only keeps the status.
class UnknownCall final : public GrpcCall {
 public:
  explicit UnknownCall(grpc::CallbackServerContext& context) : GrpcCall(context) {}
  void Finish(const CallOutcome& outcome) override { status_ = Conclude(outcome); }
  const grpc::Status& status() const { return status_; }

 private:
  grpc::Status status_;
};

}  // namespace identity

#endif  // IDENTITY_RPC_RPC_CALL_H_
