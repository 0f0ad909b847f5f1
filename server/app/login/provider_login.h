#ifndef IDENTITY_APP_LOGIN_PROVIDER_LOGIN_H_
#define IDENTITY_APP_LOGIN_PROVIDER_LOGIN_H_

#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/second_factors.h"
#include "db/stores/sessions.h"
#include "server/app/access/caller.h"
#include "server/app/access/throttle.h"
#include "server/app/change/mutation.h"
#include "server/app/login/id_tokens.h"
#include "server/app/login/identity_linking.h"
#include "server/app/login/login_attempt.h"
#include "server/app/login/mapped_roles.h"
#include "server/app/login/token_issuer.h"
#include "server/base/request_context.h"
#include "server/domain/external/identity_provider.h"

namespace identity {

// Logs people in by ID tokens of the providers that administrators have entered (OpenID Connect Core, section 3.1.3.7).
// The issuer and the subject identify the person. The e-mail address never does. Thread-safe.
class ProviderLogin {
 public:
  struct Options {
    sessions::Lifetimes lifetimes;
    bool require_verified_email = false;
  };
  ProviderLogin(Database& database, const Mutations& mutations, const IdTokens& id_tokens, const TokenIssuer& issuer,
                const IdentityLinking& linking, Throttle& throttle, const Options& options)
      : database_(database),
        mutations_(mutations),
        id_tokens_(id_tokens),
        issuer_(issuer),
        linking_(linking),
        throttle_(throttle),
        options_(options) {}

  // Errors:
  // - UNAUTHENTICATED / INVALID_CREDENTIALS, identical for every token that logs nobody in; the audit has the cause;
  // - UNAVAILABLE / PROVIDER_UNAVAILABLE, and nothing is counted;
  // - INVALID_ARGUMENT / INVALID_SCOPE, FAILED_PRECONDITION / EMAIL_NOT_VERIFIED, only for a right token;
  // - RESOURCE_EXHAUSTED / RATE_LIMITED after too many failures of the client, or too many new accounts, as for
  //   Register.
  absl::StatusOr<LoginResult> LogIn(const RequestContext& context, const Caller& caller, const IdToken& token,
                                    const LoginRequest& request);

 private:
  // A person whose token passed all checks.
  struct Person {
    IdentityProvider provider;
    second_factors::PendingIdentity identity;
    ExternalProfile profile;
    MappedRoles roles;
  };
  struct Login;
  struct Failure {
    std::string cause;  // for the audit
    absl::optional<PrincipalId> account = {};
  };
  struct Refused {
    absl::Status status;
  };
  struct NeedsAccount {};
  struct NeedsLink {};
  struct ProviderChanged {};  // since the token was verified
  using Outcome = std::variant<BegunLogin, second_factors::StoredChallenge, Failure, Refused, NeedsAccount, NeedsLink,
                               ProviderChanged>;

  absl::StatusOr<LoginResult> TryLogIn(const RequestContext& context, const Caller& caller, const IdToken& token,
                                       const LoginRequest& request, const Throttle::Use& use);
  Person PersonOf(const VerifiedIdToken& verified) const;
  absl::StatusOr<Outcome> LogPersonIn(const RequestContext& context, const Login& login);
  absl::Status CreateAccount(const RequestContext& context, const Login& login);
  absl::Status LinkByAddress(const RequestContext& context, const Login& login);
  absl::StatusOr<absl::optional<PrincipalId>> OwnerOfAddress(Transaction& transaction, const Login& login) const;
  static absl::Status NoteClaims(Transaction& transaction, const Login& login);
  absl::Status SetRoles(const RequestContext& context, const Login& login);
  absl::StatusOr<Outcome> Finish(Transaction& transaction, const Login& login) const;
  absl::StatusOr<Outcome> BeginFor(Transaction& transaction, const Login& login, const ClientInfo& client,
                                   const PrincipalId& owner, bool linked) const;
  // A login that may begin. Refers to its parts.
  struct Beginning {
    const ClientInfo& client;
    const PrincipalFacts& principal;
    bool must_enroll = false;  // a second factor
    Scopes scopes;
  };
  absl::StatusOr<Outcome> PoseChallenge(Transaction& transaction, const Login& login, const Beginning& beginning) const;
  absl::StatusOr<Outcome> BeginSession(Transaction& transaction, const Login& login, const Beginning& beginning) const;
  absl::StatusOr<Outcome> FindByAddress(Transaction& transaction, const Login& login, const ClientInfo& client) const;
  absl::Status AuditRefusal(const RequestContext& context, const Caller& caller, const LoginRequest& request,
                            const std::string& cause);

  Database& database_;
  const Mutations& mutations_;
  const IdTokens& id_tokens_;
  const TokenIssuer& issuer_;
  const IdentityLinking& linking_;
  Throttle& throttle_;
  const Options options_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_PROVIDER_LOGIN_H_
