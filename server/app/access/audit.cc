#include "server/app/access/audit.h"

namespace identity {

absl::Status Audit(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                   const AuditReport& report) {
  audit::Event event;
  event.type = report.type;
  event.outcome = report.outcome;
  event.actor_id = caller.id();
  event.subject_id = report.subject;
  event.target = report.target;
  event.ip_address = client.ip_address;
  event.user_agent = client.user_agent;
  event.details = report.details;
  return audit::Append(transaction, event);
}

ClientInfo ClientOf(const Caller& caller) { return {caller.client_address, caller.user_agent, ""}; }

}  // namespace identity
