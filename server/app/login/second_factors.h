#ifndef IDENTITY_APP_LOGIN_SECOND_FACTORS_H_
#define IDENTITY_APP_LOGIN_SECOND_FACTORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/lockout.h"
#include "server/app/access/audit.h"
#include "server/base/sealed_box.h"
#include "server/base/secret.h"
#include "server/domain/ids.h"

namespace identity {

// The associated data of an app's sealed secret, so that a secret that was moved to another account does not open.
std::string TotpSealContext(const PrincipalId& id);

// A code of a second factor. Move-only.
struct SecondFactorCode {
  enum class Kind { kTotp, kRecovery };
  Kind kind = Kind::kTotp;
  Secret text;

  // The authentication methods that the code proves (RFC 8176). None when the factor does not count (`counts`) for
  // roles that need one: services that read tokens themselves must not take it for a second factor, either.
  std::vector<std::string> amr(bool counts) const;
};

// Verifies codes of authenticator apps (RFC 6238) and recovery codes. Thread-safe.
class SecondFactors {
 public:
  // Ten wrong codes in a row block the app. Each wrong code after a block blocks it for twice as long, up to an hour. A
  // block stops the app and never lifts the requirement of a second factor (NIST SP 800-63B section 3.2.2).
  static constexpr Lockout kLockout = {10, absl::Minutes(1), absl::Hours(1)};

  explicit SecondFactors(const MasterKeys& keys) : keys_(keys) {}

  // Who presents a code for the account `id`. `client` as for Audit. Refers to its parts.
  struct Presenter {
    const Caller& caller;
    const ClientInfo& client;
    const PrincipalId& id;
  };
  // True when `code` is correct; the code is then spent. A wrong code of the app is counted, and a block that it causes
  // is audited. Parallel uses wait for each other's transaction, so at most one of them spends the code.
  absl::StatusOr<bool> Spend(Transaction& transaction, const Presenter& presenter, const SecondFactorCode& code) const;

  // The time step of a code of the account's app, whose state must match `confirmed`. The code is not yet spent; a
  // wrong one is counted as by Spend. nullopt when the code is wrong or the app is blocked.
  absl::StatusOr<absl::optional<int64_t>> TryTotp(Transaction& transaction, const Presenter& presenter,
                                                  const Secret& code, bool confirmed) const;
  // Stores the secret of an app, sealed and not confirmed. Errors of second_factors::Enroll.
  absl::Status Store(Transaction& transaction, const PrincipalId& id, const Secret& secret) const;

 private:
  const MasterKeys& keys_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_SECOND_FACTORS_H_
