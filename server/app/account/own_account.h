#ifndef IDENTITY_APP_ACCOUNT_OWN_ACCOUNT_H_
#define IDENTITY_APP_ACCOUNT_OWN_ACCOUNT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/accounts.h"
#include "db/stores/sessions.h"
#include "server/app/access/caller.h"
#include "server/app/access/throttle.h"
#include "server/app/account/email_verification.h"
#include "server/app/account/password_setting.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/proofs.h"
#include "server/app/login/token_issuer.h"
#include "server/base/secret.h"

namespace identity {

// The caller's own account: lets users read and change it. Every caller has a credential. Thread-safe.
class OwnAccount {
 public:
  OwnAccount(Database& database, const Mutations& mutations, const PasswordSetting& passwords, const Proofs& proofs,
             const EmailVerification& verification, const TokenIssuer& issuer, MailOutbox& mail, Throttle& throttle)
      : database_(database),
        mutations_(mutations),
        passwords_(passwords),
        proofs_(proofs),
        verification_(verification),
        issuer_(issuer),
        mail_(mail),
        throttle_(throttle) {}

  // NOT_FOUND when the caller is not a user.
  absl::StatusOr<accounts::Account> Get(const RequestContext& context, const Caller& caller);

  struct Update {
    absl::optional<std::string> full_name;
    absl::optional<std::string> email;
    Proof proof;  // needed for `email`
  };
  // Returns the account after the update. INVALID_ARGUMENT; errors of Proofs::Require. For an address: ALREADY_EXISTS
  // when the server sends no mail, RESOURCE_EXHAUSTED / RATE_LIMITED when it does.
  absl::StatusOr<accounts::Account> Apply(const RequestContext& context, const Caller& caller, const Update& update);

  struct NewPassword {
    Secret text;
    bool revoke_api_keys = false;
  };
  struct PasswordChange {
    int64_t ended_sessions = 0;
    TokenSet tokens;  // of the caller's session, which continues
    ConsistencyToken token;
  };
  // INVALID_ARGUMENT; errors of Proofs::Require; RESOURCE_EXHAUSTED / OVERLOADED, or RATE_LIMITED by account.
  absl::StatusOr<PasswordChange> ChangePassword(const RequestContext& context, const Caller& caller, const Proof& proof,
                                                const NewPassword& password);

  // FAILED_PRECONDITION / LAST_SUPER_ADMIN; errors of Proofs::Require.
  absl::StatusOr<ConsistencyToken> Deactivate(const RequestContext& context, const Caller& caller, const Proof& proof);

 private:
  struct Replaced {
    int64_t ended_sessions = 0;
    sessions::Session session;  // the caller's
    PrincipalFacts principal;
  };
  absl::StatusOr<accounts::Account> WriteUpdate(AuditedWrite& write, const Update& update) const;
  struct Replacement {
    const PasswordHash& hash;
    absl::Time verified_change_time;  // of the password that the proof showed
    bool revoke_api_keys = false;
  };
  absl::StatusOr<Replaced> ReplacePassword(Mutation& mutation, const accounts::Account& account,
                                           const Replacement& replacement) const;
  absl::StatusOr<bool> ChangeEmail(Transaction& transaction, const accounts::Account& account,
                                   const std::string& email) const;

  Database& database_;
  const Mutations& mutations_;
  const PasswordSetting& passwords_;
  const Proofs& proofs_;
  const EmailVerification& verification_;
  const TokenIssuer& issuer_;
  MailOutbox& mail_;
  Throttle& throttle_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCOUNT_OWN_ACCOUNT_H_
