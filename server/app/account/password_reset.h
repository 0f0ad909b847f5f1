#ifndef IDENTITY_APP_ACCOUNT_PASSWORD_RESET_H_
#define IDENTITY_APP_ACCOUNT_PASSWORD_RESET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/accounts.h"
#include "server/app/access/admission.h"
#include "server/app/access/client_info.h"
#include "server/app/access/throttle.h"
#include "server/app/account/password_setting.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/base/secret.h"
#include "server/domain/opaque_token.h"

namespace identity {

// A new password for whoever reads the account's mail. It takes the place of the password and of nothing else: a second
// factor is asked for as before (ASVS 6.4.3). Thread-safe.
class PasswordReset {
 public:
  static constexpr absl::Duration kTokenLifetime = absl::Hours(1);

  PasswordReset(Database& database, const Mutations& mutations, const PasswordSetting& passwords, MailOutbox& mail,
                Throttle& throttle)
      : database_(database), mutations_(mutations), passwords_(passwords), mail_(mail), throttle_(throttle) {}

  // OK whether there is such an account or not, and whether it has had its mails or not, after the same work.
  // FAILED_PRECONDITION / MAIL_NOT_CONFIGURED; RESOURCE_EXHAUSTED / RATE_LIMITED, by address and by name.
  absl::Status Request(const RequestContext& context, const Caller& caller, const std::string& login,
                       const ClientInfo& told);

  struct Done {
    int64_t ended_sessions = 0;
    ConsistencyToken token;
  };
  // UNAUTHENTICATED / MAILED_TOKEN_INVALID; INVALID_ARGUMENT, which leaves the token good; RESOURCE_EXHAUSTED /
  // OVERLOADED.
  absl::StatusOr<Done> Reset(const RequestContext& context, const Caller& caller, const Secret& token,
                             const Secret& new_password, const ClientInfo& told);

 private:
  absl::StatusOr<absl::optional<accounts::Account>> FindRecipient(const RequestContext& context, const Caller& caller,
                                                                  const LoginName& name) const;
  absl::StatusOr<accounts::Account> FindAccount(const RequestContext& context, const OpaqueToken& token) const;
  absl::Status Mail(Transaction& transaction, const absl::optional<accounts::Account>& account) const;

  Database& database_;
  const Mutations& mutations_;
  const PasswordSetting& passwords_;
  MailOutbox& mail_;
  Throttle& throttle_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCOUNT_PASSWORD_RESET_H_
