#include "db/stores/maintenance.h"

#include "server/base/status_macros.h"

namespace identity::maintenance {

absl::Status MaintainPartitions(Transaction& transaction) {
  static constexpr Statement kMaintain = {"maintain_partitions", "SELECT maintain_partitions()"};
  return transaction.Execute(kMaintain).status();
}

absl::StatusOr<bool> TakeTurn(Transaction& transaction) {
  static constexpr Statement kTake = {"take_housekeeping_turn",
                                      "SELECT pg_try_advisory_xact_lock(hashtext('identity.housekeeping')) AS taken"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kTake));
  return rows[0].Bool("taken");
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit) {
  static constexpr Statement kChanges = {
      "clean_changes",
      "DELETE FROM changes WHERE ctid = ANY (ARRAY(SELECT ctid FROM changes "
      "WHERE change_time < clock_timestamp() - interval '1 day' ORDER BY revision LIMIT $1))"};
  static constexpr Statement kRequests = {
      "clean_requests",
      "DELETE FROM remembered_requests WHERE ctid = ANY (ARRAY(SELECT ctid FROM remembered_requests "
      "WHERE create_time < clock_timestamp() - interval '25 hours' LIMIT $1))"};
  static constexpr Statement kBindings = {"clean_bindings",
                                          "DELETE FROM bindings WHERE ctid = ANY (ARRAY(SELECT ctid FROM bindings "
                                          "WHERE expire_time < clock_timestamp() - interval '1 day' LIMIT $1))"};
  static constexpr Statement kImports = {
      "clean_user_imports",
      "DELETE FROM user_imports WHERE ctid = ANY (ARRAY(SELECT ctid FROM user_imports "
      "WHERE update_time < clock_timestamp() - interval '30 days' LIMIT $1))"};
  ASSIGN_OR_RETURN(const Rows bindings, transaction.Execute(kBindings, Params().Add(limit)));
  ASSIGN_OR_RETURN(const Rows changes, transaction.Execute(kChanges, Params().Add(limit)));
  ASSIGN_OR_RETURN(const Rows requests, transaction.Execute(kRequests, Params().Add(limit)));
  ASSIGN_OR_RETURN(const Rows imports, transaction.Execute(kImports, Params().Add(limit)));
  return bindings.affected() + changes.affected() + requests.affected() + imports.affected();
}

}  // namespace identity::maintenance
