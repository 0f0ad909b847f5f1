#include "db/stores/requests.h"

#include "server/base/status_macros.h"

namespace identity::requests {

absl::StatusOr<absl::optional<RememberedRequest>> Find(Transaction& transaction, const PrincipalId& caller,
                                                       const RequestId& id) {
  static constexpr Statement kFind = {
      "find_request",
      "SELECT fingerprint, object_id FROM remembered_requests WHERE caller_id = $1 AND request_id = $2 "
      "AND create_time > clock_timestamp() - interval '24 hours'"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(caller).Add(id)));
  if (rows.empty()) return absl::optional<RememberedRequest>();
  return absl::optional<RememberedRequest>({rows[0].Bytes("fingerprint"), rows[0].Text("object_id")});
}

absl::Status Remember(Transaction& transaction, const PrincipalId& caller, const RequestId& id,
                      const RememberedRequest& request) {
  static constexpr Statement kForget = {"forget_request",
                                        "DELETE FROM remembered_requests WHERE caller_id = $1 AND request_id = $2 "
                                        "AND create_time <= clock_timestamp() - interval '24 hours'"};
  static constexpr Statement kRemember = {
      "remember_request",
      "INSERT INTO remembered_requests (caller_id, request_id, fingerprint, object_id) VALUES ($1, $2, $3, $4)"};
  RETURN_IF_ERROR(transaction.Execute(kForget, Params().Add(caller).Add(id)).status());
  return transaction
      .Execute(kRemember, Params().Add(caller).Add(id).AddBytes(request.fingerprint).Add(request.object_id))
      .status();
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit) {
  static constexpr Statement kClean = {
      "clean_requests",
      "DELETE FROM remembered_requests WHERE ctid = ANY (ARRAY(SELECT ctid FROM remembered_requests "
      "WHERE create_time < clock_timestamp() - interval '25 hours' LIMIT $1))"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kClean, Params().Add(limit)));
  return rows.affected();
}

}  // namespace identity::requests
