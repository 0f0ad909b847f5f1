#include "server/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/security/server_credentials.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"
#include "server/base/mutex.h"

namespace identity {
namespace {

// More than any RPC accepts: gRPC refuses larger requests with an error of its own and uncounted, so CallRunner should
// see all that clients send by mistake.
constexpr int kMaxRequestBytes = 4 << 20;
constexpr int kMaxMetadataBytes = 16 * 1024;
constexpr int kMaxStreams = 100;
constexpr size_t kMaxBufferBytes = size_t{256} << 20;  // of messages in flight, over all connections

// gRPC adds reflection to every server of a program that links it; this option removes it.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    plugins->erase(std::remove_if(plugins->begin(), plugins->end(),
                                  [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; }),
                   plugins->end());
  }
};

void SetLimits(grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota("identity");
  quota.Resize(kMaxBufferBytes);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  // A few compressed bytes can expand to a thousand times as many, beyond the limit for requests.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 5 * 60 * 1000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 30 * 60 * 1000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 30 * 1000);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a second server on the port must fail to start
}

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(const ServerOptions& options, const TlsReloader* tls,
                                                            const std::vector<grpc::Service*>& services,
                                                            grpc::CallbackGenericService* others) {
  // Debian's Abseil detects cycles in the order of locks by default. That makes every lock of the process slower, those
  // within gRPC included.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::EnableDefaultHealthCheckService(true);
  // Links the message, so that reflection finds it by name.
  static_cast<void>(grpc::health::v1::HealthCheckRequest::descriptor());
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  if (!options.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  SetLimits(builder);
  auto server = std::unique_ptr<RpcServer>(new RpcServer());
  builder.AddListeningPort(options.listen_address,
                           tls == nullptr ? grpc::InsecureServerCredentials() : tls->credentials(), &server->port_);
  for (grpc::Service* service : services) builder.RegisterService(service);
  if (others != nullptr) builder.RegisterCallbackGenericService(others);
  server->server_ = builder.BuildAndStart();
  if (!server->server_ || server->port_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("listen-address: cannot listen on ", options.listen_address, "; is it in use?"));
  }
  server->SetServing(true);
  return server;
}

void RpcServer::SetServing(bool serving) {
  MutexLock lock(mutex_);
  if (drained_) return;
  grpc::HealthCheckServiceInterface& health = *server_->GetHealthCheckService();
  for (const char* service :
       {"", "identity.v1.IdentityService", "identity.v1.AccountService", "identity.v1.AdminService"}) {
    health.SetServingStatus(service, serving);
  }
}

void RpcServer::Drain(absl::Duration grace) {
  {
    MutexLock lock(mutex_);
    if (std::exchange(drained_, true)) return;
    server_->GetHealthCheckService()->SetServingStatus(false);
  }
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  server_->Wait();
}

}  // namespace identity
