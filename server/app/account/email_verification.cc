#include "server/app/account/email_verification.h"

#include "db/stores/accounts.h"
#include "server/app/access/audit.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr auto kVerification = accounts::MailedPurpose::kVerifyEmail;

}  // namespace

absl::Status MailNotConfigured() { return Error(ErrorReason::kMailNotConfigured, "this server sends no mail"); }

absl::Status MailedTokenInvalid() {
  return Error(ErrorReason::kMailedTokenInvalid, "token: is unknown, was used or has expired; request a new mail");
}

absl::Status EmailVerification::Send(Transaction& transaction, const PrincipalId& id, const std::string& username,
                                     const std::string& email) const {
  ASSIGN_OR_RETURN(const std::string folded, FoldEmail(email));
  ASSIGN_OR_RETURN(const auto owner, accounts::FindOtherVerified(transaction, id, folded));
  Secret secret(RandomBytes(kTokenSecretBytes));
  ASSIGN_OR_RETURN(const MailedTokenId token_id, accounts::InsertMailedToken(transaction, kVerification, id, email,
                                                                             Fingerprint(secret), kTokenLifetime));
  if (owner) return mail_.Enqueue(transaction, {MailKind::kAlreadyRegistered, email, {{"username", *owner}}});
  const OpaqueToken token(OpaqueToken::Kind::kMailedToken, token_id.uuid(), std::move(secret));
  return mail_.Enqueue(
      transaction,
      {MailKind::kVerifyEmail, email, {{"username", username}, {"token", std::string(token.ToText().Reveal())}}});
}

absl::Status EmailVerification::CountMail(const RequestContext& context, const Caller& caller) const {
  return mail_.enabled() ? throttle_.CountMailTo(context, caller, caller.subject->principal.id(), true)
                         : absl::OkStatus();
}

absl::Status EmailVerification::Verify(const RequestContext& context, const Caller& caller, const Secret& token,
                                       const ClientInfo& claimed) {
  const auto presented = OpaqueToken::Parse(OpaqueToken::Kind::kMailedToken, token.Reveal());
  if (!presented) return MailedTokenInvalid();
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    StoredFacts facts(transaction);
    ASSIGN_OR_RETURN(const ClientInfo client, TrustedClientInfo(facts, caller, claimed));
    ASSIGN_OR_RETURN(const PrincipalId id, TakeToken(transaction, *presented));
    return Audit(transaction, caller, client, {audit::EventType::kEmailVerified, id});
  }));
  mail_.Wake();
  return absl::OkStatus();
}

// Spends the token, sets its address as the account's, and notifies the previous address. Returns the account's id.
absl::StatusOr<PrincipalId> EmailVerification::TakeToken(Transaction& transaction, const OpaqueToken& token) const {
  ASSIGN_OR_RETURN(const auto mailed,
                   accounts::TakeMailedToken(transaction, kVerification, MailedTokenId(token.id()), token.Hash()));
  if (!mailed) return MailedTokenInvalid();
  ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, mailed->principal_id));
  if (!account) return MailedTokenInvalid();
  ASSIGN_OR_RETURN(const std::string folded, FoldEmail(mailed->email));
  RETURN_IF_ERROR(accounts::SetVerifiedEmail(transaction, account->id, mailed->email, folded));
  if (account->email_owned && account->email != mailed->email) {
    RETURN_IF_ERROR(mail_.Enqueue(
        transaction,
        {MailKind::kEmailChanged, account->email, {{"username", account->username}, {"email", mailed->email}}}));
  }
  return account->id;
}

absl::Status EmailVerification::Resend(const RequestContext& context, const Caller& caller) {
  if (!mail_.enabled()) return MailNotConfigured();
  RETURN_IF_ERROR(CountMail(context, caller));
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, caller.subject->principal.id()));
    if (!account || (account->email_verified && account->pending_email.empty())) return absl::OkStatus();
    const std::string& email = account->pending_email.empty() ? account->email : account->pending_email;
    RETURN_IF_ERROR(Send(transaction, account->id, account->username, email));
    return Audit(transaction, caller, ClientOf(caller), {audit::EventType::kEmailVerificationSent, account->id});
  }));
  mail_.Wake();
  return absl::OkStatus();
}

}  // namespace identity
