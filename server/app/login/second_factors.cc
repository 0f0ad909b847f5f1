#include "server/app/login/second_factors.h"

#include "absl/strings/str_cat.h"
#include "db/stores/second_factors.h"
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

absl::StatusOr<bool> SecondFactors::Spend(Transaction& transaction, const PrincipalId& id,
                                          const SecondFactorCode& code) const {
  if (code.kind == SecondFactorCode::Kind::kTotp) {
    ASSIGN_OR_RETURN(const absl::optional<int64_t> step, TryTotp(transaction, id, code.text, true));
    if (!step) return false;
    RETURN_IF_ERROR(second_factors::Accept(transaction, id, *step));
    return true;
  }
  const absl::optional<std::string> hash = RecoveryCodeHash(id, code.text.Reveal());
  if (!hash) return false;
  return second_factors::SpendRecoveryCode(transaction, id, *hash);
}

absl::StatusOr<absl::optional<int64_t>> SecondFactors::TryTotp(Transaction& transaction, const PrincipalId& id,
                                                               const Secret& code, bool confirmed) const {
  ASSIGN_OR_RETURN(const auto totp, second_factors::ReserveTry(transaction, id, confirmed, kLockout));
  if (!totp) return absl::optional<int64_t>();
  ASSIGN_OR_RETURN(const Secret secret, keys_.Open(totp->master_key_id, totp->sealed_secret, TotpSealContext(id)));
  return MatchTotp(secret, code.Reveal(), totp->now, totp->last_step);
}

absl::Status SecondFactors::Store(Transaction& transaction, const PrincipalId& id, const Secret& secret) const {
  const std::string sealed = keys_.Seal(secret.Reveal(), TotpSealContext(id), RandomBytes(kSealNonceBytes));
  return second_factors::Enroll(transaction, id, sealed, keys_.current_id());
}

}  // namespace identity
