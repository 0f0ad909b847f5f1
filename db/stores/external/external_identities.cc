#include "db/stores/external/external_identities.h"

#include <utility>

#include "server/base/status_macros.h"

namespace identity::external_identities {

absl::Status Lock(Transaction& transaction, const Key& key) {
  static constexpr Statement kLock = {
      "lock_external_identity",
      "SELECT pg_advisory_xact_lock(hashtextextended('identity.external ' || $1 || ' ' || $2, 0))"};
  return transaction.Execute(kLock, Params().Add(key.issuer).Add(key.subject)).status();
}

absl::StatusOr<absl::optional<Link>> Find(Transaction& transaction, const Key& key) {
  static constexpr Statement kFind = {
      "find_external_identity",
      "SELECT e.principal_id, e.unlink_time IS NOT NULL AS removed, e.claims_time,"
      "  e.link_time > clock_timestamp() - interval '24 hours'"
      "    AND e.link_time > p.create_time + interval '10 seconds' AS recent "
      "FROM external_identities e JOIN principals p ON p.id = e.principal_id WHERE issuer = $1 AND subject = $2"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(key.issuer).Add(key.subject)));
  if (rows.empty()) return absl::optional<Link>();
  return absl::make_optional(Link{PrincipalId(rows[0].Id("principal_id")), rows[0].Bool("removed"),
                                  rows[0].Time("claims_time"), rows[0].Bool("recent")});
}

absl::StatusOr<bool> Insert(Transaction& transaction, const Key& key, const PrincipalId& principal,
                            absl::string_view label) {
  static constexpr Statement kInsert = {
      "insert_external_identity",
      "INSERT INTO external_identities (issuer, subject, principal_id, label) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT DO NOTHING"};
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(kInsert, Params().Add(key.issuer).Add(key.subject).Add(principal).Add(label)));
  return rows.affected() > 0;
}

absl::StatusOr<std::vector<Listed>> List(Transaction& transaction, const PrincipalId& principal) {
  static constexpr Statement kList = {
      "list_external_identities",
      "SELECT e.issuer, e.subject, coalesce(p.name, '') AS provider, e.label, e.link_time FROM external_identities e "
      "LEFT JOIN identity_providers p USING (issuer) WHERE e.principal_id = $1 AND e.unlink_time IS NULL "
      "ORDER BY e.link_time, e.issuer, e.subject"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params().Add(principal)));
  std::vector<Listed> identities;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    identities.push_back(
        {{row.Text("issuer"), row.Text("subject")}, row.Text("provider"), row.Text("label"), row.Time("link_time")});
  }
  return identities;
}

absl::StatusOr<bool> HasOther(Transaction& transaction, const PrincipalId& principal, const Key& key) {
  static constexpr Statement kHas = {
      "has_other_external_identity",
      "SELECT EXISTS (SELECT FROM external_identities e JOIN identity_providers p USING (issuer)"
      "  WHERE e.principal_id = $1 AND e.unlink_time IS NULL AND NOT p.disabled AND cardinality(p.audiences) > 0"
      "  AND (e.issuer, e.subject) <> ($2, $3)"
      "  AND NOT EXISTS (SELECT FROM external_revocations r WHERE r.issuer = e.issuer AND r.subject = e.subject)) AS "
      "has"};
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(kHas, Params().Add(principal).Add(key.issuer).Add(key.subject)));
  return rows[0].Bool("has");
}

absl::Status SetClaimsTime(Transaction& transaction, const Key& key, absl::Time time) {
  static constexpr Statement kSet = {
      "set_claims_time",
      "UPDATE external_identities SET claims_time = greatest(claims_time, $3) WHERE issuer = $1 AND subject = $2"};
  return transaction.Execute(kSet, Params().Add(key.issuer).Add(key.subject).Add(time)).status();
}

absl::StatusOr<bool> Remove(Transaction& transaction, const PrincipalId& principal, const Key& key) {
  static constexpr Statement kRemove = {
      "remove_external_identity",
      "UPDATE external_identities SET unlink_time = clock_timestamp() "
      "WHERE issuer = $1 AND subject = $2 AND principal_id = $3 AND unlink_time IS NULL"};
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(kRemove, Params().Add(key.issuer).Add(key.subject).Add(principal)));
  return rows.affected() > 0;
}

absl::StatusOr<int64_t> Forget(Transaction& transaction, const PrincipalId& principal) {
  static constexpr Statement kForget = {
      "forget_external_identities", "DELETE FROM external_identities WHERE principal_id = $1 AND unlink_time IS NULL"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kForget, Params().Add(principal)));
  return rows.affected();
}

}  // namespace identity::external_identities
