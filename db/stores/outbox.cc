#include "db/stores/outbox.h"

#include <algorithm>

#include "server/base/status_macros.h"

namespace identity::outbox {

absl::Status Enqueue(Transaction& transaction, absl::string_view kind, absl::string_view sealed,
                     absl::string_view master_key_id) {
  static constexpr Statement kEnqueue = {"enqueue_mail",
                                         "INSERT INTO outbox (kind, sealed, master_key_id) VALUES ($1, $2, $3)"};
  return transaction.Execute(kEnqueue, Params().Add(kind).AddBytes(sealed).Add(master_key_id)).status();
}

absl::StatusOr<std::vector<Mail>> Lease(Transaction& transaction, int64_t limit, absl::Duration lease) {
  // statement_timestamp(), which is constant: with clock_timestamp() PostgreSQL would not use the index.
  static constexpr Statement kLease = {
      "lease_mails",
      "WITH due AS MATERIALIZED ("
      "  SELECT id FROM outbox WHERE attempt_time <= statement_timestamp() ORDER BY attempt_time, id LIMIT $1"
      "    FOR UPDATE SKIP LOCKED), "
      "leased AS ("
      "  UPDATE outbox o SET attempt_time = clock_timestamp() + $2::interval, attempts = o.attempts + 1"
      "    FROM due WHERE o.id = due.id RETURNING o.*) "
      "SELECT id, kind, sealed, master_key_id, create_time, clock_timestamp() AS lease_time, attempts FROM leased "
      "ORDER BY create_time, id"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kLease, Params().Add(limit).Add(lease)));
  std::vector<Mail> mails;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    mails.push_back({row.Id("id"), row.Text("kind"), row.Bytes("sealed"), row.Text("master_key_id"),
                     row.Time("create_time"), row.Time("lease_time"), row.Int("attempts")});
  }
  return mails;
}

absl::Status Remove(Transaction& transaction, const Uuid& id) {
  static constexpr Statement kRemove = {"remove_mail", "DELETE FROM outbox WHERE id = $1"};
  return transaction.Execute(kRemove, Params().Add(id)).status();
}

absl::Status Postpone(Transaction& transaction, const Uuid& id, absl::Duration delay) {
  static constexpr Statement kPostpone = {
      "postpone_mail", "UPDATE outbox SET attempt_time = clock_timestamp() + $2::interval WHERE id = $1"};
  return transaction.Execute(kPostpone, Params().Add(id).Add(delay)).status();
}

absl::StatusOr<Backlog> ReadBacklog(Transaction& transaction) {
  static constexpr Statement kRead = {
      "read_mail_backlog",
      "SELECT count(*) AS mails, clock_timestamp() AS now, coalesce(min(create_time), clock_timestamp()) AS oldest "
      "FROM outbox"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kRead));
  const absl::Duration age = rows[0].Time("now") - rows[0].Time("oldest");
  return Backlog{rows[0].Int("mails"), std::max(age, absl::ZeroDuration())};
}

}  // namespace identity::outbox
