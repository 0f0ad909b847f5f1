#include "server/app/account/password_reset.h"

#include <utility>

#include "db/stores/external/external_identities.h"
#include "db/stores/passwords.h"
#include "db/stores/principals.h"
#include "server/app/access/audit.h"
#include "server/app/account/email_verification.h"
#include "server/app/change/principal_state.h"
#include "server/app/login/mapped_roles.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr auto kReset = accounts::MailedPurpose::kResetPassword;

// Verifies the address that the token was mailed to, since the holder of the token has read its mail. Leaves an address
// alone that another account has verified.
absl::Status VerifyAddress(Transaction& transaction, const accounts::Account& account, const std::string& email) {
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
                                    const ClientInfo& claimed) {
  if (!mail_.enabled()) return MailNotConfigured();
  const LoginName name = ParseLoginName(login);
  RETURN_IF_ERROR(throttle_.CountMailRequest(context, caller, claimed, name));
  ASSIGN_OR_RETURN(const auto recipient, FindRecipient(context, caller, name));
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, claimed));
    RETURN_IF_ERROR(Mail(transaction, recipient));
    return Audit(
        transaction, caller, client,
        {audit::EventType::kPasswordResetRequested, recipient ? absl::make_optional(recipient->id) : absl::nullopt});
  }));
  mail_.Wake();
  return absl::OkStatus();
}

// nullopt: no mail is to be sent.
absl::StatusOr<absl::optional<accounts::Account>> PasswordReset::FindRecipient(const RequestContext& context,
                                                                               const Caller& caller,
                                                                               const LoginName& name) const {
  const auto find = [&](Transaction& transaction) { return accounts::Find(transaction, name); };
  ASSIGN_OR_RETURN(absl::optional<accounts::Account> account, database_.Read(context, find));
  if (account && account->disabled) account.reset();
  if (account && !throttle_.CountMailTo(context, caller, account->id, false).ok()) account.reset();
  return account;
}

absl::Status PasswordReset::Mail(Transaction& transaction, const absl::optional<accounts::Account>& recipient) const {
  Secret secret(RandomBytes(kTokenSecretBytes));
  // The same statements with and without a recipient, so that the time tells nothing.
  const PrincipalId owner = recipient ? recipient->id : PrincipalId(Uuid());
  const std::string email = recipient ? recipient->email : "";
  RETURN_IF_ERROR(principals::LockState(transaction, owner));
  ASSIGN_OR_RETURN(const absl::optional<MailedTokenId> id,
                   accounts::InsertMailedToken(transaction, kReset, owner, email, Fingerprint(secret), kTokenLifetime));
  if (!id) {
    const OpaqueToken token(OpaqueToken::Kind::kMailedToken, Uuid(), std::move(secret));
    return mail_.EnqueueDecoy(transaction, ResetMail("somebody@example.com", "somebody", token));
  }
  const OpaqueToken token(OpaqueToken::Kind::kMailedToken, id->uuid(), std::move(secret));
  return mail_.Enqueue(transaction, ResetMail(recipient->email, recipient->username, token));
}

absl::StatusOr<accounts::Account> PasswordReset::FindAccount(const RequestContext& context,
                                                             const OpaqueToken& token) const {
  return database_.Read(context, [&](Transaction& transaction) -> absl::StatusOr<accounts::Account> {
    ASSIGN_OR_RETURN(const auto mailed,
                     accounts::FindMailedToken(transaction, kReset, MailedTokenId(token.id()), token.Hash()));
    if (!mailed) return MailedTokenInvalid();
    ASSIGN_OR_RETURN(auto account, accounts::Find(transaction, mailed->principal_id));
    if (!account) return MailedTokenInvalid();
    return *std::move(account);
  });
}

absl::StatusOr<PasswordReset::Done> PasswordReset::Reset(const RequestContext& context, const Caller& caller,
                                                         const Secret& token, const Secret& new_password,
                                                         const ClientInfo& claimed) {
  const auto presented = OpaqueToken::Parse(OpaqueToken::Kind::kMailedToken, token.Reveal());
  if (!presented) return MailedTokenInvalid();
  ASSIGN_OR_RETURN(const accounts::Account account, FindAccount(context, *presented));
  const auto count = [&] { return throttle_.CountNewPassword(context, caller, account.id); };
  ASSIGN_OR_RETURN(const PasswordHash hash,
                   passwords_.Hash("new_password", new_password,
                                   ContextWords(account.username, account.email, account.full_name), count));
  const auto set_password = [&](Mutation& mutation) -> absl::StatusOr<int64_t> {
    RETURN_IF_ERROR(mutation.ActFor(claimed));
    return SetPassword(mutation, *presented, account, hash);
  };
  ASSIGN_OR_RETURN(const Committed<int64_t> change, mutations_.Run(context, caller, set_password));
  mail_.Wake();
  return Done{change.value, change.token};
}

// Returns how many sessions have ended.
absl::StatusOr<int64_t> PasswordReset::SetPassword(Mutation& mutation, const OpaqueToken& token,
                                                   const accounts::Account& account, const PasswordHash& hash) const {
  Transaction& transaction = mutation.transaction();
  ASSIGN_OR_RETURN(const auto mailed,
                   accounts::TakeMailedToken(transaction, kReset, MailedTokenId(token.id()), token.Hash()));
  if (!mailed) return MailedTokenInvalid();
  RETURN_IF_ERROR(passwords::Set(transaction, account.id, hash, absl::nullopt).status());
  ASSIGN_OR_RETURN(const int64_t ended, accounts::EndSessions(transaction, account.id, absl::nullopt));
  RETURN_IF_ERROR(RevokeApiKeysOf(mutation, account.id));
  RETURN_IF_ERROR(external_identities::Forget(transaction, account.id).status());
  RETURN_IF_ERROR(EndMappedRoles(mutation, {"", account.id}));
  RETURN_IF_ERROR(VerifyAddress(transaction, account, mailed->email));
  mutation.Changed(account.id);
  RETURN_IF_ERROR(
      mail_.Enqueue(transaction, {MailKind::kPasswordChanged, mailed->email, {{"username", account.username}}}));
  mutation.Audit({audit::EventType::kPasswordReset, account.id, account.id.ToString()});
  return ended;
}

}  // namespace identity
