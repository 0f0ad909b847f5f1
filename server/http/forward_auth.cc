#include "server/http/forward_auth.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/calls/gate_reply.h"
#include "server/http/http_call.h"

namespace identity {
namespace {

constexpr absl::string_view kMethod = "authz/forward";
constexpr char kGatewayKey[] = "x-identity-gateway-key";
constexpr char kNoKey[] = "x-identity-gateway-key: the API key of the proxy is missing, given twice or not valid";

// A proxy takes 401 and 403 for answers to its client. So whatever is no decision gets another status.
HttpResponse ErrorOf(const absl::Status& error, absl::string_view request_id) {
  const bool is_key = error.code() == absl::StatusCode::kUnauthenticated;
  const absl::Status told = is_key ? Error(*ReasonOf(error), kNoKey) : error;
  int status = HttpStatusOf(error.code());
  if (status != 400) status = IsTemporary(status) ? 503 : 500;
  HttpResponse response = ProblemWith(status, told, request_id);
  response.headers.clear();
  return response;
}

absl::StatusOr<absl::string_view> TheOne(const HttpRequest& request, absl::string_view name) {
  if (request.Count(name) != 1) return InvalidField(name, "is required once, from the proxy");
  return *request.Header(name);
}

absl::StatusOr<GateRequest> ReadRequest(const HttpRequest& request) {
  GateRequest gate;
  ASSIGN_OR_RETURN(gate.method, TheOne(request, "x-forwarded-method"));
  ASSIGN_OR_RETURN(gate.host, TheOne(request, "x-forwarded-host"));
  ASSIGN_OR_RETURN(gate.target, TheOne(request, "x-forwarded-uri"));
  gate.credential = CredentialIn(request);
  return gate;
}

HttpResponse ResponseOf(const GateReply& reply) {
  HttpResponse response;
  response.status = reply.status;
  response.headers = reply.headers;
  response.content_type = reply.status == 200 ? "" : "application/problem+json";
  response.body = reply.body;
  if (reply.status != 200) return response;
  for (const absl::string_view name : IdentityHeaders()) {
    const bool set = std::any_of(reply.headers.begin(), reply.headers.end(),
                                 [&](const auto& header) { return header.first == name; });
    if (!set) response.headers.emplace_back(std::string(name), "");
  }
  return response;
}

}  // namespace

std::vector<Door> ForwardAuth::doors() {
  if (!gatekeeper_.has_routes()) return {};
  return {{"/authz/forward", {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, [this](auto exchange) {
             Decide(std::move(exchange));
           }}};
}

void ForwardAuth::Decide(std::shared_ptr<HttpExchange> exchange) {
  HttpCall& call = HttpCall::Begin(std::move(exchange), ErrorOf);
  call.HideQuota();
  // Of two keys, one may be the client's.
  const bool has_key = call.request().Count(kGatewayKey) == 1;
  call.UseApiKey(Secret(has_key ? *call.request().Header(kGatewayKey) : ""));
  calls_.RunInline({call, kMethod}, [this, &call](const Call& admitted) -> absl::Status {
    ASSIGN_OR_RETURN(const GateRequest request, ReadRequest(call.request()));
    ASSIGN_OR_RETURN(const GateAnswer answer, gatekeeper_.Decide(admitted.context, admitted.caller, request));
    call.response() = ResponseOf(ReplyTo(answer));
    return absl::OkStatus();
  });
}

}  // namespace identity
