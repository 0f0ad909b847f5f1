#ifndef IDENTITY_APP_ADMIN_USER_ADMINISTRATION_H_
#define IDENTITY_APP_ADMIN_USER_ADMINISTRATION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/api_keys.h"
#include "db/stores/principals.h"
#include "db/stores/sessions.h"
#include "server/app/access/admission.h"
#include "server/app/admin/paging.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/hash_pool.h"
#include "server/domain/password.h"

namespace identity {

// A password that nobody chose, which opens the own account alone until it is changed: 144 random bits in 24
// characters.
Secret NewOneTimePassword();

// Makes, shows, changes, unlocks, disables and enables users and service accounts. Thread-safe.
class UserAdministration {
 public:
  UserAdministration(Database& database, const Mutations& mutations, HashPool& hashes, const Argon2Parameters& argon2,
                     const PageTokens& page_tokens, MailOutbox& mail)
      : database_(database),
        mutations_(mutations),
        hashes_(hashes),
        argon2_(argon2),
        page_tokens_(page_tokens),
        mail_(mail) {}

  struct CreateUserRequest {
    std::string username;
    std::string email;
    std::string full_name;
    absl::optional<PasswordHash> password_hash;  // unset: a one-time secret is made
    Idempotency idempotency;
  };
  struct CreatedUser {
    principals::User user;
    Secret one_time_secret;  // empty with a hash, or when an earlier call made the user
    ConsistencyToken token;
  };
  // INVALID_ARGUMENT; ALREADY_EXISTS; RESOURCE_EXHAUSTED / OVERLOADED.
  absl::StatusOr<CreatedUser> CreateUser(const RequestContext& context, const Caller& caller,
                                         const CreateUserRequest& request);
  // NOT_FOUND.
  absl::StatusOr<principals::User> GetUser(const RequestContext& context, const PrincipalId& id);
  struct UserPage {
    std::vector<principals::User> users;
    std::string next_page_token;
  };
  absl::StatusOr<UserPage> ListUsers(const RequestContext& context, const std::string& query, const PageRequest& page);

  struct UserUpdate {
    PrincipalId id;
    absl::optional<std::string> full_name;
    absl::optional<std::string> email;
    bool email_verified = false;  // of `email`
  };
  // INVALID_ARGUMENT; NOT_FOUND; ALREADY_EXISTS; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED and, for an address, which
  // lets the password be reset, GRANT_EXCEEDS_CALLER.
  absl::StatusOr<principals::User> UpdateUser(const RequestContext& context, const Caller& caller,
                                              const UserUpdate& update);
  // NOT_FOUND; PERMISSION_DENIED / SUPER_ADMIN_REQUIRED.
  absl::Status UnlockUser(const RequestContext& context, const Caller& caller, const PrincipalId& id);

  struct CreatedServiceAccount {
    principals::ServiceAccount account;
    ConsistencyToken token;
  };
  // INVALID_ARGUMENT; ALREADY_EXISTS.
  absl::StatusOr<CreatedServiceAccount> CreateServiceAccount(const RequestContext& context, const Caller& caller,
                                                             const std::string& name, const std::string& description,
                                                             const Idempotency& idempotency);
  struct ServiceAccountPage {
    std::vector<principals::ServiceAccount> accounts;
    std::string next_page_token;
  };
  absl::StatusOr<ServiceAccountPage> ListServiceAccounts(const RequestContext& context, const PageRequest& page);

  struct SessionPage {
    std::vector<sessions::ListedSession> sessions;
    std::string next_page_token;
  };
  // Those that have not ended, newest first. Empty for a principal that nobody is.
  absl::StatusOr<SessionPage> ListSessions(const RequestContext& context, const PrincipalId& id,
                                           const PageRequest& page);
  struct ApiKeyPage {
    std::vector<api_keys::ApiKey> keys;
    std::string next_page_token;
  };
  // Newest first, dead ones too. Empty for a principal that nobody is.
  absl::StatusOr<ApiKeyPage> ListApiKeys(const RequestContext& context, const PrincipalId& id, const PageRequest& page);

  // NOT_FOUND; FAILED_PRECONDITION / BUILT_IN; PERMISSION_DENIED / OWN_ROLES, SUPER_ADMIN_REQUIRED.
  absl::StatusOr<ConsistencyToken> SetDisabled(const RequestContext& context, const Caller& caller,
                                               const PrincipalId& id, bool disabled, const std::string& reason);

 private:
  absl::Status TellOldAddress(Transaction& transaction, const UserUpdate& update) const;

  Database& database_;
  const Mutations& mutations_;
  HashPool& hashes_;
  const Argon2Parameters argon2_;
  const PageTokens& page_tokens_;
  MailOutbox& mail_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_USER_ADMINISTRATION_H_
