#include "server/app/login/proofs.h"

#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "db/stores/external/external_identities.h"
#include "db/stores/external/identity_providers.h"
#include "db/stores/external/workloads.h"
#include "db/stores/principals.h"
#include "db/stores/second_factors.h"
#include "db/stores/sessions.h"
#include "server/app/access/audit.h"
#include "server/app/login/login_attempt.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/password.h"

namespace identity {
namespace {

absl::Status PasswordRequired() {
  return Error(ErrorReason::kProofRequired,
               "proof.current_password: is required; an account without a password needs proof.id_token");
}

absl::Status CodeRequired() {
  return Error(ErrorReason::kProofRequired, "proof.code: is required, because the account has a second factor");
}

// An ID token counts only for an account without a password, and needs the code as a password does.
absl::Status RequireParts(Transaction& transaction, const PrincipalId& id, const Proof& proof) {
  ASSIGN_OR_RETURN(const bool has_password, passwords::Exists(transaction, id));
  if (has_password) return PasswordRequired();
  ASSIGN_OR_RETURN(const auto user, principals::FindUser(transaction, id));
  return user && user->mfa_enabled && !proof.code ? CodeRequired() : absl::OkStatus();
}

// The key may be a new one, which this server will know in a minute.
absl::Status KeyUnknown() {
  return WithRetryDelay(Error(ErrorReason::kProviderUnavailable, "proof.id_token: its key is not known yet"),
                        ExternalKeys::kFetchInterval);
}

absl::Status WrongProof() { return Error(ErrorReason::kInvalidCredentials, "proof: is wrong"); }

}  // namespace

absl::StatusOr<absl::Time> Proofs::Require(const RequestContext& context, const Caller& caller,
                                           const Proof& proof) const {
  if (proof.id_token) {
    RETURN_IF_ERROR(proof.id_token->Check("proof.id_token"));
    if (!proof.current_password.empty()) {
      return InvalidField("proof.id_token", "is for an account without a password; leave it out");
    }
  } else if (proof.current_password.empty()) {
    return PasswordRequired();
  }
  if (proof.current_password.size() > kMaxPasswordBytes) return WrongProof();
  const auto verify = [&] {
    return proof.id_token ? VerifyIdToken(context, caller, proof) : Verify(context, caller, proof);
  };
  if (!proof.code) return verify();
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginStepUp(context, caller));
  return RefundUnlessWrong(use, verify());
}

absl::StatusOr<absl::Time> Proofs::VerifyIdToken(const RequestContext& context, const Caller& caller,
                                                 const Proof& proof) const {
  if (!caller.subject->session_id) return Error(ErrorReason::kSessionRequired, "proof.id_token: needs a session");
  RETURN_IF_ERROR(throttle_.CountProof(context, caller));
  // First of all, so that no answer about the token is had without the code.
  RETURN_IF_ERROR(database_.Read(
      context, [&](Transaction& transaction) { return RequireParts(transaction, *caller.id(), proof); }));
  constexpr int kMaxTries = 3;
  for (int i = 0; i < kMaxTries; ++i) {
    ASSIGN_OR_RETURN(const IdTokens::Verified verified, id_tokens_.VerifyFresh(context, *proof.id_token));
    const auto* const refusal = std::get_if<IdTokens::Refusal>(&verified);
    if (refusal != nullptr && !refusal->counts) return KeyUnknown();
    ASSIGN_OR_RETURN(const Settlement settled, database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) {
      return SettleIdToken(transaction, caller, proof, verified);
    }));
    if (settled == Settlement::kRight) return absl::InfinitePast();
    if (settled == Settlement::kWrong) return WrongProof();
  }
  return Error(ErrorReason::kConflict, "the provider changed again and again during the proof");
}

// Audits a right proof, too: otherwise nobody could tell later whose changes a compromised provider has proven.
absl::StatusOr<Proofs::Settlement> Proofs::SettleIdToken(Transaction& transaction, const Caller& caller,
                                                         const Proof& proof, const IdTokens::Verified& verified) const {
  AuditReport report = {audit::EventType::kReauthentication, *caller.id(), "", "", audit::Outcome::kFailure};
  if (const auto* refusal = std::get_if<IdTokens::Refusal>(&verified)) {
    report.details = refusal->cause;
  } else {
    const auto& token = std::get<VerifiedIdToken>(verified);
    RETURN_IF_ERROR(principals::LockState(transaction, *caller.id()));
    ASSIGN_OR_RETURN(const bool unchanged, identity_providers::KeepUnchanged(transaction, token.provider));
    if (!unchanged) return Settlement::kProviderChanged;
    RETURN_IF_ERROR(RequireParts(transaction, *caller.id(), proof));
    ASSIGN_OR_RETURN(const absl::optional<FailureCause> obstacle, FindObstacle(transaction, caller, proof, token));
    report.target = token.key.subject;
    report.details = absl::StrCat("by ", token.provider.name);
    if (obstacle) {
      absl::StrAppend(&report.details, ": ", NameOf(*obstacle));
    } else {
      report.outcome = audit::Outcome::kSuccess;
    }
  }
  RETURN_IF_ERROR(Audit(transaction, caller, ClientOf(caller), report));
  return report.outcome == audit::Outcome::kSuccess ? Settlement::kRight : Settlement::kWrong;
}

