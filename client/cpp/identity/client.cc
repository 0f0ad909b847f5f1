#include "client/client.h"

#include <grpcpp/grpcpp.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/errors.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr int kMaxAnswerBytes = 8 * 1024 * 1024;  // a batch of 1,000 with explanations
// Not more often than servers accept. A connection to a host that vanished ends after both together.
constexpr int kKeepaliveMilliseconds = 20'000;
constexpr int kKeepaliveTimeoutMilliseconds = 5'000;
// The least time between two look-ups of the name. A client looks it up when a server closes its connection, and so
// finds new replicas.
constexpr int kResolveMilliseconds = 5'000;

absl::StatusOr<std::string> ReadFile(const std::string& name) {
  std::ifstream file(name);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty()) return absl::NotFoundError(absl::StrCat("cannot read ", name));
  return text.str();
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(const ClientOptions& options) {
  if (options.plaintext) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  if (!options.tls_root_file.empty()) {
    ASSIGN_OR_RETURN(tls.pem_root_certs, ReadFile(options.tls_root_file));
  }
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    return absl::InvalidArgumentError("tls_certificate_file and tls_key_file: give both or none");
  }
  if (!options.tls_certificate_file.empty()) {
    ASSIGN_OR_RETURN(tls.pem_cert_chain, ReadFile(options.tls_certificate_file));
    ASSIGN_OR_RETURN(tls.pem_private_key, ReadFile(options.tls_key_file));
  }
  return grpc::SslCredentials(tls);
}

// Each replica has a connection, also while there are no calls.
constexpr char kServiceConfig[] = R"({"loadBalancingConfig": [{"round_robin": {}}]})";
// Also, a replica gets calls only while its health service says SERVING, or if it has none.
constexpr char kServiceConfigWithHealth[] = R"({
  "loadBalancingConfig": [{"round_robin": {}}],
  "healthCheckConfig": {"serviceName": "identity.v1.IdentityService"}
})";

grpc::ChannelArguments Arguments(bool watch_health) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  // Does not share connections, because another client of the process may be drained or throttled.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetServiceConfigJSON(watch_health ? kServiceConfigWithHealth : kServiceConfig);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMilliseconds);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMilliseconds);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // no limit
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kResolveMilliseconds);
  return arguments;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Create(ClientOptions options) {
  if (options.address.empty()) return absl::InvalidArgumentError("address: is required, such as localhost:50051");
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ChannelCredentials> credentials, CredentialsOf(options));
  const auto channel = grpc::CreateCustomChannel(options.address, credentials, Arguments(options.watch_health));
  return std::unique_ptr<Client>(new Client(std::move(options), channel));
}

Client::Client(ClientOptions options, const std::shared_ptr<grpc::Channel>& channel)
    : options_(std::move(options)),
      identity_(v1::IdentityService::NewStub(channel)),
      admin_(v1::AdminService::NewStub(channel)) {}

absl::Status Client::Run(const google::protobuf::Message& request, const CallOptions& options,
                         absl::FunctionRef<grpc::Status(grpc::ClientContext&)> attempt) const {
  const absl::Time deadline = absl::Now() + options.deadline.value_or(options_.deadline);
  const absl::string_view credential = options.credential.empty() ? options_.credential.Reveal() : options.credential;
  const Repeat repeat = options_.idempotency.Of(request);
  for (int made = 1;; ++made) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    if (!credential.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", credential));
    absl::Status status = FromGrpcStatus(attempt(context));
    if (!options_.retry.Allows(status, repeat, made)) return status;
    const absl::Duration delay = options_.backoff.Delay(status, made, absl::Uniform(absl::BitGen(), 0.0, 1.0));
    if (absl::Now() + delay >= deadline) return status;
    absl::SleepFor(delay);
  }
}

template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> Client::Call(Stub& stub,
                                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                      const Request& request, const CallOptions& options) const {
  Response response;
  RETURN_IF_ERROR(Run(request, options, [&](grpc::ClientContext& context) {
    response.Clear();
    return (stub.*method)(&context, request, &response);
  }));
  return response;
}

absl::StatusOr<v1::AuthenticateResponse> Client::Authenticate(const v1::AuthenticateRequest& request,
                                                              const CallOptions& options) const {
  return Call(*identity_, &v1::IdentityService::Stub::Authenticate, request, options);
}

