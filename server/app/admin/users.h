#ifndef IDENTITY_APP_ADMIN_USERS_H_
#define IDENTITY_APP_ADMIN_USERS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/principals.h"
#include "server/app/access/caller.h"
#include "server/app/admin/paging.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/hash_pool.h"
#include "server/base/request_context.h"
#include "server/domain/password.h"

namespace identity {

// Creates, reads, lists, updates and unlocks users on behalf of administrators. Thread-safe.
class Users {
 public:
  Users(Database& database, const Mutations& mutations, HashPool& hashes, const Argon2Parameters& argon2,
        const PageTokens& page_tokens, MailOutbox& mail)
      : database_(database),
        mutations_(mutations),
        hashes_(hashes),
        argon2_(argon2),
        page_tokens_(page_tokens),
        mail_(mail) {}

  struct NewUser {
    std::string username;
    std::string email;
    std::string full_name;
    absl::optional<PasswordHash> password_hash;  // unset: the user gets a one-time password
    Idempotency idempotency;
  };
  struct Created {
    principals::User user;
    Secret one_time_secret;  // empty when the request had a hash, or an earlier call created the user
    ConsistencyToken token;
  };
  // INVALID_ARGUMENT; ALREADY_EXISTS; RESOURCE_EXHAUSTED / OVERLOADED.
  absl::StatusOr<Created> Create(const RequestContext& context, const Caller& caller, const NewUser& request);

  // NOT_FOUND.
  absl::StatusOr<principals::User> Get(const RequestContext& context, const PrincipalId& id);
  // The users whose username or address begins with `query`, in the order of their creation.
  absl::StatusOr<Page<principals::User>> List(const RequestContext& context, const std::string& query,
                                              const PageRequest& page);

  struct Update {
    PrincipalId id;
    absl::optional<std::string> full_name;
    absl::optional<std::string> email;
    bool email_verified = false;  // of `email`
  };
  // An address allows a password reset, so a caller who sets one must hold all permissions of the user.
  // INVALID_ARGUMENT; NOT_FOUND; ALREADY_EXISTS; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED, and for an address also
  // PERMISSION_DENIED, GRANT_EXCEEDS_CALLER and OWN_ROLES.
  absl::StatusOr<principals::User> Apply(const RequestContext& context, const Caller& caller, const Update& update);

  // Ends a lock after wrong passwords and a block after wrong codes. NOT_FOUND; PERMISSION_DENIED /
  // SUPER_ADMIN_REQUIRED.
  absl::Status Unlock(const RequestContext& context, const Caller& caller, const PrincipalId& id);

  struct NewCredentials {
    Secret one_time_secret;
    int64_t ended_sessions = 0;
    ConsistencyToken token;
  };
  // Replaces the password by a one-time password and ends all sessions and API keys. A second factor stays. For a user
  // who forgot the password, when no mail can be sent. NOT_FOUND; PERMISSION_DENIED as for setting an address;
  // RESOURCE_EXHAUSTED / OVERLOADED.
  absl::StatusOr<NewCredentials> ResetCredentials(const RequestContext& context, const Caller& caller,
                                                  const PrincipalId& id);

  // Lets the user's second factor count immediately for roles that need one. NOT_FOUND; FAILED_PRECONDITION /
  // MFA_NOT_ENROLLED; PERMISSION_DENIED as for setting an address.
  absl::Status TrustSecondFactor(const RequestContext& context, const Caller& caller, const PrincipalId& id);

  // Deletes the user for good; the audit stays, and the username becomes free after 30 days. NOT_FOUND;
  // PERMISSION_DENIED / OWN_ROLES, SUPER_ADMIN_REQUIRED; FAILED_PRECONDITION / LAST_SUPER_ADMIN.
  absl::StatusOr<ConsistencyToken> Delete(const RequestContext& context, const Caller& caller, const PrincipalId& id);

 private:
  absl::Status NotifyOldAddress(Transaction& transaction, const Update& update) const;

  Database& database_;
  const Mutations& mutations_;
  HashPool& hashes_;
  const Argon2Parameters argon2_;
  const PageTokens& page_tokens_;
  MailOutbox& mail_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_USERS_H_
