#ifndef IDENTITY_APP_LOGIN_PROOFS_H_
#define IDENTITY_APP_LOGIN_PROOFS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/passwords.h"
#include "server/app/access/caller.h"
#include "server/app/login/hash_pool.h"
#include "server/base/clock.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"

namespace identity {

// Re-authentication before sensitive changes (ASVS 7.5.1): proof that the session's user is the account's owner.
// Thread-safe.
class Proofs {
 public:
  // How long a second factor remains sufficient proof.
  static constexpr absl::Duration kMfaMaxAge = absl::Minutes(5);

  Proofs(Database& database, HashPool& hashes, const passwords::Lockout& lockout, Clock clock)
      : database_(database), hashes_(hashes), lockout_(lockout), clock_(std::move(clock)) {}

  // Verifies `current_password` and returns that password's change time. With an empty `current_password` a second
  // factor within kMfaMaxAge is the proof, and the result is nullopt. Errors:
  // - PERMISSION_DENIED / STEP_UP_REQUIRED with neither proof;
  // - UNAUTHENTICATED / INVALID_CREDENTIALS for a wrong password, which counts like a wrong one at a login;
  // - RESOURCE_EXHAUSTED / OVERLOADED.
  absl::StatusOr<absl::optional<absl::Time>> Require(const RequestContext& context, const Caller& caller,
                                                     const Secret& current_password) const;

  // Counts no guess. So use it only for a `password` that the policy accepts as a new one: setting that password would
  // reveal as much as this answer. RESOURCE_EXHAUSTED / OVERLOADED.
  absl::StatusOr<bool> IsCurrentPassword(const RequestContext& context, const PrincipalId& id,
                                         const Secret& password) const;

 private:
  absl::StatusOr<absl::Time> VerifyPassword(const RequestContext& context, const Caller& caller,
                                            const Secret& password) const;

  Database& database_;
  HashPool& hashes_;
  const passwords::Lockout lockout_;
  const Clock clock_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_PROOFS_H_
