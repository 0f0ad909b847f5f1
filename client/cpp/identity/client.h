#ifndef IDENTITY_CLIENT_H_
#define IDENTITY_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "identity/retry.h"
#include "identity/token.h"
#include "identity/v1/account_service.grpc.pb.h"
#include "identity/v1/admin_service.grpc.pb.h"
#include "identity/v1/identity_service.grpc.pb.h"

namespace identity {
// Inline: the names are identity::Client and so on. The linker sees them as identity::client::Client, so that a program
// may hold other parts of Identity.
inline namespace client {

// The RPCs, as Client::Call takes them: `&IdentityRpc::CheckPermission`.
using AccountRpc = v1::AccountService::Stub;
using AdminRpc = v1::AdminService::Stub;
using IdentityRpc = v1::IdentityService::Stub;

// The settings of a client.
struct ClientOptions {
  // HOST:PORT, a list of them separated by commas, or another target of gRPC. Calls go in turn to all of them, and to
  // all addresses of a name. In Kubernetes, name a headless service.
  std::string address = {};
  // TLS unless `plaintext`. The server's certificate must chain to a root in the file, or to one of the system's roots
  // when no file is set.
  bool plaintext = false;
  std::string tls_root_file = {};  // PEM
  // The client's own certificate chain and its key, for servers that require one. Both or none. The client reads all
  // files once, when it is created: create another one before the certificate expires.
  std::string tls_certificate_file = {};  // PEM
  std::string tls_key_file = {};          // PEM, without a passphrase
  // The credential of each call. Null: none, for example because the certificate is the credential.
  TokenSource credential = nullptr;
  absl::Duration deadline = absl::Seconds(2);  // of each call, including its retries
  // Sends calls only to replicas whose health service says SERVING. For several replicas: with one, or if none is
  // healthy, calls fail with UNAVAILABLE, without a reason and without a retry delay.
  bool watch_health = false;
  RetryPolicy retry = RetryPolicy();
};

// The settings of one call. Valid during the call.
struct CallOptions {
  // Unset: the call uses the client's credential. Empty: the call fails, so that a request without a credential never
  // runs as the client.
  absl::optional<absl::string_view> credential;
  absl::optional<absl::Duration> deadline;  // unset: the client's
};

// A client of the identity service. Thread-safe; create one and keep it.
//
// Errors keep the service's details: see identity/errors.h. Calls that are safe to repeat are retried when the service
// is unreachable or requests a retry: see identity/retry.h.
//
// An error of a check means "not decided": deny.
class Client {
 public:
  // Does not wait for a connection. INVALID_ARGUMENT for a wrong address, or with only one of certificate and key;
  // NOT_FOUND when a file cannot be read.
  static absl::StatusOr<std::unique_ptr<Client>> Create(ClientOptions options);

  // A client that makes its calls with another credential, over the same connections.
  std::unique_ptr<Client> As(TokenSource credential) const;

  // Calls an RPC of any of the services: `client.Call(&IdentityRpc::CheckPermission, request)`. Returns the response,
  // an error, or DEADLINE_EXCEEDED.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                                const std::type_identity_t<Request>& request, const CallOptions& options = {}) const {
    absl::StatusOr<Response> result{Response()};
    const absl::Status status = Run(request, options, [&](const Replica& replica, grpc::ClientContext& context) {
      result->Clear();
      return (std::get<std::unique_ptr<Stub>>(replica.stubs).get()->*rpc)(&context, request, &*result);
    });
    if (!status.ok()) result = status;
    return result;
  }

  absl::Duration deadline() const { return options_.deadline; }

 private:
  friend class MethodGuard;

  // One address of the list.
  struct Replica {
    std::shared_ptr<grpc::Channel> channel;
    std::tuple<std::unique_ptr<AccountRpc>, std::unique_ptr<AdminRpc>, std::unique_ptr<IdentityRpc>> stubs;
  };
  class Replicas;
  class Attempts;
  class AsyncCheck;

  Client(ClientOptions options, std::shared_ptr<Replicas> replicas);

  absl::Status Run(const google::protobuf::Message& request, const CallOptions& options,
                   absl::FunctionRef<grpc::Status(const Replica&, grpc::ClientContext&)> attempt) const;
  // The same for CheckPermission, but returns at once. `done` runs on a thread of gRPC, or on this one if the call
  // cannot begin. The client must outlive it.
  void CheckAsync(v1::CheckPermissionRequest request, const CallOptions& options,
                  std::function<void(absl::StatusOr<v1::CheckPermissionResponse>)> done) const;

  const ClientOptions options_;
  const std::shared_ptr<Replicas> replicas_;
};

}  // namespace client
}  // namespace identity

#endif  // IDENTITY_CLIENT_H_
