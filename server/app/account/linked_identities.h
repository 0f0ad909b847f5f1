#ifndef IDENTITY_APP_ACCOUNT_LINKED_IDENTITIES_H_
#define IDENTITY_APP_ACCOUNT_LINKED_IDENTITIES_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/external/external_identities.h"
#include "server/app/access/caller.h"
#include "server/app/change/mail_outbox.h"
#include "server/app/change/mutation.h"
#include "server/app/login/proofs.h"
#include "server/base/request_context.h"

namespace identity {

// The identities at other issuers that can log in to the caller's own account. Thread-safe.
class LinkedIdentities {
 public:
  LinkedIdentities(Database& database, const Mutations& mutations, const Proofs& proofs, MailOutbox& mail)
      : database_(database), mutations_(mutations), proofs_(proofs), mail_(mail) {}

  // The oldest first.
  absl::StatusOr<std::vector<external_identities::Listed>> List(const RequestContext& context, const Caller& caller);

  // From now on the identity logs nobody in, and is never linked again. Sessions stay. Errors:
  // - FAILED_PRECONDITION / LAST_CREDENTIAL when nobody could log in any more: the account has neither a password nor
  //   another identity that works;
  // - INVALID_ARGUMENT, NOT_FOUND;
  // - those of Proofs::Require.
  absl::StatusOr<ConsistencyToken> Unlink(const RequestContext& context, const Caller& caller,
                                          const external_identities::Key& key, const Proof& proof);

 private:
  Database& database_;
  const Mutations& mutations_;
  const Proofs& proofs_;
  MailOutbox& mail_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCOUNT_LINKED_IDENTITIES_H_
