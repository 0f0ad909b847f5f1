#ifndef IDENTITY_APP_CHANGE_AUDITED_WRITE_H_
#define IDENTITY_APP_CHANGE_AUDITED_WRITE_H_

#include <vector>

#include "absl/status/status.h"
#include "db/database.h"
#include "server/app/access/audit.h"
#include "server/app/access/caller.h"
#include "server/app/access/client_info.h"
#include "server/view/facts.h"

namespace identity {

// A write on behalf of a caller. Gives access to the transaction, the facts that it sees, the caller's current state,
// and the audit. Made by `Mutations`. For one thread.
class AuditedWrite {
 public:
  Transaction& transaction() { return facts_.transaction(); }
  StoredFacts& facts() { return facts_; }
  // The caller, with its principal as in `facts()`.
  const Caller& caller() const { return caller_; }

  // Audits the event; the actor is the caller. It is kept if and only if the write is.
  void Audit(const AuditReport& report) { events_.push_back(EventOf(caller_, client_, report)); }
  // From now on audits the trusted part of the end user's client (TrustedClientInfo) instead of the caller's client.
  absl::Status ActFor(const ClientInfo& claimed);

 protected:
  friend class ChangeRunner;
  friend class Mutations;
  AuditedWrite(StoredFacts& facts, const Caller& caller) : facts_(facts), caller_(caller), client_(ClientOf(caller)) {}
  // Verifies the caller's credential again. UNAUTHENTICATED / CALLER_INVALID when it was revoked in the meantime.
  absl::Status RefreshCaller();

 private:
  StoredFacts& facts_;
  Caller caller_;
  ClientInfo client_;
  std::vector<audit::Event> events_;  // written at the end
};

}  // namespace identity

#endif  // IDENTITY_APP_CHANGE_AUDITED_WRITE_H_
