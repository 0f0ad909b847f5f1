#include "server/app/login/second_factors.h"

#include "absl/strings/str_cat.h"
#include "db/stores/second_factors.h"
#include "server/app/login/login_attempt.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/domain/recovery_code.h"
#include "server/domain/totp.h"

namespace identity {

std::string TotpSealContext(const PrincipalId& id) { return absl::StrCat("totp:", id.ToString()); }

std::vector<std::string> SecondFactorCode::amr(bool counts) const {
  if (!counts) return {};
  if (kind == Kind::kTotp) return {"otp", kMfa};
  return {kMfa};
}

absl::StatusOr<bool> SecondFactors::Spend(Transaction& transaction, const Presenter& presenter,
                                          const SecondFactorCode& code) const {
  const PrincipalId& id = presenter.id;
  if (code.kind == SecondFactorCode::Kind::kTotp) {
    ASSIGN_OR_RETURN(const absl::optional<int64_t> step, TryTotp(transaction, presenter, code.text, true));
    if (!step) return false;
    RETURN_IF_ERROR(second_factors::Accept(transaction, id, *step));
    return true;
  }
  const absl::optional<std::string> hash = RecoveryCodeHash(id, code.text.Reveal());
  if (!hash) return false;
  return second_factors::SpendRecoveryCode(transaction, id, *hash);
}

absl::StatusOr<absl::optional<int64_t>> SecondFactors::TryTotp(Transaction& transaction, const Presenter& presenter,
                                                               const Secret& code, bool confirmed) const {
  const auto& [caller, client, id] = presenter;
  ASSIGN_OR_RETURN(const auto reserved, second_factors::ReserveTry(transaction, id, confirmed, kLockout));
  if (!reserved) return absl::optional<int64_t>();
  const second_factors::Totp& totp = reserved->totp;
  ASSIGN_OR_RETURN(const Secret secret, keys_.Open(totp.master_key_id, totp.sealed_secret, TotpSealContext(id)));
  const absl::optional<int64_t> step = MatchTotp(secret, code.Reveal(), totp.now, totp.last_step);
  if (!step && reserved->block_end) {
    const std::string guesses = absl::StrCat(reserved->failures, " wrong codes in a row, authenticator app blocked");
    RETURN_IF_ERROR(Audit(transaction, caller, client, LockedBy(guesses, id, id.ToString(), *reserved->block_end)));
  }
  return step;
}

absl::Status SecondFactors::Store(Transaction& transaction, const PrincipalId& id, const Secret& secret) const {
  const std::string sealed = keys_.Seal(secret.Reveal(), TotpSealContext(id), RandomBytes(kSealNonceBytes));
  return second_factors::Enroll(transaction, id, sealed, keys_.current_id());
}

}  // namespace identity
