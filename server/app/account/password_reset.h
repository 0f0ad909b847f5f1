#ifndef IDENTITY_APP_ACCOUNT_PASSWORD_RESET_H_
#define IDENTITY_APP_ACCOUNT_PASSWORD_RESET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/accounts.h"
#include "server/app/access/caller.h"
#include "server/app/access/client_info.h"
#include "server/app/access/throttle.h"
#include "server/app/account/password_setting.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/base/secret.h"
#include "server/domain/account_names.h"
#include "server/domain/opaque_token.h"
#include "server/domain/password.h"

namespace identity {

// Lets the reader of an account's mail set a new password. A second factor is still required (ASVS 6.4.3). All sessions
// and API keys end, since the owner may reset the password because somebody else used the account. Thread-safe.
class PasswordReset {
 public:
  static constexpr absl::Duration kTokenLifetime = absl::Hours(1);

  PasswordReset(Database& database, const Mutations& mutations, const PasswordSetting& passwords, MailOutbox& mail,
                Throttle& throttle)
      : database_(database), mutations_(mutations), passwords_(passwords), mail_(mail), throttle_(throttle) {}

  // Mails a token to the account. Does the same work and returns OK whether or not the account exists, and whether or
  // not it has used up its mails. FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED, by
  // address and by name.
  absl::Status Request(const RequestContext& context, const Caller& caller, const std::string& login,
                       const ClientInfo& claimed);

  struct Done {
    int64_t ended_sessions = 0;
    ConsistencyToken token;
  };
  // UNAUTHENTICATED / MAILED_TOKEN_INVALID; INVALID_ARGUMENT, after which the token is still valid; RESOURCE_EXHAUSTED
  // / RATE_LIMITED, by account, or OVERLOADED.
  absl::StatusOr<Done> Reset(const RequestContext& context, const Caller& caller, const Secret& token,
                             const Secret& new_password, const ClientInfo& claimed);

 private:
  absl::StatusOr<absl::optional<accounts::Account>> FindRecipient(const RequestContext& context, const Caller& caller,
                                                                  const LoginName& name) const;
  absl::StatusOr<accounts::Account> FindAccount(const RequestContext& context, const OpaqueToken& token) const;
  absl::Status Mail(Transaction& transaction, const absl::optional<accounts::Account>& recipient) const;
  absl::StatusOr<int64_t> SetPassword(Mutation& mutation, const OpaqueToken& token, const accounts::Account& account,
                                      const PasswordHash& hash) const;

  Database& database_;
  const Mutations& mutations_;
  const PasswordSetting& passwords_;
  MailOutbox& mail_;
  Throttle& throttle_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCOUNT_PASSWORD_RESET_H_
