#include "server/http/oauth/oauth_doors.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "server/app/access/subject.h"
#include "server/base/encoding/base64url.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/domain/opaque_token.h"
#include "server/http/http_call.h"
#include "server/http/oauth/form.h"
#include "server/http/oauth/oauth_error.h"

namespace identity {
namespace {

using Json = nlohmann::ordered_json;
using ClientAuthentication = OAuthDoors::ClientAuthentication;

absl::Status WrongClientId() { return Error(ErrorReason::kCallerInvalid, "client_id: is not that of the secret"); }

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

// nullopt: the client requests none.
absl::StatusOr<absl::optional<Scopes>> ReadScope(const Form& form) {
  const absl::optional<absl::string_view> scope = form.Find("scope");
  if (!scope) return absl::optional<Scopes>();
  const std::vector<std::string> patterns = absl::StrSplit(*scope, ' ', absl::SkipEmpty());
  const absl::StatusOr<Scopes> scopes = Scopes::Parse(patterns);
  if (!scopes.ok()) return Error(ErrorReason::kInvalidScope, scopes.status().message());
  return absl::make_optional(*scopes);
}

absl::StatusOr<std::string> ReadAudience(const Form& form) {
  const std::string audience(form.Find("audience").value_or(""));
  if (!audience.empty()) RETURN_IF_ERROR(CheckAudience(audience));
  return audience;
}

void Write(const Json& json, HttpResponse& response) {
  response.content_type = "application/json";
  response.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// RFC 6749, section 5.1.
Json ToJson(const TokenSet& tokens) {
  Json json = {{"access_token", std::string(tokens.access_token.Reveal())},
               {"token_type", "Bearer"},
               {"expires_in", absl::ToInt64Seconds(tokens.expires_in)}};
  if (!tokens.refresh_token.empty()) {
    json["refresh_token"] = std::string(tokens.refresh_token.Reveal());
    json["refresh_expires_in"] = absl::ToInt64Seconds(tokens.refresh_expires_in);
  }
  json["scope"] = tokens.scopes.ToClaim();
  return json;
}

const char* TypeOf(Introspection::Kind kind) {
  switch (kind) {
    case Introspection::Kind::kAccessToken:
      return "access_token";
    case Introspection::Kind::kRefreshToken:
      return "refresh_token";
    case Introspection::Kind::kApiKey:
      break;
  }
  return "api_key";
}

void AddTime(const char* name, absl::Time time, Json& json) {
  if (time > absl::UnixEpoch() && time < absl::InfiniteFuture()) json[name] = absl::ToUnixSeconds(time);
}

// RFC 7662, section 2.2. "token_use" tells the kinds of credential apart.
Json ToJson(const absl::optional<Introspection>& found, const std::string& issuer) {
  if (!found) return {{"active", false}};
  Json json = {{"active", true},
               {"iss", issuer},
               {"sub", found->principal_id.ToString()},
               {"username", found->username},
               {"scope", found->scopes.ToClaim()},
               {"token_use", TypeOf(found->kind)}};
  if (found->kind != Introspection::Kind::kRefreshToken) json["token_type"] = "Bearer";
  if (!found->client_id.empty()) json["client_id"] = found->client_id;
  if (!found->audience.empty()) json["aud"] = found->audience;
  AddTime("iat", found->issue_time, json);
  AddTime("nbf", found->issue_time, json);
  AddTime("auth_time", found->auth_time, json);
  AddTime("exp", found->expire_time, json);
  if (found->session_id) json["sid"] = found->session_id->ToString();
  if (found->token_id) json["jti"] = found->token_id->ToString();
  return json;
}

bool IsNamed(const absl::optional<Subject>& subject, absl::string_view client_id) {
  return client_id.empty() || (subject && IsClientIdOf(subject->principal, client_id));
}

// What the text is, by its form; RFC 7009 lets the server ignore the hint.
Revoker::Target TargetOf(absl::string_view token) {
  using Kind = OpaqueToken::Kind;
  using Target = Revoker::Target;
  if (OpaqueToken::Parse(Kind::kRefreshToken, token)) return {Target::RefreshToken{Secret(token)}};
  if (OpaqueToken::Parse(Kind::kApiKey, token)) return {Target::ApiKey{Secret(token)}};
  return {Target::AccessToken{Secret(token)}};
}

}  // namespace

// What a client sent, and its call. Shared, because handlers are copied.
struct OAuthDoors::Received {
  HttpCall& call;
  Form form;
  ClientAuthentication client;