absl::StatusOr<v1::RefreshResponse> Client::Refresh(const v1::RefreshRequest& request,
                                                    const CallOptions& options) const {
  return Call(*identity_, &v1::IdentityService::Stub::Refresh, request, options);
}

absl::StatusOr<v1::RevokeResponse> Client::Revoke(const v1::RevokeRequest& request, const CallOptions& options) const {
  return Call(*identity_, &v1::IdentityService::Stub::Revoke, request, options);
}

absl::StatusOr<v1::CheckPermissionResponse> Client::CheckPermission(const v1::CheckPermissionRequest& request,
                                                                    const CallOptions& options) const {
  return Call(*identity_, &v1::IdentityService::Stub::CheckPermission, request, options);
}

absl::StatusOr<v1::BatchCheckPermissionsResponse> Client::BatchCheckPermissions(
    const v1::BatchCheckPermissionsRequest& request, const CallOptions& options) const {
  return Call(*identity_, &v1::IdentityService::Stub::BatchCheckPermissions, request, options);
}

absl::StatusOr<v1::IssueApiKeyResponse> Client::IssueApiKey(const v1::IssueApiKeyRequest& request,
                                                            const CallOptions& options) const {
  return Call(*identity_, &v1::IdentityService::Stub::IssueApiKey, request, options);
}

absl::StatusOr<v1::CreateUserResponse> Client::CreateUser(const v1::CreateUserRequest& request,
                                                          const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::CreateUser, request, options);
}

absl::StatusOr<v1::GetUserResponse> Client::GetUser(const v1::GetUserRequest& request,
                                                    const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::GetUser, request, options);
}

absl::StatusOr<v1::ListUsersResponse> Client::ListUsers(const v1::ListUsersRequest& request,
                                                        const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::ListUsers, request, options);
}

absl::StatusOr<v1::DisablePrincipalResponse> Client::DisablePrincipal(const v1::DisablePrincipalRequest& request,
                                                                      const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::DisablePrincipal, request, options);
}

absl::StatusOr<v1::EnablePrincipalResponse> Client::EnablePrincipal(const v1::EnablePrincipalRequest& request,
                                                                    const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::EnablePrincipal, request, options);
}

absl::StatusOr<v1::CreateServiceAccountResponse> Client::CreateServiceAccount(
    const v1::CreateServiceAccountRequest& request, const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::CreateServiceAccount, request, options);
}

absl::StatusOr<v1::CreateRoleResponse> Client::CreateRole(const v1::CreateRoleRequest& request,
                                                          const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::CreateRole, request, options);
}

absl::StatusOr<v1::UpdateRoleResponse> Client::UpdateRole(const v1::UpdateRoleRequest& request,
                                                          const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::UpdateRole, request, options);
}

absl::StatusOr<v1::DeleteRoleResponse> Client::DeleteRole(const v1::DeleteRoleRequest& request,
                                                          const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::DeleteRole, request, options);
}

absl::StatusOr<v1::GetRoleResponse> Client::GetRole(const v1::GetRoleRequest& request,
                                                    const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::GetRole, request, options);
}

absl::StatusOr<v1::ListRolesResponse> Client::ListRoles(const v1::ListRolesRequest& request,
                                                        const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::ListRoles, request, options);
}

absl::StatusOr<v1::CreateBindingResponse> Client::CreateBinding(const v1::CreateBindingRequest& request,
                                                                const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::CreateBinding, request, options);
}

absl::StatusOr<v1::DeleteBindingResponse> Client::DeleteBinding(const v1::DeleteBindingRequest& request,
                                                                const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::DeleteBinding, request, options);
}

absl::StatusOr<v1::ListBindingsResponse> Client::ListBindings(const v1::ListBindingsRequest& request,
                                                              const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::ListBindings, request, options);
}

absl::StatusOr<v1::ListEffectivePermissionsResponse> Client::ListEffectivePermissions(
    const v1::ListEffectivePermissionsRequest& request, const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::ListEffectivePermissions, request, options);
}

absl::StatusOr<v1::ListSubjectsResponse> Client::ListSubjects(const v1::ListSubjectsRequest& request,
                                                              const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::ListSubjects, request, options);
}

absl::StatusOr<v1::ListResourcesResponse> Client::ListResources(const v1::ListResourcesRequest& request,
                                                                const CallOptions& options) const {
  return Call(*admin_, &v1::AdminService::Stub::ListResources, request, options);
}

}  // namespace identity
