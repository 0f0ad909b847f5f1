#include "db/user_store.h"

#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::users {

absl::Status SetFullName(Transaction& transaction, const PrincipalId& id, const std::string& full_name) {
  static constexpr Statement kSet = {"set_full_name", "UPDATE users SET full_name = $2 WHERE id = $1"};
  return transaction.Execute(kSet, Params().Add(id).Add(full_name)).status();
}

absl::Status SetAddress(Transaction& transaction, const PrincipalId& id, const Address& address) {
  static constexpr Statement kSet = {
      "set_address",
      "UPDATE users SET email = $2, email_folded = $3, pending_email = NULL, email_verify_time = CASE WHEN NOT $4 THEN "
      "NULL WHEN email_folded = $3 THEN coalesce(email_verify_time, clock_timestamp()) ELSE clock_timestamp() END "
      "WHERE id = $1"};
  static constexpr Statement kForget = {"forget_mailed_tokens", "DELETE FROM mailed_tokens WHERE principal_id = $1"};
  const absl::Status set =
      transaction.Execute(kSet, Params().Add(id).Add(address.email).Add(address.email_folded).Add(address.verified))
          .status();
  if (set.code() == absl::StatusCode::kAlreadyExists) return Error(ErrorReason::kAlreadyExists, "email: is taken");
  RETURN_IF_ERROR(set);
  return transaction.Execute(kForget, Params().Add(id)).status();
}

absl::Status Unlock(Transaction& transaction, const PrincipalId& id) {
  static constexpr Statement kPassword = {
      "unlock_password", "UPDATE passwords SET failures = 0, locked_until = '-infinity' WHERE principal_id = $1"};
  static constexpr Statement kFactor = {
      "unlock_second_factor",
      "UPDATE totp_factors SET failures = 0, blocked_until = '-infinity' WHERE principal_id = $1"};
  RETURN_IF_ERROR(transaction.Execute(kPassword, Params().Add(id)).status());
  return transaction.Execute(kFactor, Params().Add(id)).status();
}

}  // namespace identity::users
