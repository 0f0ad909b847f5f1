#ifndef IDENTITY_RPC_SERVER_H_
#define IDENTITY_RPC_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/rpc/server_options.h"

namespace identity {

// A running gRPC server with grpc.health.v1 for each service and, unless switched off, reflection.
class RpcServer {
 public:
  // Listens at once. INVALID_ARGUMENT names the option that is wrong; UNAVAILABLE when the address is taken.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const ServerOptions& options,
                                                          const std::vector<grpc::Service*>& services);
  // Tells health checks that it goes away, refuses new calls and lets those that run finish, at most `grace`. Once.
  void Drain(absl::Duration grace);

  // What health checks are told; nothing once it drains. Thread-safe.
  void SetServing(bool serving);

  int port() const { return port_; }

 private:
  RpcServer() = default;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  absl::Mutex mutex_;
  bool drained_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace identity

#endif  // IDENTITY_RPC_SERVER_H_
