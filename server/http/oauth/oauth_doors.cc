#include "server/http/oauth/oauth_doors.h"

#include <utility>

#include "absl/types/span.h"
#include "server/base/encoding/json_object.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/domain/opaque_token.h"
#include "server/http/oauth/oauth_request.h"

namespace identity {
namespace {

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

void AddTime(absl::string_view name, absl::Time time, JsonObject& json) {
  if (time > absl::UnixEpoch() && time < absl::InfiniteFuture()) json.AddNumber(name, absl::ToUnixSeconds(time));
}

// RFC 8693, section 4.1: who acts for the subject, and for whom that one acted.
JsonObject ActorsOf(absl::Span<const Delegation> delegations) {
  JsonObject actors;
  actors.AddText("sub", delegations[0].actor.ToString());
  if (delegations.size() > 1) actors.AddObject("act", ActorsOf(delegations.subspan(1)));
  return actors;
}

// RFC 7662, section 2.2. "token_use" tells the kinds of credential apart.
JsonObject ToJson(const absl::optional<Introspection>& found, const std::string& issuer) {
  JsonObject json;
  json.AddBool("active", found.has_value());
  if (!found) return json;
  json.AddText("iss", issuer);
  json.AddText("sub", found->principal_id.ToString());
  json.AddText("username", found->username);
  json.AddText("scope", found->scopes.ToClaim());
  json.AddText("token_use", TypeOf(found->kind));
  if (found->kind != Introspection::Kind::kRefreshToken) json.AddText("token_type", "Bearer");
  if (!found->client_id.empty()) json.AddText("client_id", found->client_id);
  if (!found->audience.empty()) json.AddText("aud", found->audience);
  AddTime("iat", found->issue_time, json);
  AddTime("nbf", found->issue_time, json);
  AddTime("auth_time", found->auth_time, json);
  AddTime("exp", found->expire_time, json);
  if (found->session_id) json.AddText("sid", found->session_id->ToString());
  if (found->token_id) json.AddText("jti", found->token_id->ToString());
  if (!found->delegations.empty()) json.AddObject("act", ActorsOf(found->delegations));
  return json;
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

std::vector<Door> OAuthDoors::doors() {
  const std::vector<std::string> post = {"POST"};
  return {{"/oauth2/introspect", post, [this](auto exchange) { Introspect(std::move(exchange)); }},
          {"/oauth2/revoke", post, [this](auto exchange) { Revoke(std::move(exchange)); }}};
}

void OAuthDoors::Introspect(std::shared_ptr<HttpExchange> exchange) {
  constexpr absl::string_view kMethod = "oauth2/introspect";
  const std::shared_ptr<const OAuthRequest> request = ReceiveOAuth(calls_, std::move(exchange), kMethod);
  if (!request) return;
  if (request->authenticates()) request->AdmitClient();
  // Refresh tokens are not in memory.
  const absl::string_view text = request->form.Find("token").value_or("");
  const bool is_stored = OpaqueToken::Parse(OpaqueToken::Kind::kRefreshToken, text).has_value();
  const auto run = is_stored ? &CallRunner::Run : &CallRunner::RunInline;
  (calls_.*run)({request->call, kMethod}, [=, this](const Call& call) -> absl::Status {
    RETURN_IF_ERROR(request->CheckClientId(call.caller));
    ASSIGN_OR_RETURN(const absl::string_view token, request->form.Require("token"));
    ASSIGN_OR_RETURN(const absl::optional<Introspection> found, introspector_.Introspect(call.context, token));
    request->Reply(ToJson(found, issuer_).Finish());
    return absl::OkStatus();
  });
}

void OAuthDoors::Revoke(std::shared_ptr<HttpExchange> exchange) {
  constexpr absl::string_view kMethod = "oauth2/revoke";
  const std::shared_ptr<const OAuthRequest> request = ReceiveOAuth(calls_, std::move(exchange), kMethod);
  if (!request) return;
  request->AdmitClient();
  calls_.Run({request->call, kMethod}, [=, this](const Call& call) -> absl::Status {
    RETURN_IF_ERROR(request->CheckClientId(call.caller));
    ASSIGN_OR_RETURN(const absl::string_view token, request->form.Require("token"));
    ASSIGN_OR_RETURN(const ConsistencyToken revoked, revoker_.Revoke(call.context, call.caller, TargetOf(token)));
    JsonObject json;
    json.AddText("consistency_token", revoked.ToText());
    request->Reply(std::move(json).Finish());
    return absl::OkStatus();
  });
}

}  // namespace identity
