#ifndef IDENTITY_APP_ADMIN_API_KEY_ISSUER_H_
#define IDENTITY_APP_ADMIN_API_KEY_ISSUER_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/api_keys.h"
#include "server/app/access/caller.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/proofs.h"
#include "server/base/request_context.h"

namespace identity {

// Issues and rotates API keys. Thread-safe.
class ApiKeyIssuer {
 public:
  // `longest_lifetime`: of keys that are issued from now on; InfiniteDuration for no limit.
  ApiKeyIssuer(Database& database, const Mutations& mutations, const Proofs& proofs, MailOutbox& mail,
               absl::Duration longest_lifetime)
      : database_(database), mutations_(mutations), proofs_(proofs), mail_(mail), longest_lifetime_(longest_lifetime) {}

  struct Request {
    absl::optional<PrincipalId> owner;  // unset: the caller
    std::string display_name;
    absl::optional<Scopes> scopes;           // unset: `*`
    absl::optional<absl::Time> expire_time;  // unset: the longest lifetime
    int64_t requests_per_minute = 0;         // 0: the key has no quota
    Idempotency idempotency;
    Proof proof;  // needed for the caller's own key
  };
  struct Issued {
    Secret secret;  // empty when an earlier call issued the key
    api_keys::ApiKey key;
    ConsistencyToken token;
  };
  // PERMISSION_DENIED / SESSION_REQUIRED, PERMISSION_DENIED, GRANT_EXCEEDS_CALLER, SUPER_ADMIN_REQUIRED; NOT_FOUND;
  // INVALID_ARGUMENT / INVALID_SCOPE, INVALID_FIELD, REQUEST_ID_REUSED; errors of Proofs::Require.
  absl::StatusOr<Issued> Issue(const RequestContext& context, const Caller& caller, const Request& request);

  struct Rotation {
    ApiKeyId id;
    absl::Duration overlap = absl::Hours(24);  // how long the old key keeps working
    Idempotency idempotency;
    Proof proof;  // needed for the caller's own key
  };
  // Issues a successor with the same rights and the same expiry, within the longest lifetime. Errors as above;
  // NOT_FOUND also for a key that is revoked or has expired.
  absl::StatusOr<Issued> Rotate(const RequestContext& context, const Caller& caller, const Rotation& rotation);

 private:
  // `make` writes the key with that secret and returns its id.
  absl::StatusOr<Issued> Run(const RequestContext& context, const Caller& caller, const Idempotency& idempotency,
                             absl::FunctionRef<absl::StatusOr<std::string>(Mutation&, const Secret&)> make);

  Database& database_;
  const Mutations& mutations_;
  const Proofs& proofs_;
  MailOutbox& mail_;
  const absl::Duration longest_lifetime_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_API_KEY_ISSUER_H_
