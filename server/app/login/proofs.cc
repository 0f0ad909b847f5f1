#include "server/app/login/proofs.h"

#include <algorithm>

#include "server/app/access/audit.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/password.h"

namespace identity {
namespace {

constexpr absl::Duration kWriteTimeout = absl::Seconds(2);

absl::Status WrongPassword() { return Error(ErrorReason::kInvalidCredentials, "current_password: is not right"); }

}  // namespace

absl::StatusOr<absl::optional<absl::Time>> Proofs::Require(const RequestContext& context, const Caller& caller,
                                                           const Secret& current_password) const {
  if (!current_password.empty()) return VerifyPassword(context, caller, current_password);
  if (clock_() - caller.subject->mfa_time < kMfaMaxAge) return absl::optional<absl::Time>();
  return Error(ErrorReason::kStepUpRequired, "current_password: is needed, or a second factor within 5 minutes");
}

absl::StatusOr<absl::Time> Proofs::VerifyPassword(const RequestContext& context, const Caller& caller,
                                                  const Secret& password) const {
  if (password.size() > kMaxPasswordBytes) return WrongPassword();
  ASSIGN_OR_RETURN(HashPool::Place place, hashes_.Take());
  const PrincipalId id = caller.subject->principal.id();
  absl::optional<passwords::Guess> guess;
  RETURN_IF_ERROR(database_.Write(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(guess, passwords::ReserveGuess(transaction, id, lockout_));
    return absl::OkStatus();
  }));
  if (!guess) return WrongPassword();
  ASSIGN_OR_RETURN(const PasswordHash hash, PasswordHash::Parse(guess->hash));
  bool right = false;
  place.Run([&] { right = hash.Verify(password); });
  // With time of its own: hanging up undoes no count and hides no failure.
  const RequestContext writing{std::max(context.deadline, absl::Now() + kWriteTimeout)};
  RETURN_IF_ERROR(database_.Write(writing, [&](Transaction& transaction) -> absl::Status {
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
  absl::optional<std::string> stored;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(stored, passwords::FindHash(transaction, id));
    return absl::OkStatus();
  }));
  if (!stored) return false;
  ASSIGN_OR_RETURN(const PasswordHash hash, PasswordHash::Parse(*stored));
  bool same = false;
  place.Run([&] { same = hash.Verify(password); });
  return same;
}

}  // namespace identity
