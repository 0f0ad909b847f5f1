#ifndef IDENTITY_APP_LOGIN_SECOND_FACTORS_H_
#define IDENTITY_APP_LOGIN_SECOND_FACTORS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/audit.h"
#include "db/stores/passwords.h"
#include "server/app/access/admission.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/proofs.h"
#include "server/base/request_context.h"
#include "server/base/sealed_box.h"
#include "server/base/secret.h"

namespace identity {

// What somebody shows beside a password. Move-only.
struct SecondFactorCode {
  enum class Kind { kTotp, kRecovery };
  Kind kind = Kind::kTotp;
  Secret text;

  // The methods that it proves (RFC 8176).
  std::vector<std::string> amr() const;
};

// Authenticator apps (RFC 6238) and recovery codes. Thread-safe.
class SecondFactors {
 public:
  // Wrong codes of the app in a row, then it is blocked, a little longer for each further one. What blocks is the
  // method and never the requirement (NIST SP 800-63B section 3.2.2).
  static constexpr passwords::Lockout kLockout = {10, absl::Minutes(1), absl::Hours(1)};

  // `service`: what apps show of whose account it is.
  SecondFactors(const Mutations& mutations, const MasterKeys& keys, const Proofs& proofs, MailOutbox& mail,
                std::string service)
      : mutations_(mutations), keys_(keys), proofs_(proofs), mail_(mail), service_(std::move(service)) {}

  // True when `code` is right, which spends it. Counts a wrong code of the app. Each of any number of parallel uses
  // waits for the one before to end its transaction.
  absl::StatusOr<bool> Spend(Transaction& transaction, const PrincipalId& id, const SecondFactorCode& code) const;

  struct Enrollment {
    Secret otpauth_uri;
    Secret qr_code_png;
  };
  // ALREADY_EXISTS when one is confirmed; errors of Proofs::Require.
  absl::StatusOr<Enrollment> Enroll(const RequestContext& context, const Caller& caller,
                                    const Secret& current_password);
  // Ten recovery codes. UNAUTHENTICATED / INVALID_CREDENTIALS, also for the right code after too many wrong ones;
  // FAILED_PRECONDITION / MFA_NOT_ENROLLED; ALREADY_EXISTS.
  absl::StatusOr<std::vector<Secret>> Confirm(const RequestContext& context, const Caller& caller, const Secret& code);
  // FAILED_PRECONDITION / MFA_NOT_ENROLLED; errors of Proofs::Require.
  absl::Status Disable(const RequestContext& context, const Caller& caller, const Secret& current_password);
  absl::StatusOr<std::vector<Secret>> RegenerateRecoveryCodes(const RequestContext& context, const Caller& caller,
                                                              const Secret& current_password);

 private:
  absl::StatusOr<absl::optional<int64_t>> TryTotp(Transaction& transaction, const PrincipalId& id, const Secret& code,
                                                  bool confirmed) const;
  absl::StatusOr<std::vector<Secret>> ReplaceCodes(Transaction& transaction, const PrincipalId& id) const;
  absl::Status Report(Transaction& transaction, const Caller& caller, audit::EventType event,
                      absl::string_view change) const;

  const Mutations& mutations_;
  const MasterKeys& keys_;
  const Proofs& proofs_;
  MailOutbox& mail_;
  const std::string service_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_SECOND_FACTORS_H_
