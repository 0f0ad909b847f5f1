#include "server/app/login/proofs.h"

#include <string>

#include "db/stores/second_factors.h"
#include "server/app/access/audit.h"
#include "server/app/login/login_attempt.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/password.h"

namespace identity {
namespace {

absl::Status WrongProof() { return Error(ErrorReason::kInvalidCredentials, "proof: is wrong"); }

}  // namespace

absl::StatusOr<absl::Time> Proofs::Require(const RequestContext& context, const Caller& caller,
                                           const Proof& proof) const {
  if (proof.current_password.empty()) return Error(ErrorReason::kProofRequired, "proof.current_password: is required");
  if (proof.current_password.size() > kMaxPasswordBytes) return WrongProof();
  if (!proof.code) return Verify(context, caller, proof);
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginStepUp(context, caller));
  return RefundUnlessWrong(use, Verify(context, caller, proof));
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
      return Error(ErrorReason::kProofRequired, "proof.code: is required, because the account has a second factor");
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
