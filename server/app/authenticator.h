#ifndef IDENTITY_APP_AUTHENTICATOR_H_
#define IDENTITY_APP_AUTHENTICATOR_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/principal_store.h"
#include "db/session_store.h"
#include "server/app/admission.h"
#include "server/app/client_info.h"
#include "server/app/credentials.h"
#include "server/app/hash_pool.h"
#include "server/app/token_issuer.h"
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
    principals::Lockout lockout;
    sessions::Lifetimes lifetimes;
  };
  // INTERNAL when the hash that stands in for unknown accounts cannot be made.
  static absl::StatusOr<std::unique_ptr<Authenticator>> Create(Database& database, const Credentials& credentials,
                                                               const TokenIssuer& issuer, HashPool& hashes,
                                                               const Options& options);

  struct Request {
    absl::optional<Scopes> scopes;  // unset: no limit
    std::string audience;
    ClientInfo client_info;
  };
  // UNAUTHENTICATED / INVALID_CREDENTIALS; INVALID_ARGUMENT / INVALID_SCOPE; RESOURCE_EXHAUSTED / OVERLOADED, with
  // which nothing was counted.
  absl::StatusOr<TokenSet> WithPassword(const RequestContext& context, const Caller& caller, const std::string& login,
                                        const Secret& password, const Request& request);
  absl::StatusOr<TokenSet> WithApiKey(const RequestContext& context, const Caller& caller, const Secret& key,
                                      const Request& request);

 private:
  Authenticator(Database& database, const Credentials& credentials, const TokenIssuer& issuer, HashPool& hashes,
                const Options& options, PasswordHash decoy)
      : database_(database),
        credentials_(credentials),
        issuer_(issuer),
        hashes_(hashes),
        options_(options),
        decoy_(std::move(decoy)) {}

  struct Login;
  absl::Status BeginSession(Transaction& transaction, const Caller& caller, const Request& request, Login& login);
  absl::Status AuditFailure(const RequestContext& context, const Caller& caller, const Request& request,
                            const absl::optional<PrincipalId>& subject);
  void RehashIfDue(const RequestContext& context, HashPool::Place& place, const PrincipalId& id,
                   const PasswordHash& hash, const Secret& password);

  Database& database_;
  const Credentials& credentials_;
  const TokenIssuer& issuer_;
  HashPool& hashes_;
  const Options options_;
  const PasswordHash decoy_;
};

}  // namespace identity

#endif  // IDENTITY_APP_AUTHENTICATOR_H_
