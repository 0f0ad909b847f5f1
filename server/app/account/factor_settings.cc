#include "server/app/account/factor_settings.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "db/stores/second_factors.h"
#include "server/app/change/guard.h"
#include "server/app/login/login_attempt.h"
#include "server/base/encoding/qr_code.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/recovery_code.h"
#include "server/domain/totp.h"

namespace identity {
namespace {

constexpr int kRecoveryCodes = 10;

absl::Status NotEnrolled() { return Error(ErrorReason::kMfaNotEnrolled, "the account has no second factor"); }

absl::Status RequireConfirmed(Transaction& transaction, const PrincipalId& id) {
  ASSIGN_OR_RETURN(const auto totp, second_factors::Find(transaction, id));
  if (!totp || !totp->confirmed) return NotEnrolled();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Secret>> ReplaceCodes(Transaction& transaction, const PrincipalId& id) {
  std::vector<Secret> codes;
  std::vector<std::string> hashes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    codes.push_back(NewRecoveryCode(RandomBytes(kRecoveryCodeBytes)));
    hashes.push_back(*RecoveryCodeHash(id, codes.back().Reveal()));
  }
  RETURN_IF_ERROR(second_factors::ReplaceRecoveryCodes(transaction, id, hashes));
  return codes;
}

}  // namespace

absl::StatusOr<FactorSettings::Enrollment> FactorSettings::Enroll(const RequestContext& context, const Caller& caller,
                                                                  const Proof& proof) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, proof).status());
  const PrincipalId id = caller.subject->principal.id();
  const Secret secret(RandomBytes(kTotpSecretBytes));
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& write) -> absl::Status {
    RETURN_IF_ERROR(guard::RequireOwnSession(write));
    RETURN_IF_ERROR(factors_.Store(write.transaction(), id, secret));
    return Report(write, id, audit::EventType::kMfaEnrolled, "an authenticator app was added, but not confirmed yet");
  }));
  mail_.Wake();
  Enrollment enrollment;
  enrollment.otpauth_uri = OtpauthUri(secret, service_, caller.subject->principal.username());
  ASSIGN_OR_RETURN(enrollment.qr_code_png, QrCodePng(enrollment.otpauth_uri));
  return enrollment;
}

absl::StatusOr<std::vector<Secret>> FactorSettings::Confirm(const RequestContext& context, const Caller& caller,
                                                            const Secret& code) {
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginStepUp(context, caller));
  return RefundUnlessWrong(use, ConfirmCounted(context, caller, code));
}

absl::StatusOr<std::vector<Secret>> FactorSettings::ConfirmCounted(const RequestContext& context, const Caller& caller,
                                                                   const Secret& code) {
  ASSIGN_OR_RETURN(auto codes, mutations_.Write(context, caller, [&](AuditedWrite& write) {
    return TryConfirm(write, caller.subject->principal.id(), code);
  }));
  if (!codes) return Error(ErrorReason::kInvalidCredentials, "totp_code: is not the app's current code");
  mail_.Wake();
  return *std::move(codes);
}

// Returns the recovery codes; nullopt when the code is wrong or the app is blocked.
absl::StatusOr<absl::optional<std::vector<Secret>>> FactorSettings::TryConfirm(AuditedWrite& write,
                                                                               const PrincipalId& id,
                                                                               const Secret& code) const {
  Transaction& transaction = write.transaction();
  ASSIGN_OR_RETURN(const auto totp, second_factors::Find(transaction, id));
  if (!totp) return NotEnrolled();
  if (totp->confirmed) return Error(ErrorReason::kAlreadyExists, "the second factor is already confirmed");
  const ClientInfo client = ClientOf(write.caller());
  ASSIGN_OR_RETURN(const absl::optional<int64_t> step,
                   factors_.TryTotp(transaction, {write.caller(), client, id}, code, false));
  if (!step) {
    write.Audit({audit::EventType::kMfaEnabled, id, "", "", audit::Outcome::kFailure});
    return absl::optional<std::vector<Secret>>();
  }
  RETURN_IF_ERROR(second_factors::Confirm(transaction, id, *step, *write.caller().subject->session_id));
  ASSIGN_OR_RETURN(std::vector<Secret> codes, ReplaceCodes(transaction, id));
  RETURN_IF_ERROR(Report(write, id, audit::EventType::kMfaEnabled, "it was turned on"));
  return absl::make_optional(std::move(codes));
}

absl::Status FactorSettings::Disable(const RequestContext& context, const Caller& caller, const Proof& proof) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, proof).status());
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& write) -> absl::Status {
    const PrincipalId id = caller.subject->principal.id();
    RETURN_IF_ERROR(RequireConfirmed(write.transaction(), id));
    RETURN_IF_ERROR(second_factors::Remove(write.transaction(), id).status());
    return Report(write, id, audit::EventType::kMfaDisabled, "it was turned off");
  }));
  mail_.Wake();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Secret>> FactorSettings::RegenerateRecoveryCodes(const RequestContext& context,
                                                                            const Caller& caller, const Proof& proof) {
  RETURN_IF_ERROR(proofs_.Require(context, caller, proof).status());
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

// Audits the change and mails it to the account's owner.
absl::Status FactorSettings::Report(AuditedWrite& write, const PrincipalId& id, audit::EventType event,
                                    absl::string_view change) const {
  write.Audit({event, id});
  return mail_.EnqueueToOwner(write.transaction(), id, MailKind::kMfaChanged, {{"change", std::string(change)}});
}

}  // namespace identity
