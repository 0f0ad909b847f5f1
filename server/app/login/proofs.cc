#include "server/app/login/proofs.h"

#include <string>
#include <variant>

#include "db/stores/external/external_identities.h"
#include "db/stores/external/identity_providers.h"
#include "db/stores/external/workloads.h"
#include "db/stores/principals.h"
#include "db/stores/second_factors.h"
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
  RETURN_IF_ERROR(throttle_.CountProof(context, caller));
  ASSIGN_OR_RETURN(const IdTokens::Verified verified, id_tokens_.VerifyFresh(context, *proof.id_token));
  ASSIGN_OR_RETURN(
      const bool right,
      database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) -> absl::StatusOr<bool> {
        ASSIGN_OR_RETURN(const absl::optional<std::string> cause, SettleIdToken(transaction, caller, proof, verified));
        if (!cause) return true;
        RETURN_IF_ERROR(
            Audit(transaction, caller, ClientOf(caller),
                  {audit::EventType::kReauthentication, *caller.id(), "", *cause, audit::Outcome::kFailure}));
        return false;
      }));
  if (!right) return WrongProof();
  return absl::InfinitePast();
}

absl::StatusOr<absl::optional<std::string>> Proofs::SettleIdToken(Transaction& transaction, const Caller& caller,
                                                                  const Proof& proof,
                                                                  const IdTokens::Verified& verified) const {
  const auto wrong = [](FailureCause cause) { return absl::make_optional(std::string(NameOf(cause))); };
  const PrincipalId id = *caller.id();
  RETURN_IF_ERROR(principals::LockState(transaction, id));
  ASSIGN_OR_RETURN(const bool has_password, passwords::Exists(transaction, id));
  if (has_password) return PasswordRequired();
  if (const auto* refusal = std::get_if<IdTokens::Refusal>(&verified)) return absl::make_optional(refusal->cause);
  const auto& [provider, key, claims] = std::get<VerifiedIdToken>(verified);
  ASSIGN_OR_RETURN(const bool unchanged, identity_providers::KeepUnchanged(transaction, provider));
  if (!unchanged) return Error(ErrorReason::kConflict, "the provider has just changed");
  RETURN_IF_ERROR(external_identities::Lock(transaction, key));
  ASSIGN_OR_RETURN(const bool revoked, workloads::IsRevoked(transaction, {key.issuer, key.subject}));
  if (revoked) return wrong(FailureCause::kRevokedIdentity);
  ASSIGN_OR_RETURN(const auto link, external_identities::Find(transaction, key));
  if (!link || link->principal_id != id) return wrong(FailureCause::kNotLinked);
  if (link->removed) return wrong(FailureCause::kUnlinked);
  ASSIGN_OR_RETURN(const auto user, principals::FindUser(transaction, id));
  if (!user || user->disabled) return wrong(FailureCause::kDisabled);
  if (user->locked_until) return wrong(FailureCause::kLocked);
  if (!user->mfa_enabled) return absl::optional<std::string>();
  if (!proof.code) return CodeRequired();
  ASSIGN_OR_RETURN(const bool right, factors_.Spend(transaction, {caller, ClientOf(caller), id}, *proof.code));
  return right ? absl::nullopt : wrong(FailureCause::kWrongCode);
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
    if (reserved.guess && reserved.guess->mfa && !proof.code) {
      return CodeRequired();
    }
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
