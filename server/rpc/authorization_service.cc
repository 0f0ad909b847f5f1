#include "server/rpc/authorization_service.h"

#include <string>
#include <utility>

#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/calls/caller_credential.h"
#include "server/calls/gate_reply.h"
#include "server/domain/access_token.h"

namespace identity {
namespace {

namespace auth = envoy::service::auth::v3;

using Texts = google::protobuf::Map<std::string, std::string>;

absl::optional<absl::string_view> Find(const Texts& texts, const char* name) {
  const auto found = texts.find(name);
  if (found == texts.end()) return absl::nullopt;
  return absl::string_view(found->second);
}

// Envoy joins headers of one name by commas, so two credentials make one that no check accepts.
PresentedCredential CredentialIn(const Texts& headers) {
  const auto values = [&headers](const char* name) {
    const absl::optional<absl::string_view> value = Find(headers, name);
    return value ? HeaderValues{1, *value} : HeaderValues();
  };
  return CredentialOf(values("authorization"), values("x-api-key"));
}

// nullopt: the route's configuration says nothing. A mistake in it is an error, and no rule applies in its place.
absl::StatusOr<absl::optional<RouteCheck>> ReadExtensions(const Texts& extensions) {
  if (extensions.empty()) return absl::optional<RouteCheck>();
  const absl::optional<absl::string_view> permission = Find(extensions, "permission");
  const absl::optional<absl::string_view> resource = Find(extensions, "resource");
  const absl::optional<absl::string_view> audience = Find(extensions, "audience");
  if (!permission && !resource && !audience) return absl::optional<RouteCheck>();
  if (!permission) return InvalidField("context_extensions", "have no permission");
  absl::StatusOr<Permission> parsed = Permission::Parse(*permission);
  if (!parsed.ok()) return InField("context_extensions.", parsed.status());
  absl::StatusOr<Resource> on = Resource::Parse(resource.value_or(""));
  if (!on.ok()) return InField("context_extensions.", on.status());
  if (audience) RETURN_IF_ERROR(CheckAudience(*audience));
  return absl::make_optional(RouteCheck{*std::move(parsed), *std::move(on), std::string(audience.value_or("")), {}});
}

absl::StatusOr<GateRequest> ReadRequest(const auth::AttributeContext& attributes) {
  const auth::AttributeContext::HttpRequest& http = attributes.request().http();
  if (http.method().empty()) return InvalidField("attributes.request.http", "is required");
  GateRequest gate;
  gate.method = http.method();
  gate.host = http.host();
  gate.target = http.path();
  gate.credential = CredentialIn(http.headers());
  ASSIGN_OR_RETURN(gate.from_proxy, ReadExtensions(attributes.context_extensions()));
  return gate;
}

void Add(std::string name, std::string value, auth::HeaderValueOption& option) {
  option.mutable_header()->set_key(std::move(name));
  option.mutable_header()->set_value(std::move(value));
  option.mutable_append()->set_value(false);
}

void WriteAllowed(GateReply reply, auth::CheckResponse& response) {
  auth::OkHttpResponse& allowed = *response.mutable_ok_response();
  auto& metadata = *response.mutable_dynamic_metadata()->mutable_fields();
  auto header = reply.headers.begin();
  for (const absl::string_view name : IdentityHeaders()) {
    if (header == reply.headers.end() || header->first != name) {
      allowed.add_headers_to_remove(std::string(name));
      continue;
    }
    metadata[header->first].set_string_value(header->second);
    Add(std::move(header->first), std::move(header->second), *allowed.add_headers());
    ++header;
  }
}

void WriteDenied(GateReply reply, auth::CheckResponse& response) {
  const absl::StatusCode code =
      reply.status == 401 ? absl::StatusCode::kUnauthenticated : absl::StatusCode::kPermissionDenied;
  response.mutable_status()->set_code(static_cast<int>(code));
  auth::DeniedHttpResponse& denied = *response.mutable_denied_response();
  denied.mutable_status()->set_code(reply.status);
  denied.set_body(std::move(reply.body));
  Add("content-type", "application/problem+json", *denied.add_headers());
  for (auto& [name, value] : reply.headers) Add(std::move(name), std::move(value), *denied.add_headers());
}

}  // namespace

AuthorizationService::AuthorizationService(RpcRunner& calls, const Gatekeeper& gatekeeper)
    : RpcService(calls, "envoy.service.auth.v3.Authorization"), gatekeeper_(gatekeeper) {
  ServeAll(&AuthorizationService::Check);
}

Reactor* AuthorizationService::Check(ServerContext* context, const auth::CheckRequest* request,
                                     auth::CheckResponse* response) {
  const Rpc rpc{context, "envoy.service.auth.v3.Authorization/Check"};
  return calls_.RunInline(rpc, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const GateRequest gate, ReadRequest(request->attributes()));
    ASSIGN_OR_RETURN(const GateAnswer answer, gatekeeper_.Decide(call.context, call.caller, gate));
    response->mutable_status()->set_code(0);
    GateReply reply = ReplyTo(answer);
    if (reply.status == 200) {
      WriteAllowed(std::move(reply), *response);
    } else {
      WriteDenied(std::move(reply), *response);
    }
    return absl::OkStatus();
  });
}

}  // namespace identity
