#ifndef IDENTITY_RPC_SERVER_H_
#define IDENTITY_RPC_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/metrics.h"
#include "server/net/connections.h"
#include "server/net/listener.h"
#include "server/net/tls_reloader.h"
#include "server/rpc/server_options.h"

namespace identity {

// A running gRPC server with grpc.health.v1 for each service and, unless switched off, reflection. It accepts its
// connections itself, within limits.
class RpcServer {
 public:
  // Listens immediately: with TLS, or in plain text when `tls` is null. INVALID_ARGUMENT or UNAVAILABLE as ListenOn.
  // `others` answers calls of methods that no service has; without it, gRPC does. All of them must outlive the server.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const ServerOptions& options, TlsReloader* tls,
                                                          const std::vector<grpc::Service*>& services,
                                                          grpc::CallbackGenericService* others,
                                                          Connections& connections, Metrics& metrics);
  // Reports NOT_SERVING to load balancers, refuses new connections and calls, and waits at most `grace` for running
  // calls. Call it once.
  void Drain(absl::Duration grace);

  // Sets the answers to health checks: of the service "", whether this server `wants_clients`, which is for load
  // balancers; of the other services, whether it `answers`. Has no effect once the server drains. Thread-safe.
  void SetHealth(bool wants_clients, bool answers);

  int port() const { return port_; }

 private:
  RpcServer() = default;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;  // null once the server drains
  int port_ = 0;
  absl::Mutex mutex_;
  bool drained_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace identity

#endif  // IDENTITY_RPC_SERVER_H_
