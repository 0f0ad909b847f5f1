#include "server/http/oauth/oauth_request.h"

#include <utility>

#include "absl/strings/match.h"
#include "server/app/access/subject.h"
#include "server/base/encoding/base64url.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/http/oauth/oauth_error.h"

namespace identity {
namespace {

absl::Status MalformedBasic() {
  return Error(ErrorReason::kCallerInvalid, "the header Authorization is no client's id and secret");
}

absl::StatusOr<ClientAuthentication> ReadBasic(absl::string_view encoded) {
  std::string decoded;
  if (!Base64Decode(encoded, Base64Padding::kRequired, &decoded)) return MalformedBasic();
  const Secret wiped(std::move(decoded));
  const absl::string_view text = wiped.Reveal();
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return MalformedBasic();
  absl::optional<std::string> id = DecodeFormText(text.substr(0, colon));
  absl::optional<std::string> secret = DecodeFormText(text.substr(colon + 1));
  if (!id || !secret || secret->empty()) return MalformedBasic();
  return ClientAuthentication{*std::move(id), Secret(*std::move(secret))};
}

// By HTTP Basic, or by the form. Both at once are refused (RFC 6749, section 2.3).
absl::StatusOr<ClientAuthentication> ReadClient(const HttpRequest& request, const Form& form) {
  const absl::optional<absl::string_view> secret = form.Find("client_secret");
  const absl::optional<absl::string_view> header = request.Header("authorization");
  constexpr absl::string_view kScheme = "basic ";
  if (header && absl::StartsWithIgnoreCase(*header, kScheme)) {
    if (secret || request.Count("authorization") > 1) {
      return InvalidField("client_secret", "is not for a request that authenticates in its header");
    }
    return ReadBasic(header->substr(kScheme.size()));
  }
  return ClientAuthentication{std::string(form.Find("client_id").value_or("")), Secret(secret.value_or(""))};
}

absl::StatusOr<OAuthRequest> Read(HttpCall& call) {
  const HttpRequest& request = call.request();
  ASSIGN_OR_RETURN(Form form, Form::Parse(request.Header("content-type").value_or(""), request.body));
  ASSIGN_OR_RETURN(ClientAuthentication client, ReadClient(request, form));
  return OAuthRequest{call, std::move(form), std::move(client)};
}

}  // namespace

absl::Status OAuthRequest::CheckClientId(const Caller& caller) const {
  if (!authenticates() || client.id.empty()) return absl::OkStatus();
  if (caller.subject && IsClientIdOf(caller.subject->principal, client.id)) return absl::OkStatus();
  return Error(ErrorReason::kCallerInvalid, "client_id: is not that of the secret");
}

void OAuthRequest::Reply(std::string json, int status) const {
  HttpResponse& response = call.response();
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(json);
}

std::shared_ptr<const OAuthRequest> ReceiveOAuth(CallRunner& calls, std::shared_ptr<HttpExchange> exchange,
                                                 absl::string_view method) {
  HttpCall& call = HttpCall::Begin(std::move(exchange), OAuthErrorOf);
  absl::StatusOr<OAuthRequest> request = Read(call);
  if (request.ok()) return std::make_shared<const OAuthRequest>(*std::move(request));
  RefuseOAuth(calls, call, method, request.status());
  return nullptr;
}

void RefuseOAuth(CallRunner& calls, HttpCall& call, absl::string_view method, absl::Status error) {
  if (absl::Status spent = calls.CountUnread(call); !spent.ok()) error = std::move(spent);
  calls.Refuse({call, method}, error);
}

}  // namespace identity
