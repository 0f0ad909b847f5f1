#include "db/audit_store.h"

#include <algorithm>

#include "server/base/status_macros.h"

namespace identity::audit {
namespace {

// One statement for each index, so that the planner does not have to see through what is not asked for. The ids begin
// with their time and so tell which partitions there are to read; they are as fine as a millisecond, the times finer.
#define SELECT_EVENTS                                                                                              \
  "SELECT id, event_time, event, outcome, actor_id, subject_id, target, ip_address, user_agent, details "          \
  "FROM audit_events WHERE id >= $1 AND id < $2 AND event_time >= $3 AND event_time < $4 "                         \
  "AND ($5::uuid IS NULL OR subject_id = $5) AND ($6::uuid IS NULL OR actor_id = $6) AND ($7 = '' OR event = $7) " \
  "AND starts_with(event, $8) AND ($9 = '' OR outcome = $9) "
#define NEWEST_FIRST "ORDER BY id DESC LIMIT $10"

const Statement& StatementFor(const Filter& filter) {
  static constexpr Statement kAll = {"list_audit_events", SELECT_EVENTS NEWEST_FIRST};
  static constexpr Statement kOfSubject = {"list_audit_events_of_subject",
                                           SELECT_EVENTS "AND subject_id = $5 " NEWEST_FIRST};
  static constexpr Statement kOfActor = {"list_audit_events_of_actor", SELECT_EVENTS "AND actor_id = $6 " NEWEST_FIRST};
  static constexpr Statement kOfEvent = {"list_audit_events_of_event", SELECT_EVENTS "AND event = $7 " NEWEST_FIRST};
  if (filter.subject_id) return kOfSubject;
  if (filter.actor_id) return kOfActor;
  return filter.event.empty() ? kAll : kOfEvent;
}

absl::optional<PrincipalId> OptionalPrincipal(const Rows::Row& row, absl::string_view column) {
  if (row.IsNull(column)) return absl::nullopt;
  return PrincipalId(row.Id(column));
}

StoredEvent ReadEvent(const Rows::Row& row) {
  StoredEvent stored;
  stored.id = AuditEventId(row.Id("id"));
  stored.time = row.Time("event_time");
  stored.event.event = row.Text("event");
  stored.event.outcome = row.Text("outcome");
  stored.event.actor_id = OptionalPrincipal(row, "actor_id");
  stored.event.subject_id = OptionalPrincipal(row, "subject_id");
  stored.event.target = row.Text("target");
  stored.event.ip_address = row.Text("ip_address");
  stored.event.user_agent = row.Text("user_agent");
  stored.event.details = row.Text("details");
  return stored;
}

// Exclusive: above all ids of events before `filter.end_time`, or where the last page ended.
Uuid UpperBound(const Filter& filter, const absl::optional<AuditEventId>& before) {
  std::array<uint8_t, 16> all_ones;
  all_ones.fill(0xff);
  Uuid bound(all_ones);
  if (filter.end_time != absl::InfiniteFuture()) bound = LowestUuidOf(filter.end_time + absl::Milliseconds(1));
  return before ? std::min(bound, before->uuid()) : bound;
}

}  // namespace

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

absl::StatusOr<std::vector<StoredEvent>> List(Transaction& transaction, const Filter& filter,
                                              const absl::optional<AuditEventId>& before, int64_t limit) {
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(StatementFor(filter), Params()
                                                                                  .Add(LowestUuidOf(filter.start_time))
                                                                                  .Add(UpperBound(filter, before))
                                                                                  .Add(filter.start_time)
                                                                                  .Add(filter.end_time)
                                                                                  .Add(filter.subject_id)
                                                                                  .Add(filter.actor_id)
                                                                                  .Add(filter.event)
                                                                                  .Add(filter.event_prefix)
                                                                                  .Add(filter.outcome)
                                                                                  .Add(limit)));
  std::vector<StoredEvent> events;
  for (size_t i = 0; i < rows.size(); ++i) events.push_back(ReadEvent(rows[i]));
  return events;
}

}  // namespace identity::audit
