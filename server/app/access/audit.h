#ifndef IDENTITY_APP_ACCESS_AUDIT_H_
#define IDENTITY_APP_ACCESS_AUDIT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "db/stores/audit.h"
#include "server/app/access/admission.h"
#include "server/app/access/client_info.h"

namespace identity {

// What the audit says of an event; the call itself tells who did it and from where. A value.
struct AuditReport {
  audit::EventType type;
  absl::optional<PrincipalId> subject = {};  // whose account it is about
  std::string target = {};                   // the id of what it is about
  std::string details = {};                  // for people; never a secret
  audit::Outcome outcome = audit::Outcome::kSuccess;
};

// The one way to audit: writes the event in `transaction`, so that it is kept exactly when what it reports is. `client`
// is the caller itself or the end user that the caller may vouch for (TrustedClientInfo).
absl::Status Audit(Transaction& transaction, const Caller& caller, const ClientInfo& client, const AuditReport& report);

// The client of a caller that acts for itself.
ClientInfo ClientOf(const Caller& caller);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_AUDIT_H_
