#ifndef IDENTITY_APP_LOGIN_PROOFS_H_
#define IDENTITY_APP_LOGIN_PROOFS_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/passwords.h"
#include "server/app/access/caller.h"
#include "server/app/access/throttle.h"
#include "server/app/login/hash_pool.h"
#include "server/app/login/second_factors.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"

namespace identity {

// What a caller shows together with a sensitive change. Move-only.
struct Proof {
  Secret current_password;
  absl::optional<SecondFactorCode> code;
};

// Re-authentication before sensitive changes (ASVS 7.5.1): proof that the session's user is the account's owner. A
// holder of the access token alone cannot give it. Thread-safe.
class Proofs {
 public:
  Proofs(Database& database, HashPool& hashes, const SecondFactors& factors, Throttle& throttle, const Lockout& lockout)
      : database_(database), hashes_(hashes), factors_(factors), throttle_(throttle), lockout_(lockout) {}

  // Verifies the password and, for an account with a second factor, the code, which is then spent. Returns the change
  // time of the password. A wrong proof counts like a wrong credential at a login. Errors:
  // - PERMISSION_DENIED / PROOF_REQUIRED when a part is missing, and nothing is counted;
  // - UNAUTHENTICATED / INVALID_CREDENTIALS, identical for a wrong password, a wrong code and a locked account;
  // - RESOURCE_EXHAUSTED / OVERLOADED;
  // - RESOURCE_EXHAUSTED / RATE_LIMITED after too many proofs, right or wrong, and for any code after too many failures
  //   of the account.
  absl::StatusOr<absl::Time> Require(const RequestContext& context, const Caller& caller, const Proof& proof) const;

 private:
  absl::StatusOr<absl::Time> Verify(const RequestContext& context, const Caller& caller, const Proof& proof) const;
  absl::StatusOr<absl::optional<passwords::Guess>> Reserve(const RequestContext& context, const PrincipalId& id,
                                                           const Proof& proof) const;
  absl::StatusOr<bool> Settle(Transaction& transaction, const Caller& caller, const Proof& proof,
                              const passwords::Guess& guess, bool right_password) const;

  Database& database_;
  HashPool& hashes_;
  const SecondFactors& factors_;
  Throttle& throttle_;
  const Lockout lockout_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_PROOFS_H_
