#include "server/rpc/convert/principals.h"

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/time.h"
#include "server/rpc/convert/update_mask.h"

namespace identity {

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

void Write(const PrincipalFacts& facts, v1::Principal& proto) {
  proto.set_id(facts.id().ToString());
  proto.set_type(ToProto(facts.type()));
  proto.set_username(facts.username().data(), facts.username().size());
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

v1::ServiceAccount ToProto(const ServiceAccounts::Account& account) {
  v1::ServiceAccount proto;
  const principals::ServiceAccount& fields = account.fields;
  proto.set_id(fields.id.ToString());
  proto.set_name(fields.name);
  proto.set_description(fields.description);
  proto.set_disabled(fields.disabled);
  *proto.mutable_create_time() = ToProto(fields.create_time);
  for (const Workloads::Entry& entry : account.workloads) {
    v1::WorkloadIdentity& identity = *proto.add_external_identities();
    identity.set_issuer(entry.key.issuer);
    identity.set_subject(entry.key.subject);
    WriteTexts(entry.account.scopes.ToStrings(), *identity.mutable_scopes());
  }
  return proto;
}

absl::StatusOr<ServiceAccounts::Update> ReadAccountUpdate(const v1::UpdateServiceAccountRequest& request) {
  const v1::ServiceAccount& account = request.service_account();
  ASSIGN_OR_RETURN(const UpdateMask mask,
                   UpdateMask::Read(request.update_mask(), account, {"description", "external_identities"}));
  ServiceAccounts::Update update;
  ASSIGN_OR_RETURN(update.id, ReadId<PrincipalId>("service_account.id", account.id()));
  if (mask.Has("description")) update.description = account.description();
  if (!mask.Has("external_identities")) return update;
  update.workloads.emplace();
  for (const v1::WorkloadIdentity& identity : account.external_identities()) {
    const absl::StatusOr<absl::optional<Scopes>> scopes = ReadScopes(identity.scopes());
    if (!scopes.ok()) {
      return InField(absl::StrCat("service_account.external_identities[", update.workloads->size(), "]"),
                     scopes.status());
    }
    update.workloads->push_back(
        {{identity.issuer(), identity.subject()}, {update.id, scopes->value_or(Scopes::Unlimited())}});
  }
  return update;
}

absl::StatusOr<Users::NewUser> ReadCreate(const v1::CreateUserRequest& request) {
  Users::NewUser create;
  // Before the hash is wiped: it is one of the arguments.
  ASSIGN_OR_RETURN(create.idempotency, ReadIdempotency(request.request_id(), request));
  const Secret hash = TakeSecret(request.password_hash());
  if (!hash.empty()) {
    ASSIGN_OR_RETURN(create.password_hash, PasswordHash::ParseImported(hash.Reveal()));
  }
  create.username = request.username();
  create.email = request.email();
  create.full_name = request.full_name();
  return create;
}

absl::StatusOr<Users::Update> ReadUpdate(const v1::UpdateUserRequest& request) {
  const v1::User& user = request.user();
  Users::Update update;
  ASSIGN_OR_RETURN(update.id, ReadId<PrincipalId>("user.id", user.id()));
  ASSIGN_OR_RETURN(const UpdateMask mask, UpdateMask::Read(request.update_mask(), user, {"full_name", "email"}));
  if (mask.Has("full_name")) update.full_name = user.full_name();
  if (mask.Has("email")) {
    update.email = user.email();
    update.email_verified = user.email_verified();
  }
  return update;
}

}  // namespace identity
