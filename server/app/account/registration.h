#ifndef IDENTITY_APP_ACCOUNT_REGISTRATION_H_
#define IDENTITY_APP_ACCOUNT_REGISTRATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "db/stores/accounts.h"
#include "server/app/access/caller.h"
#include "server/app/access/client_info.h"
#include "server/app/access/throttle.h"
#include "server/app/account/email_verification.h"
#include "server/app/account/password_setting.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/base/secret.h"
#include "server/domain/password.h"

namespace identity {

// Lets people create their own accounts. Thread-safe.
class Registration {
 public:
  Registration(const Mutations& mutations, const PasswordSetting& passwords, const EmailVerification& verification,
               MailOutbox& mail, Throttle& throttle)
      : mutations_(mutations), passwords_(passwords), verification_(verification), mail_(mail), throttle_(throttle) {}

  struct Request {
    std::string username;
    std::string email;
    Secret password;
    std::string full_name;
    ClientInfo client_info;
  };
  struct Registered {
    accounts::Account account;
    ConsistencyToken token;
  };
  // INVALID_ARGUMENT; ALREADY_EXISTS for the username and, when the server sends no mail, for the address;
  // RESOURCE_EXHAUSTED / RATE_LIMITED, OVERLOADED.
  absl::StatusOr<Registered> Register(const RequestContext& context, const Caller& caller, const Request& request);

 private:
  absl::StatusOr<Registered> TryRegister(const RequestContext& context, const Caller& caller, const Request& request);
  absl::StatusOr<accounts::Account> Create(Mutation& mutation, const std::string& username,
                                           const std::string& email_folded, const PasswordHash& hash,
                                           const Request& request) const;
  absl::StatusOr<PrincipalId> Insert(Mutation& mutation, const std::string& username, const std::string& email_folded,
                                     const Request& request) const;

  const Mutations& mutations_;
  const PasswordSetting& passwords_;
  const EmailVerification& verification_;
  MailOutbox& mail_;
  Throttle& throttle_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCOUNT_REGISTRATION_H_
