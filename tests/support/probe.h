#ifndef IDENTITY_TESTS_SUPPORT_PROBE_H_
#define IDENTITY_TESTS_SUPPORT_PROBE_H_

#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

// Calls of gRPC's own services, whose generated code Debian does not ship, each over a connection of its own.
namespace identity {

struct Probe {
  std::string address;
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  bool wait_for_server = false;  // until it listens, instead of failing at once
};

// Calls `method` with the bytes of a request, and returns those of the response.
absl::StatusOr<std::string> CallRaw(const Probe& probe, const std::string& method, const std::string& request);

// "SERVING", "NOT_SERVING" and so on as grpc.health.v1 has it; the name of the status code when the call fails.
std::string HealthOf(const Probe& probe, const std::string& service);

// The names that reflection lists, as raw text.
absl::StatusOr<std::string> ReflectedServices(const Probe& probe);

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_PROBE_H_
