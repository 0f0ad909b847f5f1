#ifndef IDENTITY_APP_LOGIN_SECOND_FACTORS_H_
#define IDENTITY_APP_LOGIN_SECOND_FACTORS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/audit.h"
#include "db/stores/passwords.h"
#include "server/app/access/caller.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/proofs.h"
#include "server/base/request_context.h"
#include "server/base/sealed_box.h"
#include "server/base/secret.h"

namespace identity {

// A code of a second factor. Move-only.
struct SecondFactorCode {
  enum class Kind { kTotp, kRecovery };
  Kind kind = Kind::kTotp;
  Secret text;

  // The authentication methods that the code proves (RFC 8176).
  std::vector<std::string> amr() const;
};

// Authenticator apps (RFC 6238) and recovery codes. Thread-safe.
class SecondFactors {
 public:
  // Ten wrong codes in a row block the app. Each wrong code after a block blocks it for twice as long, up to an hour. A
  // block stops the app and never lifts the requirement of a second factor (NIST SP 800-63B section 3.2.2).
  static constexpr passwords::Lockout kLockout = {10, absl::Minutes(1), absl::Hours(1)};

  // `service`: the issuer that apps show beside the account.
  SecondFactors(const Mutations& mutations, const MasterKeys& keys, const Proofs& proofs, MailOutbox& mail,
                std::string service)
      : mutations_(mutations), keys_(keys), proofs_(proofs), mail_(mail), service_(std::move(service)) {}

  // True when `code` is correct; the code is then spent. A wrong code of the app is counted. Parallel uses wait for
  // each other's transaction, so at most one of them spends the code.
  absl::StatusOr<bool> Spend(Transaction& transaction, const PrincipalId& id, const SecondFactorCode& code) const;

  struct Enrollment {
    Secret otpauth_uri;
    Secret qr_code_png;
  };
  // Replaces an app that was not confirmed. ALREADY_EXISTS when an app is confirmed; errors of Proofs::Require.
  absl::StatusOr<Enrollment> Enroll(const RequestContext& context, const Caller& caller,
                                    const Secret& current_password);
  // Returns ten recovery codes. UNAUTHENTICATED / INVALID_CREDENTIALS, also for the correct code after too many wrong
  // ones; FAILED_PRECONDITION / MFA_NOT_ENROLLED; ALREADY_EXISTS.
  absl::StatusOr<std::vector<Secret>> Confirm(const RequestContext& context, const Caller& caller, const Secret& code);
  // FAILED_PRECONDITION / MFA_NOT_ENROLLED; errors of Proofs::Require.
  absl::Status Disable(const RequestContext& context, const Caller& caller, const Secret& current_password);
  // Replaces all recovery codes; errors as above.
  absl::StatusOr<std::vector<Secret>> RegenerateRecoveryCodes(const RequestContext& context, const Caller& caller,
                                                              const Secret& current_password);

 private:
  absl::StatusOr<absl::optional<int64_t>> TryTotp(Transaction& transaction, const PrincipalId& id, const Secret& code,
                                                  bool confirmed) const;
  absl::StatusOr<absl::optional<std::vector<Secret>>> TryConfirm(AuditedWrite& write, const PrincipalId& id,
                                                                 const Secret& code) const;
  absl::StatusOr<std::vector<Secret>> ReplaceCodes(Transaction& transaction, const PrincipalId& id) const;
  absl::Status Report(AuditedWrite& write, const PrincipalId& id, audit::EventType event,
                      absl::string_view change) const;

  const Mutations& mutations_;
  const MasterKeys& keys_;
  const Proofs& proofs_;
  MailOutbox& mail_;
  const std::string service_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_SECOND_FACTORS_H_
