#include "server/app/account/own_account.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/stores/passwords.h"
#include "db/stores/principals.h"
#include "server/app/access/audit.h"
#include "server/app/change/guard.h"
#include "server/app/change/principal_state.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

absl::Status CheckUpdate(const OwnAccount::Update& update) {
  if (update.full_name)
    RETURN_IF_ERROR(InField("account", CheckLabel("full_name", *update.full_name, kMaxFullNameBytes)));
  if (update.email) RETURN_IF_ERROR(InField("account", FoldEmail(*update.email).status()));
  return absl::OkStatus();
}

absl::StatusOr<accounts::Account> FindOwn(Transaction& transaction, const Caller& caller) {
  ASSIGN_OR_RETURN(auto account, accounts::Find(transaction, caller.subject->principal.id()));
  if (!account) return Error(ErrorReason::kNotFound, "the caller is not a user and has no account");
  return *std::move(account);
}

}  // namespace

absl::StatusOr<accounts::Account> OwnAccount::Get(const RequestContext& context, const Caller& caller) {
  return database_.Read(context, [&](Transaction& transaction) { return FindOwn(transaction, caller); });
}

absl::StatusOr<accounts::Account> OwnAccount::Apply(const RequestContext& context, const Caller& caller,
                                                    const Update& update) {
  RETURN_IF_ERROR(CheckUpdate(update));
  if (update.email) {
    RETURN_IF_ERROR(proofs_.Require(context, caller, update.proof).status());
    RETURN_IF_ERROR(verification_.CountMail(context, caller));
  }
  const auto write_update = [&](AuditedWrite& write) { return WriteUpdate(write, update); };
  ASSIGN_OR_RETURN(accounts::Account account, mutations_.Write(context, caller, write_update));
  mail_.Wake();
  return account;
}

absl::StatusOr<accounts::Account> OwnAccount::WriteUpdate(AuditedWrite& write, const Update& update) const {
  Transaction& transaction = write.transaction();
  ASSIGN_OR_RETURN(accounts::Account account, FindOwn(transaction, write.caller()));
  std::vector<std::string> changed;
  if (update.full_name && *update.full_name != account.full_name) {
    RETURN_IF_ERROR(accounts::SetFullName(transaction, account.id, *update.full_name));
    changed.push_back("full_name");
  }
  if (update.email) {
    RETURN_IF_ERROR(guard::RequireOwnSession(write));
    ASSIGN_OR_RETURN(const bool email_changed, ChangeEmail(transaction, account, *update.email));
    if (email_changed) changed.push_back("email");
  }
  if (changed.empty()) return account;
  write.Audit({audit::EventType::kUserUpdated, account.id, "", absl::StrJoin(changed, ", ")});
  return FindOwn(transaction, write.caller());
}

// False when there was nothing to change. Setting the current address again cancels a pending one.
absl::StatusOr<bool> OwnAccount::ChangeEmail(Transaction& transaction, const accounts::Account& account,
                                             const std::string& email) const {
  if (email == account.email) {
    if (account.pending_email.empty()) return false;
    RETURN_IF_ERROR(accounts::ForgetPendingEmail(transaction, account.id));
  } else if (mail_.enabled()) {
    RETURN_IF_ERROR(accounts::SetPendingEmail(transaction, account.id, email));
    RETURN_IF_ERROR(verification_.Send(transaction, account.id, account.username, email));
    RETURN_IF_ERROR(
        mail_.EnqueueToOwner(transaction, account.id, MailKind::kAccountChanged,
                             {{"change", absl::StrCat("the new e-mail address ", email, " was requested")}}));
  } else {
    ASSIGN_OR_RETURN(const std::string folded, FoldEmail(email));
    RETURN_IF_ERROR(accounts::SetUnverifiedEmail(transaction, account.id, email, folded));
  }
  return true;
}

absl::StatusOr<OwnAccount::PasswordChange> OwnAccount::ChangePassword(const RequestContext& context,
                                                                      const Caller& caller, const Proof& proof,
                                                                      const NewPassword& password) {
  ASSIGN_OR_RETURN(const absl::Time verified_change_time, proofs_.Require(context, caller, proof));
  if (proof.current_password == password.text) {
    return InvalidField("new_password", "must differ from the current one");
  }
  ASSIGN_OR_RETURN(const accounts::Account account, Get(context, caller));
  const auto count = [&] { return throttle_.CountNewPassword(context, caller, account.id); };
  ASSIGN_OR_RETURN(const PasswordHash hash,
                   passwords_.Hash("new_password", password.text,
                                   ContextWords(account.username, account.email, account.full_name), count));
  const auto replace = [&](Mutation& mutation) {
    return ReplacePassword(mutation, account, {hash, verified_change_time, password.revoke_api_keys});
  };
  ASSIGN_OR_RETURN(const Committed<Replaced> change, mutations_.Run(context, caller, replace));
  mail_.Wake();
  const Replaced& replaced = change.value;
  return PasswordChange{replaced.ended_sessions,
                        issuer_.ForOngoingSession(replaced.session, replaced.principal, caller.subject->scopes),
                        change.token};
}

absl::StatusOr<OwnAccount::Replaced> OwnAccount::ReplacePassword(Mutation& mutation, const accounts::Account& account,
                                                                 const Replacement& replacement) const {
  Transaction& transaction = mutation.transaction();
  const Subject& caller = *mutation.caller().subject;
  ASSIGN_OR_RETURN(const bool set,
                   passwords::Set(transaction, account.id, replacement.hash, replacement.verified_change_time));
  if (!set) return Error(ErrorReason::kInvalidCredentials, "proof.current_password: was changed in the meantime");
  if (replacement.revoke_api_keys) RETURN_IF_ERROR(RevokeApiKeysOf(mutation, account.id));
  ASSIGN_OR_RETURN(const int64_t ended, accounts::EndSessions(transaction, account.id, caller.session_id));
  RETURN_IF_ERROR(sessions::PasswordChanged(transaction, *caller.session_id));
  ASSIGN_OR_RETURN(auto session, sessions::FindAlive(transaction, *caller.session_id));
  if (!session) return Error(ErrorReason::kCallerInvalid, "metadata: the session has ended");
  mutation.Changed(account.id);
  if (account.email_owned) {
    RETURN_IF_ERROR(
        mail_.Enqueue(transaction, {MailKind::kPasswordChanged, account.email, {{"username", account.username}}}));
  }
  mutation.Audit({audit::EventType::kPasswordChanged, account.id, account.id.ToString()});
  return Replaced{ended, *std::move(session), caller.principal};
}

absl::StatusOr<ConsistencyToken> OwnAccount::Deactivate(const RequestContext& context, const Caller& caller,
                                                        const Proof& proof) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, proof).status());
  const auto deactivate = [&](Mutation& mutation) -> absl::Status {
    Transaction& transaction = mutation.transaction();
    const PrincipalFacts& self = mutation.caller().subject->principal;
    RETURN_IF_ERROR(guard::RequireNotLastSuperAdmin(mutation, self));
    RETURN_IF_ERROR(principals::Disable(transaction, self.id()));
    mutation.Changed(self.id());
    RETURN_IF_ERROR(
        mail_.EnqueueToOwner(transaction, self.id(), MailKind::kAccountChanged, {{"change", "it was deactivated"}}));
    mutation.Audit({audit::EventType::kUserDeactivated, self.id(), self.id().ToString()});
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(const ConsistencyToken token, mutations_.Run(context, caller, deactivate));
  mail_.Wake();
  return token;
}

}  // namespace identity
