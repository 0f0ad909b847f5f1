#ifndef IDENTITY_APP_LOGIN_IDENTITY_LINKING_H_
#define IDENTITY_APP_LOGIN_IDENTITY_LINKING_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/second_factors.h"
#include "server/app/access/caller.h"
#include "server/app/access/client_info.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/login_attempt.h"
#include "server/domain/external/identity_provider.h"
#include "server/domain/ids.h"

namespace identity {

// Links identities of other issuers to accounts. Thread-safe.
class IdentityLinking {
 public:
  explicit IdentityLinking(MailOutbox& mail) : mail_(mail) {}

  // Links the identity to the account of `owner`, who has shown every factor of the account, or owns the address that
  // both sides have verified. Mails the owner and audits. False: the identity is linked already, or was removed.
  absl::StatusOr<bool> Link(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                            const PrincipalId& owner, const second_factors::PendingIdentity& identity) const;

  // The same once the owner has answered the challenge of a login by this identity, which may be linked already.
  // Returns why the login must fail: the identity was revoked, removed or linked to another account in the meantime.
  absl::StatusOr<absl::optional<FailureCause>> LinkAfterChallenge(
      Transaction& transaction, const Caller& caller, const ClientInfo& client, const PrincipalId& owner,
      const second_factors::PendingIdentity& identity) const;

  // Creates an account with the address of `profile`, which the account owns if the provider has verified it, and links
  // the identity to it. False, and the mutation is discarded: the identity is linked already or was removed, or another
  // account has just verified the address.
  absl::StatusOr<bool> CreateAccount(Mutation& mutation, const ClientInfo& claimed, const ExternalProfile& profile,
                                     const second_factors::PendingIdentity& identity) const;

  // After the commit of any of these.
  void WakeMail() const { mail_.Wake(); }

 private:
  MailOutbox& mail_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_IDENTITY_LINKING_H_
