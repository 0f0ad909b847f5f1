#ifndef IDENTITY_APP_LOGIN_AUTHENTICATOR_H_
#define IDENTITY_APP_LOGIN_AUTHENTICATOR_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "db/database.h"
#include "db/stores/passwords.h"
#include "db/stores/sessions.h"
#include "server/app/access/admission.h"
#include "server/app/access/client_info.h"
#include "server/app/access/credentials.h"
#include "server/app/access/throttle.h"
#include "server/app/login/hash_pool.h"
#include "server/app/login/second_factors.h"
#include "server/app/login/token_issuer.h"
#include "server/domain/opaque_token.h"
#include "server/domain/password.h"

namespace identity {

// Logs people and programs in. Thread-safe.
//
// Every failure looks the same from outside: one answer, and for passwords one cost, since an unknown, locked or
// disabled account goes through the same statements and a hash of the same parameters.
class Authenticator {
 public:
  struct Options {
    Argon2Parameters argon2;
    passwords::Lockout lockout;
    sessions::Lifetimes lifetimes;
    bool require_verified_email = false;
  };
  // INTERNAL when the hash that stands in for unknown accounts cannot be made.
  static absl::StatusOr<std::unique_ptr<Authenticator>> Create(Database& database, const Credentials& credentials,
                                                               const TokenIssuer& issuer, HashPool& hashes,
                                                               const SecondFactors& factors, Throttle& throttle,
                                                               const Options& options);

  struct Request {
    absl::optional<Scopes> scopes;  // unset: no limit
    std::string audience;
    ClientInfo client_info;
  };
  // The password was right and a second factor is due.
  struct Challenge {
    Secret token;
    absl::Time expire_time;
  };
  using Result = absl::variant<TokenSet, Challenge>;

  // All of them: RESOURCE_EXHAUSTED / RATE_LIMITED, whatever was shown, when the client has failed too often.

  // UNAUTHENTICATED / INVALID_CREDENTIALS; INVALID_ARGUMENT / INVALID_SCOPE; FAILED_PRECONDITION / EMAIL_NOT_VERIFIED,
  // to who has the right password; RESOURCE_EXHAUSTED / OVERLOADED, with which nothing was counted.
  absl::StatusOr<Result> WithPassword(const RequestContext& context, const Caller& caller, const std::string& login,
                                      const Secret& password, const Request& request);
  // The session that the challenge was for; of `request` only the client's address counts. UNAUTHENTICATED /
  // INVALID_CREDENTIALS.
  absl::StatusOr<TokenSet> WithChallenge(const RequestContext& context, const Caller& caller,
                                         const Secret& challenge_token, const SecondFactorCode& code,
                                         const Request& request);
  // An access token of the caller's own session, which has shown a second factor from now on. UNAUTHENTICATED /
  // CALLER_UNKNOWN, INVALID_CREDENTIALS; PERMISSION_DENIED / SESSION_REQUIRED; FAILED_PRECONDITION / MFA_NOT_ENROLLED.
  absl::StatusOr<TokenSet> StepUp(const RequestContext& context, const Caller& caller, const SecondFactorCode& code,
                                  const Request& request);
  absl::StatusOr<TokenSet> WithApiKey(const RequestContext& context, const Caller& caller, const Secret& key,
                                      const Request& request);

 private:
  Authenticator(Database& database, const Credentials& credentials, const TokenIssuer& issuer, HashPool& hashes,
                const SecondFactors& factors, Throttle& throttle, const Options& options, PasswordHash decoy)
      : database_(database),
        credentials_(credentials),
        issuer_(issuer),
        hashes_(hashes),
        factors_(factors),
        throttle_(throttle),
        options_(options),
        decoy_(std::move(decoy)) {}

  struct Login;
  absl::StatusOr<Result> TryPassword(const RequestContext& context, const Caller& caller, const std::string& login,
                                     const Secret& password, const Request& request);
  absl::StatusOr<TokenSet> TryChallenge(const RequestContext& context, const Caller& caller, const OpaqueToken& shown,
                                        const SecondFactorCode& code, const Request& request);
  absl::StatusOr<TokenSet> TryStepUp(const RequestContext& context, const Caller& caller, const SecondFactorCode& code,
                                     const Request& request);
  absl::StatusOr<TokenSet> TryApiKey(const RequestContext& context, const Caller& caller, const Secret& key,
                                     const Request& request);
  absl::Status FinishLogin(Transaction& transaction, const Caller& caller, const Request& request, Login& login);
  absl::Status BeginSession(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                            const Request& request, const Scopes& scopes, Login& login);
  absl::Status PoseChallenge(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                             const Request& request, const Scopes& scopes, Login& login);
  absl::Status AuditFailure(const RequestContext& context, const Caller& caller, const Request& request,
                            const absl::optional<PrincipalId>& subject);
  void RehashIfDue(const RequestContext& context, HashPool::Place& place, const PrincipalId& id,
                   const PasswordHash& hash, const Secret& password);

  Database& database_;
  const Credentials& credentials_;
  const TokenIssuer& issuer_;
  HashPool& hashes_;
  const SecondFactors& factors_;
  Throttle& throttle_;
  const Options options_;
  const PasswordHash decoy_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_AUTHENTICATOR_H_
