#ifndef IDENTITY_APP_CHANGE_AUDITED_WRITE_H_
#define IDENTITY_APP_CHANGE_AUDITED_WRITE_H_

#include "absl/status/status.h"
#include "db/database.h"
#include "server/app/access/admission.h"
#include "server/app/access/audit.h"
#include "server/app/access/client_info.h"
#include "server/view/facts.h"

namespace identity {

// A write on behalf of a caller: its transaction, the facts as that transaction sees them, the caller as it is now, and
// the way to audit. `Mutations` makes it. For one thread.
class AuditedWrite {
 public:
  Transaction& transaction() { return transaction_; }
  StoredFacts& facts() { return facts_; }
  // The caller, with its principal as `facts` have it.
  const Caller& caller() const { return caller_; }

  // Writes the audit event; the actor is the caller.
  absl::Status Audit(const AuditReport& report);
  // Audits the end user's client instead of the caller's from now on, as far as the caller may vouch for it.
  absl::Status ActFor(const ClientInfo& claimed);

 protected:
  friend class Mutations;
  AuditedWrite(Transaction& transaction, const Caller& caller)
      : transaction_(transaction), facts_(transaction), caller_(caller), client_(ClientOf(caller)) {}
  // Looks at the caller's credential again. UNAUTHENTICATED / CALLER_INVALID when it was revoked meanwhile.
  absl::Status RefreshCaller();

 private:
  Transaction& transaction_;
  StoredFacts facts_;
  Caller caller_;
  ClientInfo client_;
};

}  // namespace identity

#endif  // IDENTITY_APP_CHANGE_AUDITED_WRITE_H_
