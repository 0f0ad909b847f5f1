#include "server/app/access/audit.h"

#include "absl/strings/str_cat.h"

namespace identity {
namespace {

// Names pod and node, because a service account may have many pods.
std::string DescriptionOf(const WorkloadIdentity& workload) {
  std::string text = absl::StrCat("by the workload ", workload.subject);
  if (!workload.pod.empty()) absl::StrAppend(&text, " in the pod ", workload.pod);
  if (!workload.node.empty()) absl::StrAppend(&text, " on the node ", workload.node);
  return text;
}

}  // namespace

audit::Event EventOf(const Caller& caller, const ClientInfo& client, const AuditReport& report) {
  audit::Event event;
  event.type = report.type;
  event.outcome = report.outcome;
  event.actor_id = caller.id();
  event.subject_id = report.subject;
  event.target = report.target;
  event.ip_address = client.ip_address;
  event.user_agent = client.user_agent;
  event.details = report.details;
  if (caller.subject && caller.subject->workload) {
    absl::StrAppend(&event.details, event.details.empty() ? "" : "; ", DescriptionOf(*caller.subject->workload));
  }
  return event;
}

absl::Status Audit(Transaction& transaction, const Caller& caller, const ClientInfo& client,
                   const AuditReport& report) {
  return audit::Append(transaction, EventOf(caller, client, report));
}

ClientInfo ClientOf(const Caller& caller) { return {caller.client_address, caller.user_agent, ""}; }

}  // namespace identity
