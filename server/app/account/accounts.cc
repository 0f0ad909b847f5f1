#include "server/app/account/accounts.h"

#include <memory>
#include <utility>

#include "absl/strings/str_join.h"
#include "db/stores/passwords.h"
#include "db/stores/principals.h"
#include "server/app/access/audit.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

absl::Status CheckUpdate(const Accounts::Update& update) {
  if (update.full_name)
    RETURN_IF_ERROR(InField("account", CheckLabel("full_name", *update.full_name, kMaxFullNameBytes)));
  if (update.email) RETURN_IF_ERROR(InField("account", FoldEmail(*update.email).status()));
  return absl::OkStatus();
}

absl::Status SamePassword() { return InvalidField("new_password", "must differ from the current one"); }

absl::StatusOr<accounts::Account> FindOwn(Transaction& transaction, const Caller& caller) {
  ASSIGN_OR_RETURN(auto account, accounts::Find(transaction, caller.subject->principal.id()));
  if (!account) return Error(ErrorReason::kNotFound, "the caller is a program and has no account");
  return *std::move(account);
}

}  // namespace

absl::StatusOr<accounts::Account> Accounts::Get(const RequestContext& context, const Caller& caller) {
  accounts::Account account;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(account, FindOwn(transaction, caller));
    return absl::OkStatus();
  }));
  return account;
}

absl::StatusOr<accounts::Account> Accounts::Apply(const RequestContext& context, const Caller& caller,
                                                  const Update& update) {
  RETURN_IF_ERROR(CheckUpdate(update));
  if (update.email) {
    RETURN_IF_ERROR(proofs_.Require(context, caller, update.current_password).status());
    RETURN_IF_ERROR(verification_.CountMail(context, caller));
  }
  accounts::Account account;
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& mutation) -> absl::Status {
    Transaction& transaction = mutation.transaction();
    ASSIGN_OR_RETURN(account, FindOwn(transaction, caller));
    std::vector<std::string> changed;
    if (update.full_name && *update.full_name != account.full_name) {
      RETURN_IF_ERROR(accounts::SetFullName(transaction, account.id, *update.full_name));
      changed.push_back("full_name");
    }
    if (update.email) {
      RETURN_IF_ERROR(guard::RequireOwnSession(mutation));
      ASSIGN_OR_RETURN(const bool email_changed, ChangeEmail(transaction, account, *update.email));
      if (email_changed) changed.push_back("email");
    }
    if (changed.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(mutation.Audit({audit::EventType::kUserUpdated, account.id, "", absl::StrJoin(changed, ", ")}));
    ASSIGN_OR_RETURN(account, FindOwn(transaction, caller));
    return absl::OkStatus();
  }));
  mail_.Wake();
  return account;
}

// False: there was nothing to change. The address that there is takes back the wish for another.
absl::StatusOr<bool> Accounts::ChangeEmail(Transaction& transaction, const accounts::Account& account,
                                           const std::string& email) const {
  if (email == account.email) {
    if (account.pending_email.empty()) return false;
    RETURN_IF_ERROR(accounts::ForgetPendingEmail(transaction, account.id));
  } else if (mail_.enabled()) {
    RETURN_IF_ERROR(accounts::SetPendingEmail(transaction, account.id, email));
    RETURN_IF_ERROR(verification_.Send(transaction, account.id, account.username, email));
  } else {
    ASSIGN_OR_RETURN(const std::string folded, FoldEmail(email));
    RETURN_IF_ERROR(accounts::SetUnverifiedEmail(transaction, account.id, email, folded));
  }
  return true;
}

absl::StatusOr<Accounts::PasswordChange> Accounts::ChangePassword(const RequestContext& context, const Caller& caller,
                                                                  const Secret& current_password,
                                                                  const Secret& new_password) {
  ASSIGN_OR_RETURN(const absl::optional<absl::Time> verified, proofs_.Require(context, caller, current_password));
  if (current_password == new_password) return SamePassword();
  ASSIGN_OR_RETURN(const accounts::Account account, Get(context, caller));
  ASSIGN_OR_RETURN(
      const PasswordHash hash,
      passwords_.Hash("new_password", new_password, ContextWords(account.username, account.email, account.full_name)));
  if (!verified) {
    // Nobody showed the current one, so that it differs has to be found out.
    ASSIGN_OR_RETURN(const bool same, proofs_.IsCurrentPassword(context, account.id, new_password));
    if (same) return SamePassword();
  }
  PasswordChange change;
  absl::optional<sessions::Session> session;
  PrincipalFacts principal;
  ASSIGN_OR_RETURN(change.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    Transaction& transaction = mutation.transaction();
    ASSIGN_OR_RETURN(const bool set, passwords::Set(transaction, account.id, hash, verified));
    if (!set) return Error(ErrorReason::kInvalidCredentials, "current_password: was changed meanwhile");
    const absl::optional<SessionId> kept = caller.subject->session_id;
    ASSIGN_OR_RETURN(change.ended_sessions, accounts::EndSessions(transaction, account.id, kept));
    ASSIGN_OR_RETURN(session, sessions::FindAlive(transaction, *kept));
    if (!session) return Error(ErrorReason::kCallerInvalid, "metadata: the session has ended");
    principal = mutation.caller().subject->principal;
    RETURN_IF_ERROR(mutation.Changed(account.id));
    if (account.email_owned) {
      RETURN_IF_ERROR(
          mail_.Enqueue(transaction, {MailKind::kPasswordChanged, account.email, {{"username", account.username}}}));
    }
    return mutation.Audit({audit::EventType::kPasswordChanged, account.id, account.id.ToString()});
  }));
  mail_.Wake();
  change.tokens = issuer_.ForOngoingSession(*session, principal, caller.subject->scopes);
  return change;
}

absl::StatusOr<ConsistencyToken> Accounts::Deactivate(const RequestContext& context, const Caller& caller,
                                                      const Secret& current_password) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, current_password).status());
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    Transaction& transaction = mutation.transaction();
    const PrincipalFacts& self = mutation.caller().subject->principal;
    ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, mutation.facts().Roles());
    ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
    if (IsSuperAdmin(self, *roles, now.time)) {
      ASSIGN_OR_RETURN(const bool another, principals::HasSuperAdminBeside(transaction, self.id()));
      if (!another) return Error(ErrorReason::kLastSuperAdmin, "the only super admin cannot leave");
    }
    RETURN_IF_ERROR(principals::Disable(transaction, self.id()));
    RETURN_IF_ERROR(mutation.Changed(self.id()));
    return mutation.Audit({audit::EventType::kUserDeactivated, self.id(), self.id().ToString()});
  });
}

}  // namespace identity
