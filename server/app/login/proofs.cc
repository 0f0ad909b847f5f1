#include "server/app/login/proofs.h"

#include "db/stores/passwords.h"
#include "server/app/access/audit.h"
#include "server/app/login/login_attempt.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/password.h"

namespace identity {
namespace {

absl::Status WrongPassword() { return Error(ErrorReason::kInvalidCredentials, "current_password: is wrong"); }

}  // namespace

absl::StatusOr<absl::optional<absl::Time>> Proofs::Require(const RequestContext& context, const Caller& caller,
                                                           const Secret& current_password) const {
  if (!current_password.empty()) return VerifyPassword(context, caller, current_password);
  if (clock_() - caller.subject->mfa_time < kMfaMaxAge) return absl::optional<absl::Time>();
  return Error(ErrorReason::kStepUpRequired,
               "current_password: is required, unless the session showed a second factor within 5 minutes");
}

absl::StatusOr<absl::Time> Proofs::VerifyPassword(const RequestContext& context, const Caller& caller,
                                                  const Secret& password) const {
  if (password.size() > kMaxPasswordBytes) return WrongPassword();
  ASSIGN_OR_RETURN(HashPool::Place place, hashes_.Take());
  const PrincipalId id = caller.subject->principal.id();
  ASSIGN_OR_RETURN(const absl::optional<passwords::Guess> guess,
                   database_.Write(context, [&](Transaction& transaction) {
                     return passwords::ReserveGuess(transaction, id, lockout_);
                   }));
  if (!guess) return WrongPassword();
  ASSIGN_OR_RETURN(const PasswordHash hash, PasswordHash::Parse(guess->hash));
  const bool right = place.Run([&] { return hash.Verify(password); });
  RETURN_IF_ERROR(database_.Write(WithTimeToWrite(context), [&](Transaction& transaction) {
    if (right) return passwords::ForgetGuesses(transaction, id, guess->change_time);
    return Audit(transaction, caller, ClientOf(caller),
                 {audit::EventType::kReauthentication, id, "", "", audit::Outcome::kFailure});
  }));
  if (!right) return WrongPassword();
  return guess->change_time;
}

absl::StatusOr<bool> Proofs::IsCurrentPassword(const RequestContext& context, const PrincipalId& id,
                                               const Secret& password) const {
  ASSIGN_OR_RETURN(HashPool::Place place, hashes_.Take());
  ASSIGN_OR_RETURN(const absl::optional<std::string> stored, database_.Read(context, [&](Transaction& transaction) {
    return passwords::FindHash(transaction, id);
  }));
  if (!stored) return false;
  ASSIGN_OR_RETURN(const PasswordHash hash, PasswordHash::Parse(*stored));
  return place.Run([&] { return hash.Verify(password); });
}

}  // namespace identity
