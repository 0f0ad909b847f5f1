#include "server/app/login/second_factors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "db/stores/accounts.h"
#include "db/stores/second_factors.h"
#include "server/app/access/audit.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/qr_code.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/access_token.h"
#include "server/domain/recovery_code.h"
#include "server/domain/totp.h"

namespace identity {
namespace {

constexpr int kRecoveryCodes = 10;

std::string SealContext(const PrincipalId& id) { return absl::StrCat("totp:", id.ToString()); }

absl::Status NotEnrolled() { return Error(ErrorReason::kMfaNotEnrolled, "the account has no second factor"); }

}  // namespace

std::vector<std::string> SecondFactorCode::amr() const {
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

// The step of the code; nullopt when it is wrong or the app is blocked.
absl::StatusOr<absl::optional<int64_t>> SecondFactors::TryTotp(Transaction& transaction, const PrincipalId& id,
                                                               const Secret& code, bool confirmed) const {
  ASSIGN_OR_RETURN(const auto totp, second_factors::ReserveTry(transaction, id, confirmed, kLockout));
  if (!totp) return absl::optional<int64_t>();
  ASSIGN_OR_RETURN(const Secret secret, keys_.Open(totp->master_key_id, totp->sealed_secret, SealContext(id)));
  return MatchTotp(secret, code.Reveal(), totp->now, totp->last_step);
}

absl::StatusOr<SecondFactors::Enrollment> SecondFactors::Enroll(const RequestContext& context, const Caller& caller,
                                                                const Secret& current_password) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, current_password).status());
  const PrincipalId id = caller.subject->principal.id();
  const Secret secret(RandomBytes(kTotpSecretBytes));
  const std::string sealed = keys_.Seal(secret.Reveal(), SealContext(id), RandomBytes(kSealNonceBytes));
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& mutation) -> absl::Status {
    Transaction& transaction = mutation.transaction();
    RETURN_IF_ERROR(guard::RequireOwnSession(mutation));
    RETURN_IF_ERROR(second_factors::Enroll(transaction, id, sealed, keys_.current_id()));
    return Audit(transaction, caller, ClientOf(caller), {audit::EventType::kMfaEnrolled, id});
  }));
  Enrollment enrollment;
  enrollment.otpauth_uri = OtpauthUri(secret, service_, caller.subject->principal.username());
  ASSIGN_OR_RETURN(enrollment.qr_code_png, QrCodePng(enrollment.otpauth_uri));
  return enrollment;
}

absl::StatusOr<std::vector<Secret>> SecondFactors::Confirm(const RequestContext& context, const Caller& caller,
                                                           const Secret& code) {
  const PrincipalId id = caller.subject->principal.id();
  std::vector<Secret> codes;
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& mutation) -> absl::Status {
    Transaction& transaction = mutation.transaction();
    codes.clear();
    ASSIGN_OR_RETURN(const auto totp, second_factors::Find(transaction, id));
    if (!totp) return NotEnrolled();
    if (totp->confirmed) return Error(ErrorReason::kAlreadyExists, "the second factor is confirmed already");
    ASSIGN_OR_RETURN(const absl::optional<int64_t> step, TryTotp(transaction, id, code, false));
    if (!step) {
      return mutation.Audit({audit::EventType::kMfaEnabled, id, "", "", audit::Outcome::kFailure});
    }
    RETURN_IF_ERROR(second_factors::Confirm(transaction, id, *step));
    ASSIGN_OR_RETURN(codes, ReplaceCodes(transaction, id));
    return Report(transaction, caller, audit::EventType::kMfaEnabled, "turned on");
  }));
  if (codes.empty()) return Error(ErrorReason::kInvalidCredentials, "totp_code: is not the code of this moment");
  mail_.Wake();
  return codes;
}

absl::Status SecondFactors::Disable(const RequestContext& context, const Caller& caller,
                                    const Secret& current_password) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, current_password).status());
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& mutation) -> absl::Status {
    Transaction& transaction = mutation.transaction();
    const PrincipalId id = caller.subject->principal.id();
    ASSIGN_OR_RETURN(const auto totp, second_factors::Find(transaction, id));
    if (!totp || !totp->confirmed) return NotEnrolled();
    RETURN_IF_ERROR(second_factors::Remove(transaction, id).status());
    return Report(transaction, caller, audit::EventType::kMfaDisabled, "turned off");
  }));
  mail_.Wake();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Secret>> SecondFactors::RegenerateRecoveryCodes(const RequestContext& context,
                                                                           const Caller& caller,
                                                                           const Secret& current_password) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, current_password).status());
  const PrincipalId id = caller.subject->principal.id();
  std::vector<Secret> codes;
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& mutation) -> absl::Status {
    Transaction& transaction = mutation.transaction();
    ASSIGN_OR_RETURN(const auto totp, second_factors::Find(transaction, id));
    if (!totp || !totp->confirmed) return NotEnrolled();
    ASSIGN_OR_RETURN(codes, ReplaceCodes(transaction, id));
    return Report(transaction, caller, audit::EventType::kMfaRecoveryCodesReplaced, "given new recovery codes");
  }));
  mail_.Wake();
  return codes;
}

absl::StatusOr<std::vector<Secret>> SecondFactors::ReplaceCodes(Transaction& transaction, const PrincipalId& id) const {
  std::vector<Secret> codes;
  std::vector<std::string> hashes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    codes.push_back(NewRecoveryCode(RandomBytes(kRecoveryCodeBytes)));
    hashes.push_back(*RecoveryCodeHash(id, codes.back().Reveal()));
  }
  RETURN_IF_ERROR(second_factors::ReplaceRecoveryCodes(transaction, id, hashes));
  return codes;
}

absl::Status SecondFactors::Report(Transaction& transaction, const Caller& caller, audit::EventType event,
                                   absl::string_view change) const {
  const PrincipalId id = caller.subject->principal.id();
  RETURN_IF_ERROR(Audit(transaction, caller, ClientOf(caller), {event, id}));
  if (!mail_.enabled()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, id));
  if (!account || !account->email_owned) return absl::OkStatus();
  return mail_.Enqueue(
      transaction,
      {MailKind::kMfaChanged, account->email, {{"username", account->username}, {"change", std::string(change)}}});
}

}  // namespace identity
