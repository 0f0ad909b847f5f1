#include "server/app/account/password_reset.h"

#include <utility>

#include "db/stores/passwords.h"
#include "server/app/access/audit.h"
#include "server/app/account/email_verification.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr auto kPurpose = accounts::MailedPurpose::kResetPassword;

// The address is the account's by now: its mail was read.
absl::Status TakeAddress(Transaction& transaction, const accounts::Account& account, const std::string& email) {
  if (account.email_verified || account.email != email) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string folded, FoldEmail(email));
  ASSIGN_OR_RETURN(const auto other, accounts::FindOtherVerified(transaction, account.id, folded));
  if (other) return absl::OkStatus();
  return accounts::SetVerifiedEmail(transaction, account.id, email, folded);
}

MailMessage ResetMail(const std::string& email, const std::string& username, const OpaqueToken& token) {
  return {MailKind::kResetPassword, email, {{"username", username}, {"token", std::string(token.ToText().Reveal())}}};
}

}  // namespace

absl::Status PasswordReset::Request(const RequestContext& context, const Caller& caller, const std::string& login,
                                    const ClientInfo& told) {
  if (!mail_.enabled()) return MailNotConfigured();
  const LoginName name = ParseLoginName(login);
  RETURN_IF_ERROR(throttle_.CountMailRequest(context, caller, told, name));
  ASSIGN_OR_RETURN(const auto account, FindRecipient(context, caller, name));
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, told));
    RETURN_IF_ERROR(Mail(transaction, account));
    return Audit(
        transaction, caller, client,
        {audit::EventType::kPasswordResetRequested, account ? absl::make_optional(account->id) : absl::nullopt});
  }));
  mail_.Wake();
  return absl::OkStatus();
}

// nullopt: nobody is to have a mail.
absl::StatusOr<absl::optional<accounts::Account>> PasswordReset::FindRecipient(const RequestContext& context,
                                                                               const Caller& caller,
                                                                               const LoginName& name) const {
  absl::optional<accounts::Account> account;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(account, accounts::Find(transaction, name));
    return absl::OkStatus();
  }));
  if (account && account->disabled) account.reset();
  if (account && !throttle_.CountMailTo(context, caller, account->id, false).ok()) account.reset();
  return account;
}

absl::Status PasswordReset::Mail(Transaction& transaction, const absl::optional<accounts::Account>& account) const {
  Secret secret(RandomBytes(kTokenSecretBytes));
  if (!account) {
    const OpaqueToken token(OpaqueToken::Kind::kMailedToken, Uuid(), std::move(secret));
    return mail_.EnqueueNobody(transaction, ResetMail("somebody@example.com", "somebody", token));
  }
  ASSIGN_OR_RETURN(const MailedTokenId id,
                   accounts::InsertMailedToken(transaction, kPurpose, account->id, account->email, Fingerprint(secret),
                                               kTokenLifetime));
  const OpaqueToken token(OpaqueToken::Kind::kMailedToken, id.uuid(), std::move(secret));
  return mail_.Enqueue(transaction, ResetMail(account->email, account->username, token));
}

absl::StatusOr<accounts::Account> PasswordReset::FindAccount(const RequestContext& context,
                                                             const OpaqueToken& token) const {
  absl::optional<accounts::Account> account;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto found,
                     accounts::FindMailedToken(transaction, kPurpose, MailedTokenId(token.id()), token.Hash()));
    if (!found) return MailedTokenInvalid();
    ASSIGN_OR_RETURN(account, accounts::Find(transaction, found->principal_id));
    return absl::OkStatus();
  }));
  if (!account) return MailedTokenInvalid();
  return *std::move(account);
}

absl::StatusOr<PasswordReset::Done> PasswordReset::Reset(const RequestContext& context, const Caller& caller,
                                                         const Secret& token, const Secret& new_password,
                                                         const ClientInfo& told) {
  const auto shown = OpaqueToken::Parse(OpaqueToken::Kind::kMailedToken, token.Reveal());
  if (!shown) return MailedTokenInvalid();
  ASSIGN_OR_RETURN(const accounts::Account account, FindAccount(context, *shown));
  ASSIGN_OR_RETURN(
      const PasswordHash hash,
      passwords_.Hash("new_password", new_password, ContextWords(account.username, account.email, account.full_name)));
  Done done;
  ASSIGN_OR_RETURN(done.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(mutation.ActFor(told));
    Transaction& transaction = mutation.transaction();
    ASSIGN_OR_RETURN(const auto taken,
                     accounts::TakeMailedToken(transaction, kPurpose, MailedTokenId(shown->id()), shown->Hash()));
    if (!taken) return MailedTokenInvalid();
    RETURN_IF_ERROR(passwords::Set(transaction, account.id, hash, absl::nullopt).status());
    ASSIGN_OR_RETURN(done.ended_sessions, accounts::EndSessions(transaction, account.id, absl::nullopt));
    RETURN_IF_ERROR(TakeAddress(transaction, account, taken->email));
    RETURN_IF_ERROR(mutation.Changed(account.id));
    RETURN_IF_ERROR(
        mail_.Enqueue(transaction, {MailKind::kPasswordChanged, taken->email, {{"username", account.username}}}));
    return mutation.Audit({audit::EventType::kPasswordReset, account.id, account.id.ToString()});
  }));
  mail_.Wake();
  return done;
}

}  // namespace identity
