#include "db/change_log.h"

#include "server/base/status_macros.h"

namespace identity::change_log {

absl::StatusOr<ConsistencyToken> Advance(Transaction& transaction) {
  static constexpr Statement kAdvance = {"advance_revision",
                                         "WITH advanced AS (UPDATE revision SET value = value + 1 RETURNING value) "
                                         "SELECT value, pg_notify('identity_changes', value::text) FROM advanced"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kAdvance));
  return ConsistencyToken{transaction.history(), rows[0].Int("value")};
}

absl::Status Record(Transaction& transaction, const ConsistencyToken& token, absl::string_view what,
                    absl::string_view whose) {
  static constexpr Statement kRecord = {"record_change",
                                        "INSERT INTO changes (revision, what, whose) VALUES ($1, $2, $3)"};
  return transaction.Execute(kRecord, Params().Add(token.revision).Add(what).Add(whose)).status();
}

absl::StatusOr<Moment> Now(Transaction& transaction) {
  static constexpr Statement kNow = {"moment", "SELECT value, clock_timestamp() AS time FROM revision"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kNow));
  return Moment{{transaction.history(), rows[0].Int("value")}, rows[0].Time("time")};
}

}  // namespace identity::change_log
