#include "server/rpc/convert.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

void SetTexts(const std::vector<std::string>& texts, google::protobuf::RepeatedPtrField<std::string>* field) {
  field->Assign(texts.begin(), texts.end());
}

v1::SigningKeyState StateOf(const SigningKeyAdministration::Key& key) {
  if (key.state == SigningKeyState::kNext) return v1::SIGNING_KEY_STATE_NEXT;
  return key.state == SigningKeyState::kActive ? v1::SIGNING_KEY_STATE_ACTIVE : v1::SIGNING_KEY_STATE_RETIRING;
}

}  // namespace

Secret TakeSecret(const std::string& field) {
  Secret secret{absl::string_view(field)};
  WipeField(field);
  return secret;
}

void WipeField(const std::string& field) {
  // An unset field is one empty string that all messages share: nothing may ever write to it.
  if (!field.empty()) Wipe(const_cast<std::string&>(field));
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  const int64_t seconds = absl::ToUnixSeconds(time);
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return proto;
}

google::protobuf::Duration ToProto(absl::Duration span) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(span, absl::Seconds(1), &span));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(span)));
  return proto;
}

absl::Duration FromProto(const google::protobuf::Duration& span) {
  return absl::Seconds(span.seconds()) + absl::Nanoseconds(span.nanos());
}

absl::StatusOr<absl::Time> FromProto(absl::string_view field, const google::protobuf::Timestamp& time) {
  constexpr int64_t kFirst = -62135596800;  // 0001-01-01
  constexpr int64_t kLast = 253402300799;   // 9999-12-31
  if (time.seconds() < kFirst || time.seconds() > kLast || time.nanos() < 0 || time.nanos() > 999999999) {
    return InvalidField(field, "is not a time within the years 1 to 9999");
  }
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::StatusOr<PrincipalId> ReadPrincipalId(absl::string_view field, absl::string_view text) {
  if (text == "anonymous") return AnonymousPrincipal();
  return ReadId<PrincipalId>(field, text);
}

Resource ResourceOfPrincipal(absl::string_view id) {
  const auto parsed = PrincipalId::Parse(id);
  return parsed ? Resource::OfPrincipal(*parsed) : Resource();
}

Resource ResourceOrEverything(absl::string_view text) {
  auto resource = Resource::Parse(text);
  return resource.ok() ? *std::move(resource) : Resource();
}

absl::StatusOr<absl::optional<Scopes>> ReadScopes(const google::protobuf::RepeatedPtrField<std::string>& scopes) {
  if (scopes.empty()) return absl::optional<Scopes>();
  ASSIGN_OR_RETURN(Scopes parsed, Scopes::Parse({scopes.begin(), scopes.end()}));
  return absl::optional<Scopes>(std::move(parsed));
}

ClientInfo FromProto(const v1::ClientInfo& info) { return {info.ip_address(), info.user_agent(), info.device_name()}; }

v1::PrincipalType ToProto(PrincipalType type) {
  switch (type) {
    case PrincipalType::kUser:
      return v1::PRINCIPAL_TYPE_USER;
    case PrincipalType::kServiceAccount:
      return v1::PRINCIPAL_TYPE_SERVICE_ACCOUNT;
    case PrincipalType::kAnonymous:
      return v1::PRINCIPAL_TYPE_ANONYMOUS;
  }
  return v1::PRINCIPAL_TYPE_UNSPECIFIED;
}

v1::Reason ToProto(Reason reason) {
  switch (reason) {
    case Reason::kGranted:
      return v1::REASON_GRANTED;
    case Reason::kCredentialInvalid:
      return v1::REASON_CREDENTIAL_INVALID;
    case Reason::kCredentialExpired:
      return v1::REASON_CREDENTIAL_EXPIRED;
    case Reason::kCredentialRevoked:
      return v1::REASON_CREDENTIAL_REVOKED;
    case Reason::kPrincipalDisabled:
      return v1::REASON_PRINCIPAL_DISABLED;
    case Reason::kQuotaExceeded:
      return v1::REASON_QUOTA_EXCEEDED;
    case Reason::kNoBinding:
      return v1::REASON_NO_BINDING;
    case Reason::kScopeInsufficient:
      return v1::REASON_SCOPE_INSUFFICIENT;
    case Reason::kStepUpRequired:
      return v1::REASON_STEP_UP_REQUIRED;
  }
  return v1::REASON_UNSPECIFIED;
}

std::vector<std::string> ReasonNames() {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(Reason::kStepUpRequired); ++i) {
    absl::string_view name = v1::Reason_Name(ToProto(static_cast<Reason>(i)));
    absl::ConsumePrefix(&name, "REASON_");
    names.push_back(absl::AsciiStrToLower(name));
  }
  return names;
}

void Write(const PrincipalFacts& facts, v1::Principal& proto) {
  proto.set_id(facts.id().ToString());
  proto.set_type(ToProto(facts.type()));
  proto.set_username(facts.username().data(), facts.username().size());
}

v1::TokenSet ToProto(const TokenSet& tokens) {
  v1::TokenSet proto;
  proto.set_access_token(std::string(tokens.access_token.Reveal()));
  proto.set_token_type("Bearer");
  *proto.mutable_expires_in() = ToProto(tokens.expires_in);
  if (!tokens.refresh_token.empty()) {
    proto.set_refresh_token(std::string(tokens.refresh_token.Reveal()));
    *proto.mutable_refresh_expires_in() = ToProto(tokens.refresh_expires_in);
  }
  SetTexts(tokens.scopes.ToStrings(), proto.mutable_scopes());
  if (tokens.session_id) proto.set_session_id(tokens.session_id->ToString());
  proto.set_principal_id(tokens.principal_id.ToString());
  proto.set_password_change_required(tokens.password_change_required);
  return proto;
}

