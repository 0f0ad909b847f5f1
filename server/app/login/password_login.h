#ifndef IDENTITY_APP_LOGIN_PASSWORD_LOGIN_H_
#define IDENTITY_APP_LOGIN_PASSWORD_LOGIN_H_

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/passwords.h"
#include "db/stores/second_factors.h"
#include "db/stores/sessions.h"
#include "server/app/access/caller.h"
#include "server/app/access/throttle.h"
#include "server/app/login/hash_pool.h"
#include "server/app/login/login_attempt.h"
#include "server/app/login/login_work.h"
#include "server/app/login/token_issuer.h"
#include "server/base/request_context.h"
#include "server/domain/password.h"

namespace identity {

// Logs users in by password, and challenges users that have a second factor. Thread-safe.
//
// All failures have the same answer and the same cost. Unknown, locked and disabled accounts go through the same
// statements, and through a hash. LoginWork makes up for hashes of different costs.
class PasswordLogin {
 public:
  struct Options {
    Argon2Parameters argon2;
    Lockout lockout;
    sessions::Lifetimes lifetimes;
    bool require_verified_email = false;
  };
  // Reads a sample of the stored hashes, to know what they cost (LoginWork). INVALID_ARGUMENT for parameters out of
  // bounds; INTERNAL when the hash for unknown accounts cannot be made; the errors of the database.
  static absl::StatusOr<std::unique_ptr<PasswordLogin>> Create(const RequestContext& context, Database& database,
                                                               const TokenIssuer& issuer, HashPool& hashes,
                                                               Throttle& throttle, const Options& options);

  // `login` is a username or an e-mail address. Errors:
  // - UNAUTHENTICATED / INVALID_CREDENTIALS;
  // - INVALID_ARGUMENT / INVALID_SCOPE, only for the correct password;
  // - FAILED_PRECONDITION / EMAIL_NOT_VERIFIED, only for the correct password;
  // - RESOURCE_EXHAUSTED / OVERLOADED, and no guess is counted;
  // - RESOURCE_EXHAUSTED / RATE_LIMITED for any password, after too many failures of the client.
  absl::StatusOr<LoginResult> LogIn(const RequestContext& context, const Caller& caller, const std::string& login,
                                    const Secret& password, const LoginRequest& request);

 private:
  PasswordLogin(Database& database, const TokenIssuer& issuer, HashPool& hashes, Throttle& throttle,
                const Options& options, PasswordHash decoy)
      : database_(database),
        issuer_(issuer),
        hashes_(hashes),
        throttle_(throttle),
        options_(options),
        work_(options.argon2),
        decoy_(std::move(decoy)) {}

  struct VerifiedLogin;
  struct Owner {
    const PrincipalFacts& principal;
    bool must_enroll = false;  // a second factor
  };
  struct Refused {
    absl::Status status;
  };
  // The result of a login's second transaction.
  using Outcome = std::variant<BegunLogin, second_factors::StoredChallenge, Refused>;

  absl::StatusOr<LoginResult> TryLogIn(const RequestContext& context, const Caller& caller, const std::string& login,
                                       const Secret& password, const LoginRequest& request);
  absl::Status LearnWork(const RequestContext& context);
  bool Verify(HashPool::Place& place, const absl::optional<PasswordHash>& stored, const Secret& password);
  absl::StatusOr<Outcome> Finish(Transaction& transaction, const VerifiedLogin& login) const;
  absl::StatusOr<Outcome> BeginSession(Transaction& transaction, const VerifiedLogin& login, const ClientInfo& client,
                                       const Owner& owner, const Scopes& scopes) const;
  absl::StatusOr<Outcome> PoseChallenge(Transaction& transaction, const VerifiedLogin& login, const ClientInfo& client,
                                        const Scopes& scopes) const;
  LoginResult ToResult(const Outcome& outcome, LoginSecrets secrets) const;
  absl::StatusOr<passwords::Reservation> Reserve(const RequestContext& context, const std::string& login,
                                                 const LoginRequest& request) const;
  absl::Status AuditFailure(const RequestContext& context, const Caller& caller, const LoginRequest& request,
                            const passwords::Reservation& reserved, FailureCause cause);
  void RehashIfDue(const RequestContext& context, HashPool::Place& place, const PrincipalId& id,
                   const PasswordHash& hash, const Secret& password);

  Database& database_;
  const TokenIssuer& issuer_;
  HashPool& hashes_;
  Throttle& throttle_;
  const Options options_;
  LoginWork work_;
  const PasswordHash decoy_;  // verified for accounts without a usable hash, so that they cost as much as others
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_PASSWORD_LOGIN_H_
