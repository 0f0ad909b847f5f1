#include "server/app/operator/operator_actions.h"

#include "absl/strings/str_cat.h"
#include "db/stores/accounts.h"
#include "db/stores/second_factors.h"
#include "server/app/admin/one_time_password.h"
#include "server/app/admin/signing_keys.h"
#include "server/app/change/mutation.h"
#include "server/app/change/principal_state.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity::operator_actions {
namespace {

constexpr char kByAnOperator[] = "by an operator";

absl::StatusOr<PrincipalId> Find(Transaction& transaction, const std::string& login) {
  ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, ParseLoginName(login)));
  if (!account) return Error(ErrorReason::kNotFound, "login: no user has that username or e-mail address");
  return account->id;
}

void AuditOperator(AuditedWrite& write, audit::EventType event, const PrincipalId& id) {
  write.Audit({event, id, id.ToString(), kByAnOperator});
}

}  // namespace

absl::Status UnlockUser(const RequestContext& context, Database& database, const std::string& login) {
  return Mutations(database, nullptr).Write(context, Caller(), [&](AuditedWrite& write) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalId id, Find(write.transaction(), login));
    RETURN_IF_ERROR(accounts::Unlock(write.transaction(), id));
    AuditOperator(write, audit::EventType::kUserUnlocked, id);
    return absl::OkStatus();
  });
}

absl::StatusOr<Secret> ResetPassword(const RequestContext& context, Database& database, const std::string& login,
                                     const Argon2Parameters& argon2) {
  Secret one_time_password = NewOneTimePassword();
  ASSIGN_OR_RETURN(const PasswordHash hash, PasswordHash::Create(one_time_password, argon2));
  const auto replace = [&](Mutation& mutation) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const PrincipalId id, Find(mutation.transaction(), login));
    return ReplaceCredentials(mutation, id, hash, kByAnOperator);
  };
  RETURN_IF_ERROR(Mutations(database, nullptr).Run(context, Caller(), replace).status());
  return one_time_password;
}

absl::StatusOr<bool> ResetMfa(const RequestContext& context, Database& database, const std::string& login) {
  return Mutations(database, nullptr).Write(context, Caller(), [&](AuditedWrite& write) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const PrincipalId id, Find(write.transaction(), login));
    ASSIGN_OR_RETURN(const bool removed, second_factors::Remove(write.transaction(), id));
    if (removed) AuditOperator(write, audit::EventType::kMfaReset, id);
    return removed;
  });
}

absl::StatusOr<bool> SetDisabled(const RequestContext& context, Database& database, const std::string& login,
                                 bool disabled, const std::string& reason) {
  RETURN_IF_ERROR(CheckLabel("reason", reason, kMaxReasonBytes));
  const auto set = [&](Mutation& mutation) -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const PrincipalId id, Find(mutation.transaction(), login));
    ASSIGN_OR_RETURN(const auto facts, mutation.facts().Principal(id));
    if (!facts || facts->disabled() == disabled) {
      mutation.Discard();
      return false;
    }
    RETURN_IF_ERROR(DisableOrEnable(mutation, id, disabled,
                                    reason.empty() ? kByAnOperator : absl::StrCat(kByAnOperator, ": ", reason)));
    return true;
  };
  ASSIGN_OR_RETURN(const auto changed, Mutations(database, nullptr).Run(context, Caller(), set));
  return changed.value;
}

absl::StatusOr<std::string> RemoveSigningKey(const RequestContext& context, Database& database,
                                             const MasterKeys& master_keys, const std::string& kid) {
  ASSIGN_OR_RETURN(const SpareSigningKeys spare, MakeSpareSigningKeys(context, database, master_keys, kid));
  const auto remove = [&](Mutation& mutation) {
    return identity::RemoveSigningKey(mutation, spare, kid, kByAnOperator);
  };
  ASSIGN_OR_RETURN(const auto removed, Mutations(database, nullptr).Run(context, Caller(), remove));
  return removed.value.kid;
}

}  // namespace identity::operator_actions
