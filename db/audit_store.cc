#include "db/audit_store.h"

namespace identity::audit {

absl::Status Append(Transaction& transaction, const Event& event) {
  static constexpr Statement kAppend = {
      "append_audit",
      "INSERT INTO audit_events (id, event_time, event, outcome, actor_id, subject_id, target, ip_address, user_agent, "
      "details) SELECT uuid_v7(now), now, $1, $2, $3, $4, $5, $6, $7, $8 FROM (SELECT clock_timestamp() AS now) AS "
      "clock"};
  return transaction
      .Execute(kAppend, Params()
                            .Add(event.event)
                            .Add(event.outcome)
                            .Add(event.actor_id)
                            .Add(event.subject_id)
                            .Add(event.target)
                            .Add(event.ip_address)
                            .Add(event.user_agent)
                            .Add(event.details))
      .status();
}

}  // namespace identity::audit
