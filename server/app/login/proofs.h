#ifndef IDENTITY_APP_LOGIN_PROOFS_H_
#define IDENTITY_APP_LOGIN_PROOFS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/passwords.h"
#include "server/app/access/caller.h"
#include "server/app/access/throttle.h"
#include "server/app/login/hash_pool.h"
#include "server/app/login/id_tokens.h"
#include "server/app/login/login_attempt.h"
#include "server/app/login/second_factors.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"

namespace identity {

// What a caller shows together with a sensitive change. Move-only.
struct Proof {
  Secret current_password;
  absl::optional<IdToken> id_token;  // instead of a password, for an account that has none
  absl::optional<SecondFactorCode> code;
};

// Re-authentication before sensitive changes (ASVS 7.5.1): proof that the session's user is the account's owner. A
// holder of the access token alone cannot give it. Thread-safe.
class Proofs {
 public:
  Proofs(Database& database, HashPool& hashes, const SecondFactors& factors, const IdTokens& id_tokens,
         Throttle& throttle, const Lockout& lockout)
      : database_(database),
        hashes_(hashes),
        factors_(factors),
        id_tokens_(id_tokens),
        throttle_(throttle),
        lockout_(lockout) {}

  // Verifies the password and, for an account with a second factor, the code, which is then spent. For an account
  // without a password, an ID token of a linked identity stands for it, if the login at the provider was just now and
  // after the one with which the session began. Returns the change time of the password, or InfinitePast without one.
  // A wrong proof counts like a wrong credential at a login. Errors:
  // - PERMISSION_DENIED / PROOF_REQUIRED when a part is missing, and nothing is counted;
  // - PERMISSION_DENIED / SESSION_REQUIRED for an ID token of a caller without a session;
  // - INVALID_ARGUMENT / INVALID_FIELD for a password together with an ID token;
  // - UNAUTHENTICATED / INVALID_CREDENTIALS, identical for a wrong password, token or code and for a locked account;
  // - UNAVAILABLE / PROVIDER_UNAVAILABLE, also for a key of the provider that is not known yet;
  // - ABORTED / CONFLICT;
  // - RESOURCE_EXHAUSTED / OVERLOADED;
  // - RESOURCE_EXHAUSTED / RATE_LIMITED after too many proofs, right or wrong, and for any code after too many failures
  //   of the account.
  absl::StatusOr<absl::Time> Require(const RequestContext& context, const Caller& caller, const Proof& proof) const;

 private:
  absl::StatusOr<absl::Time> Verify(const RequestContext& context, const Caller& caller, const Proof& proof) const;
  absl::StatusOr<absl::Time> VerifyIdToken(const RequestContext& context, const Caller& caller,
                                           const Proof& proof) const;
  enum class Settlement { kRight, kWrong, kProviderChanged };
  absl::StatusOr<Settlement> SettleIdToken(Transaction& transaction, const Caller& caller, const Proof& proof,
                                           const IdTokens::Verified& verified) const;
  absl::StatusOr<absl::optional<FailureCause>> FindObstacle(Transaction& transaction, const Caller& caller,
                                                            const Proof& proof, const VerifiedIdToken& token) const;
  absl::StatusOr<absl::optional<passwords::Guess>> Reserve(const RequestContext& context, const PrincipalId& id,
                                                           const Proof& proof) const;
  absl::StatusOr<bool> Settle(Transaction& transaction, const Caller& caller, const Proof& proof,
                              const passwords::Guess& guess, bool right_password) const;

  Database& database_;
  HashPool& hashes_;
  const SecondFactors& factors_;
  const IdTokens& id_tokens_;
  Throttle& throttle_;
  const Lockout lockout_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_PROOFS_H_
