#include "server/rpc/convert/principals.h"

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

v1::ServiceAccount ToProto(const principals::ServiceAccount& account) {
  v1::ServiceAccount proto;
  proto.set_id(account.id.ToString());
  proto.set_name(account.name);
  proto.set_description(account.description);
  proto.set_disabled(account.disabled);
  *proto.mutable_create_time() = ToProto(account.create_time);
  return proto;
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