// Why the token and the code do not prove that the caller is the owner. Spends the code.
absl::StatusOr<absl::optional<FailureCause>> Proofs::FindObstacle(Transaction& transaction, const Caller& caller,
                                                                  const Proof& proof,
                                                                  const VerifiedIdToken& token) const {
  using Obstacle = absl::optional<FailureCause>;
  const PrincipalId id = *caller.id();
  const external_identities::Key& key = token.key;
  RETURN_IF_ERROR(external_identities::Lock(transaction, key));
  ASSIGN_OR_RETURN(const bool revoked, workloads::IsRevoked(transaction, {key.issuer, key.subject}));
  if (revoked) return Obstacle(FailureCause::kRevokedIdentity);
  ASSIGN_OR_RETURN(const auto link, external_identities::Find(transaction, key));
  if (!link || link->principal_id != id) return Obstacle(FailureCause::kNotLinked);
  if (link->removed) return Obstacle(FailureCause::kUnlinked);
  if (link->recent) return Obstacle(FailureCause::kLinkedRecently);
  // Otherwise the token with which a thief has begun this session would prove, too.
  ASSIGN_OR_RETURN(const auto session, sessions::FindAlive(transaction, *caller.subject->session_id));
  if (!session) return Obstacle(FailureCause::kSessionEnded);
  if (token.claims.Time("auth_time") <= session->auth_time) return Obstacle(FailureCause::kNotSinceLogin);
  ASSIGN_OR_RETURN(const auto user, principals::FindUser(transaction, id));
  if (!user || user->disabled) return Obstacle(FailureCause::kDisabled);
  if (user->locked_until) return Obstacle(FailureCause::kLocked);
  if (!user->mfa_enabled) return Obstacle();
  ASSIGN_OR_RETURN(const bool right, factors_.Spend(transaction, {caller, ClientOf(caller), id}, *proof.code));
  return right ? Obstacle() : Obstacle(FailureCause::kWrongCode);
}

absl::StatusOr<absl::Time> Proofs::Verify(const RequestContext& context, const Caller& caller,
                                          const Proof& proof) const {
  ASSIGN_OR_RETURN(HashPool::Place place, hashes_.Take());
  RETURN_IF_ERROR(throttle_.CountProof(context, caller));
  ASSIGN_OR_RETURN(const absl::optional<passwords::Guess> guess, Reserve(context, *caller.id(), proof));
  if (!guess) return WrongProof();
  ASSIGN_OR_RETURN(const PasswordHash hash, PasswordHash::Parse(guess->hash));
  const bool right_password = place.Run([&] { return hash.Verify(proof.current_password); });
  ASSIGN_OR_RETURN(const bool right, database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) {
    return Settle(transaction, caller, proof, *guess, right_password);
  }));
  if (!right) return WrongProof();
  return guess->change_time;
}

// nullopt: the account is locked or has no password.
absl::StatusOr<absl::optional<passwords::Guess>> Proofs::Reserve(const RequestContext& context, const PrincipalId& id,
                                                                 const Proof& proof) const {
  return database_.Write(context, [&](Transaction& transaction) -> absl::StatusOr<absl::optional<passwords::Guess>> {
    ASSIGN_OR_RETURN(const passwords::Reservation reserved, passwords::ReserveGuess(transaction, id, lockout_));
    // The error rolls the count back.
    if (reserved.guess && reserved.guess->mfa && !proof.code) return CodeRequired();
    return reserved.guess;
  });
}

// Records the result of the guess, and spends the code if the password was right. True when the whole proof is right.
absl::StatusOr<bool> Proofs::Settle(Transaction& transaction, const Caller& caller, const Proof& proof,
                                    const passwords::Guess& guess, bool right_password) const {
  bool right = right_password;
  if (right_password) {
    RETURN_IF_ERROR(passwords::ForgetGuesses(transaction, guess.id, guess.change_time));
    if (guess.mfa) {
      ASSIGN_OR_RETURN(right, factors_.Spend(transaction, {caller, ClientOf(caller), guess.id}, *proof.code));
    }
  }
  if (right) return true;
  const FailureCause cause = right_password ? FailureCause::kWrongCode : FailureCause::kWrongPassword;
  RETURN_IF_ERROR(
      Audit(transaction, caller, ClientOf(caller),
            {audit::EventType::kReauthentication, guess.id, "", std::string(NameOf(cause)), audit::Outcome::kFailure}));
  if (!right_password) RETURN_IF_ERROR(AuditLock(transaction, caller, ClientOf(caller), absl::make_optional(guess)));
  return false;
}

}  // namespace identity
