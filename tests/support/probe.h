#ifndef IDENTITY_TESTS_SUPPORT_PROBE_H_
#define IDENTITY_TESTS_SUPPORT_PROBE_H_

#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

// Calls of gRPC's own services, each over its own connection. Debian does not ship their generated code.
namespace identity {

struct Probe {
  std::string address;
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  bool wait_for_server = false;  // until it listens, instead of failing immediately
};

// Calls `method` with the bytes of a request, and returns those of the response.
absl::StatusOr<std::string> CallRaw(const Probe& probe, const std::string& method, const std::string& request);

// The status of grpc.health.v1 ("SERVING", "NOT_SERVING" …); the name of the status code when the call fails.
std::string HealthOf(const Probe& probe, const std::string& service);

// The names that reflection lists, as raw text.
absl::StatusOr<std::string> ReflectedServices(const Probe& probe);

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_PROBE_H_
