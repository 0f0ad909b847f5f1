#include "server/app/login/second_factors.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "db/stores/accounts.h"
#include "db/stores/second_factors.h"
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

absl::Status RequireConfirmed(Transaction& transaction, const PrincipalId& id) {
  ASSIGN_OR_RETURN(const auto totp, second_factors::Find(transaction, id));
  if (!totp || !totp->confirmed) return NotEnrolled();
  return absl::OkStatus();
}

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

// Returns the step of the code; nullopt when the code is wrong or the app is blocked.
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
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& write) -> absl::Status {
    RETURN_IF_ERROR(guard::RequireOwnSession(write));
    RETURN_IF_ERROR(second_factors::Enroll(write.transaction(), id, sealed, keys_.current_id()));
    return write.Audit({audit::EventType::kMfaEnrolled, id});
  }));
  Enrollment enrollment;
  enrollment.otpauth_uri = OtpauthUri(secret, service_, caller.subject->principal.username());
  ASSIGN_OR_RETURN(enrollment.qr_code_png, QrCodePng(enrollment.otpauth_uri));
  return enrollment;
}

absl::StatusOr<std::vector<Secret>> SecondFactors::Confirm(const RequestContext& context, const Caller& caller,
                                                           const Secret& code) {
  ASSIGN_OR_RETURN(auto codes, mutations_.Write(context, caller, [&](AuditedWrite& write) {
    return TryConfirm(write, caller.subject->principal.id(), code);
  }));
  if (!codes) return Error(ErrorReason::kInvalidCredentials, "totp_code: is not the app's current code");
  mail_.Wake();
  return *std::move(codes);
}

// Returns the recovery codes; nullopt when the code is wrong or the app is blocked.
absl::StatusOr<absl::optional<std::vector<Secret>>> SecondFactors::TryConfirm(AuditedWrite& write,
                                                                              const PrincipalId& id,
                                                                              const Secret& code) const {
  Transaction& transaction = write.transaction();
  ASSIGN_OR_RETURN(const auto totp, second_factors::Find(transaction, id));
  if (!totp) return NotEnrolled();
  if (totp->confirmed) return Error(ErrorReason::kAlreadyExists, "the second factor is already confirmed");
  ASSIGN_OR_RETURN(const absl::optional<int64_t> step, TryTotp(transaction, id, code, false));
  if (!step) {
    RETURN_IF_ERROR(write.Audit({audit::EventType::kMfaEnabled, id, "", "", audit::Outcome::kFailure}));
    return absl::optional<std::vector<Secret>>();
  }
  RETURN_IF_ERROR(second_factors::Confirm(transaction, id, *step));
  ASSIGN_OR_RETURN(std::vector<Secret> codes, ReplaceCodes(transaction, id));
  RETURN_IF_ERROR(Report(write, id, audit::EventType::kMfaEnabled, "it was turned on"));
  return absl::make_optional(std::move(codes));
}

absl::Status SecondFactors::Disable(const RequestContext& context, const Caller& caller,
                                    const Secret& current_password) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, current_password).status());
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& write) -> absl::Status {
    const PrincipalId id = caller.subject->principal.id();
    RETURN_IF_ERROR(RequireConfirmed(write.transaction(), id));
    RETURN_IF_ERROR(second_factors::Remove(write.transaction(), id).status());
    return Report(write, id, audit::EventType::kMfaDisabled, "it was turned off");
  }));
  mail_.Wake();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Secret>> SecondFactors::RegenerateRecoveryCodes(const RequestContext& context,
                                                                           const Caller& caller,
                                                                           const Secret& current_password) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, current_password).status());
  const auto regenerate = [&](AuditedWrite& write) -> absl::StatusOr<std::vector<Secret>> {
    const PrincipalId id = caller.subject->principal.id();
    RETURN_IF_ERROR(RequireConfirmed(write.transaction(), id));
    ASSIGN_OR_RETURN(std::vector<Secret> codes, ReplaceCodes(write.transaction(), id));
    RETURN_IF_ERROR(Report(write, id, audit::EventType::kMfaRecoveryCodesReplaced, "new recovery codes were created"));
    return codes;
  };
  ASSIGN_OR_RETURN(std::vector<Secret> codes, mutations_.Write(context, caller, regenerate));
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

// Audits the change and mails it to the account's owner.
absl::Status SecondFactors::Report(AuditedWrite& write, const PrincipalId& id, audit::EventType event,
                                   absl::string_view change) const {
  RETURN_IF_ERROR(write.Audit({event, id}));
  if (!mail_.enabled()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto account, accounts::Find(write.transaction(), id));
  if (!account || !account->email_owned) return absl::OkStatus();
  return mail_.Enqueue(
      write.transaction(),
      {MailKind::kMfaChanged, account->email, {{"username", account->username}, {"change", std::string(change)}}});
}

}  // namespace identity
