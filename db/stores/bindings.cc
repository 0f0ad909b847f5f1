#include "db/stores/bindings.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity::bindings {
namespace {

#define BINDING_COLUMNS "id, principal_id, role, resource, expire_time, create_time, origin FROM bindings"

absl::StatusOr<StoredBinding> ReadBinding(const Rows::Row& row) {
  ASSIGN_OR_RETURN(Resource resource, Resource::Parse(row.Text("resource")));
  return StoredBinding{PrincipalId(row.Id("principal_id")),
                       {BindingId(row.Id("id")), row.Text("role"), std::move(resource), row.Time("expire_time")},
                       row.Time("create_time"),
                       row.Text("origin")};
}

}  // namespace

absl::StatusOr<StoredBinding> Insert(Transaction& transaction, const PrincipalId& principal_id, const Binding& binding,
                                     absl::string_view origin) {
  static constexpr Statement kInsert = {"insert_binding",
                                        "INSERT INTO bindings (principal_id, role, resource, expire_time, origin) "
                                        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING "
                                        "RETURNING id, principal_id, role, resource, expire_time, create_time, origin"};
  static constexpr Statement kDeleteExpired = {"delete_expired_binding",
                                               "DELETE FROM bindings WHERE principal_id = $1 AND role = $2 AND "
                                               "resource = $3 AND expire_time <= clock_timestamp()"};
  const Params key = Params().Add(principal_id).Add(binding.role).Add(binding.resource.text());
  const Params values = Params(key).Add(binding.expire_time).Add(origin);
  ASSIGN_OR_RETURN(Rows inserted, transaction.Execute(kInsert, values));
  if (inserted.empty()) {
    RETURN_IF_ERROR(transaction.Execute(kDeleteExpired, key).status());
    ASSIGN_OR_RETURN(inserted, transaction.Execute(kInsert, values));
  }
  if (inserted.empty()) {
    return Error(ErrorReason::kAlreadyExists, "binding: the principal has this role on this resource already");
  }
  return ReadBinding(inserted[0]);
}

absl::Status Renew(Transaction& transaction, const StoredBinding& stored, absl::Time expire_time) {
  static constexpr Statement kInsert = {
      "renew_binding",
      "INSERT INTO bindings (principal_id, role, resource, expire_time, create_time, origin) "
      "VALUES ($1, $2, $3, $4, $5, $6)"};
  const Binding& binding = stored.binding;
  RETURN_IF_ERROR(Delete(transaction, binding.id));
  return transaction
      .Execute(kInsert, Params()
                            .Add(stored.principal_id)
                            .Add(binding.role)
                            .Add(binding.resource.text())
                            .Add(expire_time)
                            .Add(stored.create_time)
                            .Add(stored.origin))
      .status();
}

absl::StatusOr<int64_t> CountOfOrigin(Transaction& transaction, const PrincipalId& principal_id,
                                      absl::string_view origin) {
  static constexpr Statement kCount = {"count_bindings_of_origin",
                                       "SELECT count(*) AS n FROM bindings WHERE principal_id = $1 AND origin = $2 "
                                       "AND expire_time > clock_timestamp()"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kCount, Params().Add(principal_id).Add(origin)));
  return rows[0].Int("n");
}

absl::StatusOr<std::vector<StoredBinding>> OfOrigin(Transaction& transaction, const PrincipalId& principal_id,
                                                    absl::string_view origin) {
  static constexpr Statement kList = {"bindings_of_origin", "SELECT " BINDING_COLUMNS
                                                            " WHERE principal_id = $1 AND origin = $2"
                                                            " AND expire_time > clock_timestamp()"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params().Add(principal_id).Add(origin)));
  std::vector<StoredBinding> bindings;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSIGN_OR_RETURN(StoredBinding binding, ReadBinding(rows[i]));
    bindings.push_back(std::move(binding));
  }
  return bindings;
}

