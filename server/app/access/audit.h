#ifndef IDENTITY_APP_ACCESS_AUDIT_H_
#define IDENTITY_APP_ACCESS_AUDIT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "db/stores/audit.h"
#include "server/app/access/caller.h"
#include "server/app/access/client_info.h"

namespace identity {

// The part of an audit event that the use case fills in; its actor and client come from the call. A value.
struct AuditReport {
  audit::EventType type;
  absl::optional<PrincipalId> subject = {};  // the principal that the event affects
  std::string target = {};                   // the id of the affected object
  std::string details = {};                  // for people; never a secret
  audit::Outcome outcome = audit::Outcome::kSuccess;
};

// The event that `report` means. Its actor is `caller`.
audit::Event EventOf(const Caller& caller, const ClientInfo& client, const AuditReport& report);
// The one way to audit outside of `Mutations`, except for refreshes, whose statement writes the event: writes the event
// in `transaction`, so the event is kept if and only if the reported change is. `client` is the caller's own
// (ClientOf), or the trusted part of the end user's (TrustedClientInfo).
absl::Status Audit(Transaction& transaction, const Caller& caller, const ClientInfo& client, const AuditReport& report);

// The client info of a caller that acts for itself.
ClientInfo ClientOf(const Caller& caller);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_AUDIT_H_
