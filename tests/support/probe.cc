#include "tests/support/probe.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "identity/errors.h"

namespace identity {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

std::shared_ptr<grpc::Channel> Connect(const Probe& probe) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // Retries a starting server soon. The minimum stays as it is: despite its name it is the time that a connection may
  // take, and a busy server needs it.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  return grpc::CreateCustomChannel(probe.address, probe.credentials, arguments);
}

std::string Text(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

}  // namespace

absl::StatusOr<std::string> CallRaw(const Probe& probe, const std::string& method, const std::string& request) {
  grpc::GenericStub stub(Connect(probe));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  context.set_wait_for_ready(probe.wait_for_server);
  const grpc::Slice slice(request);
  const grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, method, grpc::StubOptions(), &sent, &received, [&](grpc::Status outcome) {
    status = std::move(outcome);
    done.Notify();
  });
  done.WaitForNotification();
  if (!status.ok()) return FromGrpcStatus(status);
  return Text(received);
}

std::string HealthOf(const Probe& probe, const std::string& service) {
  // HealthCheckRequest {string service = 1}, HealthCheckResponse {enum status = 1}.
  std::string request;
  if (!service.empty()) request = std::string("\x0a") + static_cast<char>(service.size()) + service;
  const absl::StatusOr<std::string> response = CallRaw(probe, "/grpc.health.v1.Health/Check", request);
  if (!response.ok()) return absl::StatusCodeToString(response.status().code());
  if (*response == std::string("\x08\x01")) return "SERVING";
  return *response == std::string("\x08\x02") ? "NOT_SERVING" : "SERVICE_UNKNOWN";
}

absl::StatusOr<std::string> ReflectedServices(const Probe& probe) {
  // ServerReflectionRequest {string list_services = 7}.
  return CallRaw(probe, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "\x3a\x01*");
}

}  // namespace identity