absl::StatusOr<std::vector<PrincipalId>> DeleteMapped(Transaction& transaction, const Mapped& which) {
  static constexpr Statement kDelete = {
      "delete_mapped_bindings",
      "WITH gone AS (DELETE FROM bindings WHERE ($1 = '' OR origin = $1) AND origin LIKE 'https://%'"
      "  AND ($2::uuid IS NULL OR principal_id = $2) AND NOT role || ' on ' || resource = ANY ($3::text[]) RETURNING "
      "principal_id) "
      "SELECT DISTINCT principal_id FROM gone"};
  std::vector<std::string> except;
  for (const Binding& kept : which.except) except.push_back(absl::StrCat(kept.role, " on ", kept.resource.text()));
  ASSIGN_OR_RETURN(const Rows rows,
                   transaction.Execute(kDelete, Params().Add(which.issuer).Add(which.principal_id).AddTexts(except)));
  std::vector<PrincipalId> ids;
  for (size_t i = 0; i < rows.size(); ++i) ids.emplace_back(rows[i].Id("principal_id"));
  return ids;
}

absl::StatusOr<absl::optional<StoredBinding>> Find(Transaction& transaction, const BindingId& id) {
  static constexpr Statement kFind = {"find_binding", "SELECT " BINDING_COLUMNS " WHERE id = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(id)));
  if (rows.empty()) return absl::optional<StoredBinding>();
  ASSIGN_OR_RETURN(StoredBinding binding, ReadBinding(rows[0]));
  return absl::optional<StoredBinding>(std::move(binding));
}

absl::Status Delete(Transaction& transaction, const BindingId& id) {
  static constexpr Statement kDelete = {"delete_binding", "DELETE FROM bindings WHERE id = $1"};
  return transaction.Execute(kDelete, Params().Add(id)).status();
}

absl::StatusOr<std::vector<StoredBinding>> List(Transaction& transaction, const Filter& filter, const BindingId& after,
                                                int64_t limit) {
  static constexpr Statement kList = {"list_bindings",
                                      "SELECT " BINDING_COLUMNS
                                      " WHERE id > $1 AND expire_time > clock_timestamp()"
                                      "   AND ($2::uuid IS NULL OR principal_id = $2) AND ($3 = '' OR role = $3)"
                                      "   AND ($4 = '' OR resource = $4 OR starts_with(resource, $4 || '/'))"
                                      " ORDER BY id LIMIT $5"};
  ASSIGN_OR_RETURN(
      const Rows rows,
      transaction.Execute(
          kList, Params().Add(after).Add(filter.principal_id).Add(filter.role).Add(filter.resource.text()).Add(limit)));
  std::vector<StoredBinding> bindings;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSIGN_OR_RETURN(StoredBinding binding, ReadBinding(rows[i]));
    bindings.push_back(std::move(binding));
  }
  return bindings;
}

absl::StatusOr<std::vector<PrincipalId>> ListCandidates(Transaction& transaction, const Candidates& candidates,
                                                        int64_t limit) {
  static constexpr Statement kList = {
      "list_candidates",
      "SELECT p.id FROM (SELECT principal_id AS id FROM bindings WHERE role = ANY ($1::text[])"
      "                    AND resource = ANY ($2::text[]) AND principal_id > $4 AND expire_time > clock_timestamp()"
      "                  UNION SELECT $3::uuid WHERE $3::uuid > $4) c "
      "JOIN principals p USING (id) WHERE p.disabled_time IS NULL AND p.delete_time IS NULL ORDER BY p.id LIMIT $5"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params()
                                                                   .AddTexts(candidates.roles)
                                                                   .AddTexts(candidates.resources)
                                                                   .Add(candidates.owner)
                                                                   .Add(candidates.after)
                                                                   .Add(limit)));
  std::vector<PrincipalId> ids;
  for (size_t i = 0; i < rows.size(); ++i) ids.emplace_back(rows[i].Id("id"));
  return ids;
}

absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit) {
  static constexpr Statement kClean = {"clean_bindings",
                                       "DELETE FROM bindings WHERE ctid = ANY (ARRAY(SELECT ctid FROM bindings "
                                       "WHERE expire_time < clock_timestamp() - interval '1 day' LIMIT $1))"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kClean, Params().Add(limit)));
  return rows.affected();
}

}  // namespace identity::bindings