  // The call's caller is the client, whatever other credential the request has.
  void AdmitClient() const { call.UseApiKey(Secret(client.secret.Reveal())); }
};

std::vector<Door> OAuthDoors::doors() {
  const std::vector<std::string> post = {"POST"};
  return {{"/oauth2/token", post, [this](auto exchange) { Token(std::move(exchange)); }},
          {"/oauth2/introspect", post, [this](auto exchange) { Introspect(std::move(exchange)); }},
          {"/oauth2/revoke", post, [this](auto exchange) { Revoke(std::move(exchange)); }}};
}

absl::StatusOr<OAuthDoors::Received> OAuthDoors::Read(HttpCall& call) {
  const HttpRequest& request = call.request();
  ASSIGN_OR_RETURN(Form form, Form::Parse(request.Header("content-type").value_or(""), request.body));
  ASSIGN_OR_RETURN(ClientAuthentication client, ReadClient(request, form));
  return Received{call, std::move(form), std::move(client)};
}

std::shared_ptr<const OAuthDoors::Received> OAuthDoors::Receive(std::shared_ptr<HttpExchange> exchange,
                                                                absl::string_view method) {
  HttpCall& call = HttpCall::Begin(std::move(exchange), OAuthErrorOf);
  absl::StatusOr<Received> received = Read(call);
  if (received.ok()) return std::make_shared<const Received>(*std::move(received));
  Refuse(call, method, received.status());
  return nullptr;
}

// A call that is not worth running counts as one without a credential.
void OAuthDoors::Refuse(HttpCall& call, absl::string_view method, absl::Status error) {
  if (absl::Status spent = calls_.CountUnread(call); !spent.ok()) error = std::move(spent);
  calls_.Refuse({call, method}, error);
}

void OAuthDoors::Token(std::shared_ptr<HttpExchange> exchange) {
  constexpr absl::string_view kMethod = "oauth2/token";
  const std::shared_ptr<const Received> received = Receive(std::move(exchange), kMethod);
  if (!received) return;
  const absl::StatusOr<absl::string_view> grant = received->form.Require("grant_type");
  if (!grant.ok()) return Refuse(received->call, kMethod, grant.status());
  // The key is the call's grant, not its caller's: a bad one counts as a failed login.
  received->call.UseApiKey(Secret());
  if (*grant == "client_credentials") {
    return calls_.Run({received->call, kMethod}, [=, this](const Call& call) { return GrantClient(call, *received); });
  }
  if (*grant == "refresh_token") {
    received->AdmitClient();
    return calls_.Run({received->call, kMethod}, [=, this](const Call& call) { return GrantRefresh(call, *received); });
  }
  Refuse(received->call, kMethod,
         Error(ErrorReason::kNotImplemented, "grant_type: refresh_token and client_credentials are known"));
}

absl::Status OAuthDoors::GrantClient(const Call& call, const Received& received) {
  LoginRequest login;
  ASSIGN_OR_RETURN(login.scopes, ReadScope(received.form));
  ASSIGN_OR_RETURN(login.audience, ReadAudience(received.form));
  const ClientAuthentication& client = received.client;
  ASSIGN_OR_RETURN(const TokenSet tokens,
                   key_exchange_.Exchange(call.context, call.caller, client.secret, login, client.id));
  Write(ToJson(tokens), received.call.response());
  return absl::OkStatus();
}

absl::Status OAuthDoors::GrantRefresh(const Call& call, const Received& received) {
  if (!IsNamed(call.caller.subject, received.client.secret.empty() ? "" : received.client.id)) return WrongClientId();
  Refresher::Request refresh;
  ASSIGN_OR_RETURN(const absl::string_view token, received.form.Require("refresh_token"));
  refresh.refresh_token = Secret(token);
  ASSIGN_OR_RETURN(refresh.scopes, ReadScope(received.form));
  ASSIGN_OR_RETURN(const TokenSet tokens, refresher_.Refresh(call.context, call.caller, refresh));
  Write(ToJson(tokens), received.call.response());
  return absl::OkStatus();
}

void OAuthDoors::Introspect(std::shared_ptr<HttpExchange> exchange) {
  constexpr absl::string_view kMethod = "oauth2/introspect";
  const std::shared_ptr<const Received> received = Receive(std::move(exchange), kMethod);
  if (!received) return;
  const bool authenticates = !received->client.secret.empty();
  if (authenticates) received->AdmitClient();
  calls_.RunInline({received->call, kMethod}, [=, this](const Call& call) -> absl::Status {
    if (authenticates && !IsNamed(call.caller.subject, received->client.id)) return WrongClientId();
    ASSIGN_OR_RETURN(const absl::string_view token, received->form.Require("token"));
    ASSIGN_OR_RETURN(const absl::optional<Introspection> found, introspector_.Introspect(call.context, token));
    Write(ToJson(found, issuer_), received->call.response());
    return absl::OkStatus();
  });
}

void OAuthDoors::Revoke(std::shared_ptr<HttpExchange> exchange) {
  constexpr absl::string_view kMethod = "oauth2/revoke";
  const std::shared_ptr<const Received> received = Receive(std::move(exchange), kMethod);
  if (!received) return;
  received->AdmitClient();
  calls_.Run({received->call, kMethod}, [=, this](const Call& call) -> absl::Status {
    ASSIGN_OR_RETURN(const absl::string_view token, received->form.Require("token"));
    ASSIGN_OR_RETURN(const ConsistencyToken revoked, revoker_.Revoke(call.context, call.caller, TargetOf(token)));
    Write({{"consistency_token", revoked.ToText()}}, received->call.response());
    return absl::OkStatus();
  });
}

}  // namespace identity
