#include "server/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/security/server_credentials.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.pb.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/net/listen_address.h"
#include "server/net/socket.h"
#include "server/rpc/handover.h"
#include "server/rpc/tls_credentials.h"

namespace identity {
namespace {

// More than any RPC accepts: gRPC refuses larger requests with an error of its own and uncounted, so RpcRunner should
// see all that clients send by mistake.
constexpr int kMaxRequestBytes = 4 << 20;
constexpr int kMaxMetadataBytes = 16 * 1024;
// Later versions of gRPC would accept a little more than the limit, at random. They have this argument against it.
constexpr char kAbsoluteMaxMetadataSize[] = "grpc.absolute_max_metadata_size";
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

void SetLimits(grpc::ServerBuilder& builder, const ServerOptions& options) {
  grpc::ResourceQuota quota("identity");
  quota.Resize(kMaxBufferBytes);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  // A few compressed bytes can expand to a thousand times as many, beyond the limit for requests.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(kAbsoluteMaxMetadataSize, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 5 * 60 * 1000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(options.max_connection_age)));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, 30 * 1000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10 * 1000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
}

// The first version of gRPC that withstands floods of header blocks and of stream resets.
bool WithstandsFloods(const std::string& version) {
  constexpr int kMajor = 1;
  constexpr int kMinor = 60;
  const std::vector<std::string> parts = absl::StrSplit(version, '.');
  int major = 0;
  int minor = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &major) || !absl::SimpleAtoi(parts[1], &minor)) return false;
  return std::pair(major, minor) >= std::pair(kMajor, kMinor);
}

// Strangers can flood a server that listens beyond loopback and requires no client certificates.
void WarnOfFloods(const ListenAddress& address, bool mutual) {
  if (address.IsLoopback() || mutual || WithstandsFloods(grpc::Version())) return;
  Log(LogLevel::kWarning, "this version of gRPC does not withstand floods",
      {{"grpc", grpc::Version()},
       {"solution", "put a proxy in front, require client certificates, or use a later gRPC: see docs/security.md"}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(const ServerOptions& options, TlsReloader* tls,
                                                            const std::vector<grpc::Service*>& services,
                                                            grpc::CallbackGenericService* others,
                                                            Connections& connections, Metrics& metrics) {
  // Debian's Abseil detects cycles in the order of locks by default. That makes every lock of the process slower, those
  // within gRPC included.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const absl::optional<ListenAddress> address = ListenAddress::Parse(options.listen_address);
  if (!address) return InvalidField("listen-address", "must be HOST:PORT, [IPV6]:PORT or unix:PATH");
  ASSIGN_OR_RETURN(std::vector<Socket> sockets, ListenOn("listen-address", *address));
  grpc::EnableDefaultHealthCheckService(true);
  // Links the message, so that reflection finds it by name.
  static_cast<void>(grpc::health::v1::HealthCheckRequest::descriptor());
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  if (!options.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  SetLimits(builder, options);
  auto server = std::unique_ptr<RpcServer>(new RpcServer());
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (tls != nullptr) {
    ASSIGN_OR_RETURN(credentials, TlsCredentials(*tls));
  }
  Listener::Handover handover = HidingData(HandoverTo(builder, credentials));
  for (grpc::Service* service : services) builder.RegisterService(service);
  if (others != nullptr) builder.RegisterCallbackGenericService(others);
  server->server_ = builder.BuildAndStart();
  if (!server->server_) return absl::InternalError("gRPC does not start");
  server->SetHealth(true, true);
  server->port_ = PortOf(sockets.front());
  server->listener_ =
      std::make_unique<Listener>(std::move(sockets), connections, metrics.connections_refused, std::move(handover));
  WarnOfFloods(*address, tls != nullptr && tls->mutual());
  return server;
}

void RpcServer::SetHealth(bool wants_clients, bool answers) {
  MutexLock lock(mutex_);
  if (drained_) return;
  grpc::HealthCheckServiceInterface& health = *server_->GetHealthCheckService();
  health.SetServingStatus("", wants_clients);
  for (const char* service : {"identity.v1.IdentityService", "identity.v1.AccountService", "identity.v1.AdminService",
                              "envoy.service.auth.v3.Authorization"}) {
    health.SetServingStatus(service, answers);
  }
}

void RpcServer::Drain(absl::Duration grace) {
  {
    MutexLock lock(mutex_);
    if (std::exchange(drained_, true)) return;
    server_->GetHealthCheckService()->SetServingStatus("", false);
  }
  listener_.reset();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  server_->Wait();
}

}  // namespace identity