v1::ApiKey ToProto(const api_keys::ApiKey& key) {
  v1::ApiKey proto;
  proto.set_id(key.id.ToString());
  proto.set_owner_id(key.owner_id.ToString());
  proto.set_display_name(key.display_name);
  proto.set_prefix(ApiKeyPrefix(key.id));
  SetTexts(key.scopes.ToStrings(), proto.mutable_scopes());
  *proto.mutable_create_time() = ToProto(key.create_time);
  if (key.expire_time != absl::InfiniteFuture()) *proto.mutable_expire_time() = ToProto(key.expire_time);
  if (key.last_use_time) *proto.mutable_last_use_time() = ToProto(*key.last_use_time);
  if (key.revoke_time) *proto.mutable_revoke_time() = ToProto(*key.revoke_time);
  proto.set_requests_per_minute(static_cast<int32_t>(key.requests_per_minute));
  return proto;
}

v1::User ToProto(const principals::User& user) {
  v1::User proto;
  proto.set_id(user.id.ToString());
  proto.set_username(user.username);
  proto.set_email(user.email);
  proto.set_email_verified(user.email_verified);
  proto.set_full_name(user.full_name);
  proto.set_disabled(user.disabled);
  *proto.mutable_create_time() = ToProto(user.create_time);
  if (user.last_login_time) *proto.mutable_last_login_time() = ToProto(*user.last_login_time);
  proto.set_mfa_enabled(user.mfa_enabled);
  if (user.locked_until) *proto.mutable_locked_until() = ToProto(*user.locked_until);
  return proto;
}

v1::ServiceAccount ToProto(const principals::ServiceAccount& account) {
  v1::ServiceAccount proto;
  proto.set_id(account.id.ToString());
  proto.set_name(account.name);
  proto.set_description(account.description);
  proto.set_disabled(account.disabled);
  *proto.mutable_create_time() = ToProto(account.create_time);
  return proto;
}

v1::Role ToProto(const roles::Role& role) {
  v1::Role proto;
  proto.set_name(role.definition.name);
  proto.set_description(role.description);
  for (const PermissionPattern& pattern : role.definition.permissions) proto.add_permissions(pattern.text());
  SetTexts(role.definition.inherits, proto.mutable_inherits());
  proto.set_built_in(role.built_in);
  if (role.definition.mfa_max_age != absl::InfiniteDuration()) {
    *proto.mutable_mfa_max_age() = ToProto(role.definition.mfa_max_age);
  }
  *proto.mutable_create_time() = ToProto(role.create_time);
  *proto.mutable_update_time() = ToProto(role.update_time);
  return proto;
}

v1::Binding ToProto(const bindings::StoredBinding& binding) {
  v1::Binding proto;
  proto.set_id(binding.binding.id.ToString());
  proto.set_principal_id(binding.principal_id.ToString());
  proto.set_role(binding.binding.role);
  proto.set_resource(binding.binding.resource.text());
  if (binding.binding.expire_time != absl::InfiniteFuture()) {
    *proto.mutable_expire_time() = ToProto(binding.binding.expire_time);
  }
  *proto.mutable_create_time() = ToProto(binding.create_time);
  return proto;
}

v1::Session ToProto(const sessions::ListedSession& listed, const Caller& caller) {
  const sessions::Session& session = listed.session;
  v1::Session proto;
  proto.set_id(session.id.ToString());
  proto.set_current(caller.subject && caller.subject->session_id == session.id);
  *proto.mutable_create_time() = ToProto(listed.create_time);
  *proto.mutable_auth_time() = ToProto(session.auth_time);
  *proto.mutable_expire_time() = ToProto(session.expire_time);
  SetTexts(session.amr, proto.mutable_amr());
  proto.set_client_id(session.client_id);
  proto.set_audience(session.audience);
  SetTexts(session.scopes.ToStrings(), proto.mutable_scopes());
  proto.set_ip_address(listed.ip_address);
  proto.set_user_agent(listed.user_agent);
  proto.set_device_name(listed.device_name);
  return proto;
}

v1::AuditEvent ToProto(const audit::StoredEvent& stored) {
  v1::AuditEvent proto;
  proto.set_id(stored.id.ToString());
  *proto.mutable_event_time() = ToProto(stored.time);
  proto.set_event(stored.event);
  proto.set_outcome(stored.outcome);
  if (stored.actor_id) proto.set_actor_id(stored.actor_id->ToString());
  if (stored.subject_id) proto.set_subject_id(stored.subject_id->ToString());
  proto.set_target(stored.target);
  proto.set_ip_address(stored.ip_address);
  proto.set_user_agent(stored.user_agent);
  proto.set_details(stored.details);
  return proto;
}

v1::SigningKey ToProto(const SigningKeyAdministration::Key& key) {
  v1::SigningKey proto;
  proto.set_kid(key.kid);
  proto.set_state(StateOf(key));
  proto.set_public_jwk(key.jwk);
  *proto.mutable_create_time() = ToProto(key.create_time);
  if (key.retire_time) *proto.mutable_retire_time() = ToProto(*key.retire_time);
  return proto;
}

}  // namespace identity
