#include "server/app/account/email_verification.h"

#include <utility>

#include "db/stores/accounts.h"
#include "db/stores/principals.h"
#include "db/stores/second_factors.h"
#include "db/stores/sessions.h"
#include "server/app/change/principal_state.h"
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
  ASSIGN_OR_RETURN(
      const absl::optional<MailedTokenId> token_id,
      accounts::InsertMailedToken(transaction, kVerification, id, email, Fingerprint(secret), kTokenLifetime));
  if (!token_id) return absl::OkStatus();  // the account was deleted meanwhile
  if (owner) return mail_.Enqueue(transaction, {MailKind::kAlreadyRegistered, email, {{"username", *owner}}});
  const OpaqueToken token(OpaqueToken::Kind::kMailedToken, token_id->uuid(), std::move(secret));
  return mail_.Enqueue(
      transaction,
      {MailKind::kVerifyEmail, email, {{"username", username}, {"token", std::string(token.ToText().Reveal())}}});
}

absl::Status EmailVerification::CountMail(const RequestContext& context, const Caller& caller) const {
  return mail_.enabled() ? throttle_.CountMailTo(context, caller, caller.subject->principal.id(), true)
                         : absl::OkStatus();
}

absl::StatusOr<EmailVerification::Verified> EmailVerification::Verify(const RequestContext& context,
                                                                      const Caller& caller, const Secret& token,
                                                                      const ClientInfo& claimed) {
  const auto presented = OpaqueToken::Parse(OpaqueToken::Kind::kMailedToken, token.Reveal());
  if (!presented) return MailedTokenInvalid();
  RETURN_IF_ERROR(RequireToken(context, caller, *presented));
  const auto apply = [&](Mutation& mutation) -> absl::StatusOr<Change> {
    RETURN_IF_ERROR(mutation.ActFor(claimed));
    return Apply(mutation, *presented);
  };
  ASSIGN_OR_RETURN(const Committed<Change> change, mutations_.Run(context, caller, apply));
  mail_.Wake();
  const Subject& subject = *caller.subject;
  return Verified{change.value.ended_sessions,
                  issuer_.ForOngoingSession(change.value.session, subject.principal, subject.scopes), change.token};
}

// Looks before the mutation takes the revision, so that callers without a token cannot make other writers wait.
absl::Status EmailVerification::RequireToken(const RequestContext& context, const Caller& caller,
                                             const OpaqueToken& token) const {
  return database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(const auto mailed,
                     accounts::FindMailedToken(transaction, kVerification, MailedTokenId(token.id()), token.Hash()));
    return mailed && mailed->principal_id == caller.id() ? absl::OkStatus() : MailedTokenInvalid();
  });
}

absl::StatusOr<EmailVerification::Change> EmailVerification::Apply(Mutation& mutation, const OpaqueToken& token) const {
  const Subject& caller = *mutation.caller().subject;
  const PrincipalId& id = caller.principal.id();
  Change change;
  // First, as other writes of the account lock it. Otherwise two of them could wait for each other.
  RETURN_IF_ERROR(principals::LockForChange(mutation.transaction(), id));
  ASSIGN_OR_RETURN(const bool first, TakeToken(mutation, token));
  if (first) {
    RETURN_IF_ERROR(RevokeApiKeysOf(mutation, id));
    RETURN_IF_ERROR(second_factors::Remove(mutation.transaction(), id).status());
    ASSIGN_OR_RETURN(change.ended_sessions, accounts::EndSessions(mutation.transaction(), id, caller.session_id));
  }
  ASSIGN_OR_RETURN(auto session, sessions::FindAlive(mutation.transaction(), *caller.session_id));
  if (!session) return Error(ErrorReason::kCallerInvalid, "metadata: the session has ended");
  change.session = *std::move(session);
  mutation.Changed(id);
  mutation.Audit({audit::EventType::kEmailVerified, id});
  return change;
}

// Spends the token, sets its address as the account's, and notifies the previous address. Returns whether the account
// never had a verified address before.
absl::StatusOr<bool> EmailVerification::TakeToken(Mutation& mutation, const OpaqueToken& token) const {
  Transaction& transaction = mutation.transaction();
  ASSIGN_OR_RETURN(const auto mailed,
                   accounts::TakeMailedToken(transaction, kVerification, MailedTokenId(token.id()), token.Hash()));
  if (!mailed || mailed->principal_id != mutation.caller().id()) return MailedTokenInvalid();
  ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, mailed->principal_id));
  if (!account) return MailedTokenInvalid();
  ASSIGN_OR_RETURN(const std::string folded, FoldEmail(mailed->email));
  RETURN_IF_ERROR(accounts::SetVerifiedEmail(transaction, account->id, mailed->email, folded));
  if (account->email_owned && account->email != mailed->email) {
    RETURN_IF_ERROR(mail_.Enqueue(
        transaction,
        {MailKind::kEmailChanged, account->email, {{"username", account->username}, {"email", mailed->email}}}));
  }
  return !account->ever_verified;
}

absl::Status EmailVerification::Resend(const RequestContext& context, const Caller& caller) {
  if (!mail_.enabled()) return MailNotConfigured();
  RETURN_IF_ERROR(CountMail(context, caller));
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& write) -> absl::Status {
    ASSIGN_OR_RETURN(const auto account, accounts::Find(write.transaction(), *write.caller().id()));
    if (!account || (account->email_verified && account->pending_email.empty())) return absl::OkStatus();
    const std::string& email = account->pending_email.empty() ? account->email : account->pending_email;
    RETURN_IF_ERROR(Send(write.transaction(), account->id, account->username, email));
    write.Audit({audit::EventType::kEmailVerificationSent, account->id});
    return absl::OkStatus();
  }));
  mail_.Wake();
  return absl::OkStatus();
}

}  // namespace identity
