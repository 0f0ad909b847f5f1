#ifndef IDENTITY_CLIENT_CLIENT_H_
#define IDENTITY_CLIENT_CLIENT_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "client/retry.h"
#include "identity/v1/admin_service.grpc.pb.h"
#include "identity/v1/identity_service.grpc.pb.h"
#include "server/base/secret.h"

namespace identity {

// The settings of a client. Move-only.
struct ClientOptions {
  // HOST:PORT, or another target of gRPC. gRPC sends the calls in turn to all addresses of the name, one for each
  // replica.
  // In Kubernetes, name a headless service.
  std::string address;
  // TLS unless `plaintext`. The server's certificate must chain to a root in the file, or to one of the system's roots
  // when no file is set.
  bool plaintext = false;
  std::string tls_root_file;  // PEM
  // The client's own certificate chain and its key, for servers that require one. Both or none. The client reads all
  // files once, when it is created: create another one before the certificate expires.
  std::string tls_certificate_file;  // PEM
  std::string tls_key_file;          // PEM, without a passphrase
  // Sends calls only to replicas whose health service says SERVING. For an address with several replicas behind it:
  // with one, or if none is healthy, calls fail with UNAVAILABLE, without a reason and without a retry delay.
  bool watch_health = false;
  // An API key or access token that the client sends with each call; empty: none.
  Secret credential;
  absl::Duration deadline = absl::Seconds(2);  // of each call, including its retries
  RetryPolicy retry;
  BackoffPolicy backoff;
  IdempotencyPolicy idempotency;
};

// The settings of one call. Valid during the call.
struct CallOptions {
  absl::string_view credential;             // empty: the client's
  absl::optional<absl::Duration> deadline;  // unset: the client's
};

// A client of the identity service. Thread-safe; create one and keep it.
//
// Each method takes the request of its RPC. It returns the response, an error, or DEADLINE_EXCEEDED. Errors keep the
// service's details: see client/errors.h. Calls that are safe to repeat are retried when the service is unreachable or
// requests a retry: see client/retry.h.
//
// An error of a check means "not decided": deny.
class Client {
 public:
  // Does not wait for a connection. INVALID_ARGUMENT without an address, or with only one of certificate and key;
  // NOT_FOUND when a file cannot be read.
  static absl::StatusOr<std::unique_ptr<Client>> Create(ClientOptions options);

  absl::StatusOr<v1::AuthenticateResponse> Authenticate(const v1::AuthenticateRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::RefreshResponse> Refresh(const v1::RefreshRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::RevokeResponse> Revoke(const v1::RevokeRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::CheckPermissionResponse> CheckPermission(const v1::CheckPermissionRequest& request,
                                                              const CallOptions& options = {}) const;
  absl::StatusOr<v1::BatchCheckPermissionsResponse> BatchCheckPermissions(
      const v1::BatchCheckPermissionsRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::IssueApiKeyResponse> IssueApiKey(const v1::IssueApiKeyRequest& request,
                                                      const CallOptions& options = {}) const;

  absl::StatusOr<v1::CreateUserResponse> CreateUser(const v1::CreateUserRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetUserResponse> GetUser(const v1::GetUserRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListUsersResponse> ListUsers(const v1::ListUsersRequest& request,
                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::DisablePrincipalResponse> DisablePrincipal(const v1::DisablePrincipalRequest& request,
                                                                const CallOptions& options = {}) const;
  absl::StatusOr<v1::EnablePrincipalResponse> EnablePrincipal(const v1::EnablePrincipalRequest& request,
                                                              const CallOptions& options = {}) const;
  absl::StatusOr<v1::CreateServiceAccountResponse> CreateServiceAccount(const v1::CreateServiceAccountRequest& request,
                                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::CreateRoleResponse> CreateRole(const v1::CreateRoleRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::UpdateRoleResponse> UpdateRole(const v1::UpdateRoleRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::DeleteRoleResponse> DeleteRole(const v1::DeleteRoleRequest& request,
                                                    const CallOptions& options = {}) const;
  absl::StatusOr<v1::GetRoleResponse> GetRole(const v1::GetRoleRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListRolesResponse> ListRoles(const v1::ListRolesRequest& request,
                                                  const CallOptions& options = {}) const;
  absl::StatusOr<v1::CreateBindingResponse> CreateBinding(const v1::CreateBindingRequest& request,
                                                          const CallOptions& options = {}) const;
  absl::StatusOr<v1::DeleteBindingResponse> DeleteBinding(const v1::DeleteBindingRequest& request,
                                                          const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListBindingsResponse> ListBindings(const v1::ListBindingsRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListEffectivePermissionsResponse> ListEffectivePermissions(
      const v1::ListEffectivePermissionsRequest& request, const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListSubjectsResponse> ListSubjects(const v1::ListSubjectsRequest& request,
                                                        const CallOptions& options = {}) const;
  absl::StatusOr<v1::ListResourcesResponse> ListResources(const v1::ListResourcesRequest& request,
                                                          const CallOptions& options = {}) const;

 private:
  Client(ClientOptions options, const std::shared_ptr<grpc::Channel>& channel);

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request, const CallOptions& options) const;
  absl::Status Run(const google::protobuf::Message& request, const CallOptions& options,
                   absl::FunctionRef<grpc::Status(grpc::ClientContext&)> attempt) const;

  const ClientOptions options_;
  const std::unique_ptr<v1::IdentityService::Stub> identity_;
  const std::unique_ptr<v1::AdminService::Stub> admin_;
};

}  // namespace identity

#endif  // IDENTITY_CLIENT_CLIENT_H_
