#ifndef IDENTITY_APP_LOGIN_FACTOR_LOGIN_H_
#define IDENTITY_APP_LOGIN_FACTOR_LOGIN_H_

#include <variant>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/second_factors.h"
#include "db/stores/sessions.h"
#include "server/app/access/caller.h"
#include "server/app/access/throttle.h"
#include "server/app/login/identity_linking.h"
#include "server/app/login/login_attempt.h"
#include "server/app/login/second_factors.h"
#include "server/app/login/token_issuer.h"
#include "server/base/request_context.h"
#include "server/domain/opaque_token.h"

namespace identity {

// Accepts codes of second factors: as the answer to a login's challenge, and as a step-up of a session. Thread-safe.
class FactorLogin {
 public:
  struct Options {
    sessions::Lifetimes lifetimes;
    bool require_verified_email = false;
  };
  FactorLogin(Database& database, const TokenIssuer& issuer, const SecondFactors& factors,
              const IdentityLinking& linking, Throttle& throttle, const Options& options)
      : database_(database),
        issuer_(issuer),
        factors_(factors),
        linking_(linking),
        throttle_(throttle),
        options_(options) {}

  // Begins the session that the first step requested, and links the identity by which it came, if it came by one.
  // `request` may narrow its scopes. Errors:
  // - UNAUTHENTICATED / INVALID_CREDENTIALS;
  // - RESOURCE_EXHAUSTED / RATE_LIMITED for any code, after too many failures of the client;
  // - those of NarrowedScopes, only for the right code, which is not spent.
  absl::StatusOr<TokenSet> AnswerChallenge(const RequestContext& context, const Caller& caller,
                                           const Secret& challenge_token, const SecondFactorCode& code,
                                           const LoginRequest& request);

  // Records the second factor in the caller's own session and returns an access token that shows it. Errors:
  // - UNAUTHENTICATED / CALLER_UNKNOWN, INVALID_CREDENTIALS;
  // - PERMISSION_DENIED / SESSION_REQUIRED;
  // - FAILED_PRECONDITION / MFA_NOT_ENROLLED, and MFA_TOO_NEW only for the right code, which is not spent;
  // - RESOURCE_EXHAUSTED / RATE_LIMITED for any code, after too many failures of the account;
  // - those of NarrowedScopes, only for the right code, which is not spent.
  absl::StatusOr<TokenSet> StepUp(const RequestContext& context, const Caller& caller, const SecondFactorCode& code,
                                  const LoginRequest& request);

 private:
  struct Answer;
  absl::StatusOr<TokenSet> TryAnswer(const RequestContext& context, const Caller& caller, const OpaqueToken& challenge,
                                     const SecondFactorCode& code, const LoginRequest& request);
  absl::StatusOr<absl::optional<BegunLogin>> Finish(Transaction& transaction, const Answer& answer) const;
  using Begun = std::variant<BegunLogin, FailureCause>;
  absl::StatusOr<Begun> BeginSession(StoredFacts& facts, Transaction& transaction,
                                     const second_factors::OpenChallenge& challenge, const ClientInfo& client,
                                     const Answer& answer) const;
  struct SteppedUp {
    sessions::Session session;
    Scopes scopes;
  };
  absl::StatusOr<TokenSet> TryStepUp(const RequestContext& context, const Caller& caller, const SecondFactorCode& code,
                                     const LoginRequest& request);
  absl::StatusOr<absl::optional<SteppedUp>> RecordFactor(Transaction& transaction, const Caller& caller,
                                                         const SecondFactorCode& code,
                                                         const LoginRequest& request) const;

  Database& database_;
  const TokenIssuer& issuer_;
  const SecondFactors& factors_;
  const IdentityLinking& linking_;
  Throttle& throttle_;
  const Options options_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_FACTOR_LOGIN_H_
