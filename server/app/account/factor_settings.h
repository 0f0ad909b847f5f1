#ifndef IDENTITY_APP_ACCOUNT_FACTOR_SETTINGS_H_
#define IDENTITY_APP_ACCOUNT_FACTOR_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/stores/audit.h"
#include "server/app/access/caller.h"
#include "server/app/access/throttle.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/proofs.h"
#include "server/app/login/second_factors.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"

namespace identity {

// The second factor of the caller's own account: an authenticator app with recovery codes. Thread-safe.
class FactorSettings {
 public:
  // `service`: the issuer that apps show beside the account.
  FactorSettings(const Mutations& mutations, const SecondFactors& factors, const Proofs& proofs, Throttle& throttle,
                 MailOutbox& mail, std::string service)
      : mutations_(mutations),
        factors_(factors),
        proofs_(proofs),
        throttle_(throttle),
        mail_(mail),
        service_(std::move(service)) {}

  struct Enrollment {
    Secret otpauth_uri;
    Secret qr_code_png;
  };
  // Replaces an app that was not confirmed. ALREADY_EXISTS when an app is confirmed; errors of Proofs::Require.
  absl::StatusOr<Enrollment> Enroll(const RequestContext& context, const Caller& caller, const Proof& proof);
  // Returns ten recovery codes. UNAUTHENTICATED / INVALID_CREDENTIALS, also for the correct code after too many wrong
  // ones; RESOURCE_EXHAUSTED / RATE_LIMITED; FAILED_PRECONDITION / MFA_NOT_ENROLLED; ALREADY_EXISTS.
  absl::StatusOr<std::vector<Secret>> Confirm(const RequestContext& context, const Caller& caller, const Secret& code);
  // Also takes the factor out of the account's sessions. FAILED_PRECONDITION / MFA_NOT_ENROLLED; errors of
  // Proofs::Require.
  absl::Status Disable(const RequestContext& context, const Caller& caller, const Proof& proof);
  // Replaces all recovery codes; errors as above.
  absl::StatusOr<std::vector<Secret>> RegenerateRecoveryCodes(const RequestContext& context, const Caller& caller,
                                                              const Proof& proof);

 private:
  absl::StatusOr<std::vector<Secret>> ConfirmCounted(const RequestContext& context, const Caller& caller,
                                                     const Secret& code);
  absl::StatusOr<absl::optional<std::vector<Secret>>> TryConfirm(AuditedWrite& write, const PrincipalId& id,
                                                                 const Secret& code) const;
  absl::Status Report(AuditedWrite& write, const PrincipalId& id, audit::EventType event,
                      absl::string_view change) const;

  const Mutations& mutations_;
  const SecondFactors& factors_;
  const Proofs& proofs_;
  Throttle& throttle_;
  MailOutbox& mail_;
  const std::string service_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCOUNT_FACTOR_SETTINGS_H_
