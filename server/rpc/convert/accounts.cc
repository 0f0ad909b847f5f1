#include "server/rpc/convert/accounts.h"

#include "server/base/status_macros.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/logins.h"
#include "server/rpc/convert/time.h"
#include "server/rpc/convert/update_mask.h"

namespace identity {

v1::Account ToProto(const accounts::Account& account) {
  v1::Account proto;
  proto.set_id(account.id.ToString());
  proto.set_username(account.username);
  proto.set_email(account.email);
  proto.set_email_verified(account.email_verified);
  proto.set_pending_email(account.pending_email);
  proto.set_full_name(account.full_name);
  for (const std::string& role : account.roles) proto.add_roles(role);
  *proto.mutable_create_time() = ToProto(account.create_time);
  if (account.last_login_time) *proto.mutable_last_login_time() = ToProto(*account.last_login_time);
  proto.set_mfa_enabled(account.mfa_enabled);
  proto.set_recovery_codes_left(static_cast<int32_t>(account.recovery_codes));
  return proto;
}

void Write(const std::vector<Secret>& codes, google::protobuf::RepeatedPtrField<std::string>& proto) {
  for (const Secret& code : codes) proto.Add(std::string(code.Reveal()));
}

absl::StatusOr<OwnAccount::Update> ReadUpdate(const v1::UpdateAccountRequest& request) {
  OwnAccount::Update update;
  update.proof = ReadProof(request.proof());
  const v1::Account& account = request.account();
  ASSIGN_OR_RETURN(const UpdateMask mask, UpdateMask::Read(request.update_mask(), account, {"full_name", "email"}));
  if (mask.Has("full_name")) update.full_name = account.full_name();
  if (mask.Has("email")) update.email = account.email();
  return update;
}

}  // namespace identity
