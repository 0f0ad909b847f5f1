#include "server/http/oauth/token_door.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/types/optional.h"
#include "server/base/encoding/json_object.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/http/oauth/oauth_error.h"

namespace identity {
namespace {

constexpr char kAccessTokenType[] = "urn:ietf:params:oauth:token-type:access_token";
constexpr char kJwtType[] = "urn:ietf:params:oauth:token-type:jwt";

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

// The device of the person for whom the client asks. It counts when the client may vouch for it.
ClientInfo ReadClientInfo(const Form& form) {
  return {std::string(form.Find("client_ip_address").value_or("")),
          std::string(form.Find("client_user_agent").value_or("")), std::string(form.Find("device_name").value_or(""))};
}

absl::StatusOr<LoginRequest> ReadLogin(const Form& form) {
  LoginRequest login;
  ASSIGN_OR_RETURN(login.scopes, ReadScope(form));
  ASSIGN_OR_RETURN(login.audience, ReadAudience(form));
  login.client_info = ReadClientInfo(form);
  return login;
}

absl::StatusOr<SecondFactorCode> ReadCode(const Form& form) {
  const auto totp = form.Find("otp");
  const auto recovery = form.Find("recovery_code");
  if (totp.has_value() == recovery.has_value()) return InvalidField("otp", "is required, or recovery_code, not both");
  if (totp) return SecondFactorCode{SecondFactorCode::Kind::kTotp, Secret(*totp)};
  return SecondFactorCode{SecondFactorCode::Kind::kRecovery, Secret(*recovery)};
}

// The parameters of RFC 8693, section 2.1, that have to have one value, or none.
absl::Status CheckExchange(const Form& form) {
  ASSIGN_OR_RETURN(const absl::string_view subject_type, form.Require("subject_token_type"));
  if (subject_type != kAccessTokenType && subject_type != kJwtType) {
    return InvalidField("subject_token_type", "is not that of an access token, the only kind that can be exchanged");
  }
  const absl::string_view requested = form.Find("requested_token_type").value_or(kAccessTokenType);
  if (requested != kAccessTokenType && requested != kJwtType) {
    return InvalidField("requested_token_type", "is not that of an access token, the only kind that an exchange gives");
  }
  if (form.Find("actor_token") || form.Find("actor_token_type")) {
    return InvalidField("actor_token", "is not accepted: the client that authenticates is the actor");
  }
  if (form.Find("resource")) return InvalidField("resource", "is not accepted: name the target by `audience`");
  return absl::OkStatus();
}

// RFC 6749, section 5.1.
JsonObject ToJson(const TokenSet& tokens) {
  const std::string scope = tokens.scopes.ToClaim();
  JsonObject json(tokens.access_token.size() + tokens.refresh_token.size() + scope.size());
  json.AddText("access_token", tokens.access_token.Reveal());
  json.AddText("token_type", "Bearer");
  json.AddNumber("expires_in", absl::ToInt64Seconds(tokens.expires_in));
  if (!tokens.refresh_token.empty()) {
    json.AddText("refresh_token", tokens.refresh_token.Reveal());
    json.AddNumber("refresh_expires_in", absl::ToInt64Seconds(tokens.refresh_expires_in));
  }
  json.AddText("scope", scope);
  if (tokens.password_change_required) json.AddBool("password_change_required", true);
  if (tokens.mfa_enrollment_required) json.AddBool("mfa_enrollment_required", true);
  return json;
}

JsonObject ToJson(const LoginChallenge& challenge) {
  const absl::Duration left = std::max(challenge.expire_time - absl::Now(), absl::ZeroDuration());
  JsonObject json;
  json.AddText("error", "mfa_required");
  json.AddText("error_description", "the password is right, and a second factor is due");
  json.AddText("mfa_token", challenge.token.Reveal());
  json.AddNumber("expires_in", absl::ToInt64Seconds(left));
  return json;
}

}  // namespace

struct TokenDoor::Grant {
  const char* type;
  // Whether the client is the call's caller. Otherwise its secret is the call's grant: a bad one counts as a failed
  // login.
  bool client_is_caller;
  bool is_for_passwords;
  absl::Status (TokenDoor::*handler)(const Call& call, const OAuthRequest& request) const;
};

// Extensions have URIs as names (RFC 6749, section 4.5).
constexpr TokenDoor::Grant TokenDoor::kGrants[] = {
    {"refresh_token", true, false, &TokenDoor::GrantRefresh},
    {"client_credentials", false, false, &TokenDoor::GrantClient},
    {"urn:ietf:params:oauth:grant-type:token-exchange", true, false, &TokenDoor::GrantExchange},
    {"password", true, true, &TokenDoor::GrantPassword},
    {"urn:identity:oauth:grant-type:mfa", true, true, &TokenDoor::GrantFactor},
};

std::vector<std::string> TokenDoor::GrantTypes(bool with_passwords) {
  std::vector<std::string> types;
  for (const Grant& grant : kGrants) {
    if (with_passwords || !grant.is_for_passwords) types.emplace_back(grant.type);
  }
  return types;
}

const TokenDoor::Grant* TokenDoor::Find(absl::string_view type) const {
  for (const Grant& grant : kGrants) {
    if (grant.type == type) return grant.is_for_passwords && use_cases_.password_login == nullptr ? nullptr : &grant;
  }
  return nullptr;
}

Door TokenDoor::door() {
  return {"/oauth2/token", {"POST"}, [this](auto exchange) { Serve(std::move(exchange)); }};
}

void TokenDoor::Serve(std::shared_ptr<HttpExchange> exchange) {
  constexpr absl::string_view kMethod = "oauth2/token";
  const std::shared_ptr<const OAuthRequest> request = ReceiveOAuth(calls_, std::move(exchange), kMethod);
  if (!request) return;
  const absl::StatusOr<absl::string_view> type = request->form.Require("grant_type");
  if (!type.ok()) return RefuseOAuth(calls_, request->call, kMethod, type.status());
  const Grant* const grant = Find(*type);
  if (grant == nullptr) {
    return RefuseOAuth(calls_, request->call, kMethod,
                       Error(ErrorReason::kNotImplemented, "grant_type: is not one of grant_types_supported"));
  }
  if (grant->client_is_caller) {
    request->AdmitClient();
    request->call.UseErrorForm(GrantErrorOf);
  } else {
    request->call.UseApiKey(Secret());
  }
  calls_.Run({request->call, kMethod}, [=, this](const Call& call) -> absl::Status {
    if (grant->client_is_caller) RETURN_IF_ERROR(request->CheckClientId(call.caller));
    return (this->*grant->handler)(call, *request);
  });
}

absl::Status TokenDoor::GrantRefresh(const Call& call, const OAuthRequest& request) const {
  Refresher::Request refresh;
  ASSIGN_OR_RETURN(const absl::string_view token, request.form.Require("refresh_token"));
  refresh.refresh_token = Secret(token);
  ASSIGN_OR_RETURN(refresh.scopes, ReadScope(request.form));
  refresh.client_info = ReadClientInfo(request.form);
  ASSIGN_OR_RETURN(const TokenSet tokens, use_cases_.refresher.Refresh(call.context, call.caller, refresh));
  request.Reply(ToJson(tokens).Finish());
  return absl::OkStatus();
}

absl::Status TokenDoor::GrantClient(const Call& call, const OAuthRequest& request) const {
  ASSIGN_OR_RETURN(const LoginRequest login, ReadLogin(request.form));
  const ClientAuthentication& client = request.client;
  ASSIGN_OR_RETURN(const TokenSet tokens,
                   use_cases_.key_exchange.Exchange(call.context, call.caller, client.secret, login, client.id));
  request.Reply(ToJson(tokens).Finish());
  return absl::OkStatus();
}

absl::Status TokenDoor::GrantExchange(const Call& call, const OAuthRequest& request) const {
  RETURN_IF_ERROR(CheckExchange(request.form));
  TokenExchange::Request exchange;
  ASSIGN_OR_RETURN(const absl::string_view token, request.form.Require("subject_token"));
  exchange.subject_token = Secret(token);
  RETURN_IF_ERROR(request.form.Require("audience").status());
  ASSIGN_OR_RETURN(exchange.audience, ReadAudience(request.form));
  ASSIGN_OR_RETURN(exchange.scopes, ReadScope(request.form));
  ASSIGN_OR_RETURN(const TokenSet tokens, use_cases_.token_exchange.Exchange(call.context, call.caller, exchange));
  JsonObject json = ToJson(tokens);
  json.AddText("issued_token_type", kAccessTokenType);
  request.Reply(std::move(json).Finish());
  return absl::OkStatus();
}

absl::Status TokenDoor::GrantPassword(const Call& call, const OAuthRequest& request) const {
  ASSIGN_OR_RETURN(const absl::string_view username, request.form.Require("username"));
  ASSIGN_OR_RETURN(const absl::string_view password, request.form.Require("password"));
  ASSIGN_OR_RETURN(const LoginRequest login, ReadLogin(request.form));
  ASSIGN_OR_RETURN(
      const LoginResult result,
      use_cases_.password_login->LogIn(call.context, call.caller, std::string(username), Secret(password), login));
  if (const auto* tokens = std::get_if<TokenSet>(&result)) {
    request.Reply(ToJson(*tokens).Finish());
  } else {
    request.Reply(ToJson(std::get<LoginChallenge>(result)).Finish(), 403);
  }
  return absl::OkStatus();
}

absl::Status TokenDoor::GrantFactor(const Call& call, const OAuthRequest& request) const {
  ASSIGN_OR_RETURN(const absl::string_view token, request.form.Require("mfa_token"));
  ASSIGN_OR_RETURN(const SecondFactorCode code, ReadCode(request.form));
  ASSIGN_OR_RETURN(const LoginRequest login, ReadLogin(request.form));
  ASSIGN_OR_RETURN(const TokenSet tokens,
                   use_cases_.factor_login.AnswerChallenge(call.context, call.caller, Secret(token), code, login));
  request.Reply(ToJson(tokens).Finish());
  return absl::OkStatus();
}

}  // namespace identity
