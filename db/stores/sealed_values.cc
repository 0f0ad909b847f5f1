#include "db/stores/sealed_values.h"

#include <iterator>

#include "server/base/enum_names.h"
#include "server/base/status_macros.h"

namespace identity::sealed_values {
namespace {

// A table with sealed values.
struct Table {
  Kind value;
  const char* name;
  absl::string_view below_all_ids;
  Statement lock;
  Statement replace;
};

#define SIGNING_KEYS "signing keys"
#define APPS "authenticator apps"
#define MAILS "mails"

#define LOCK_OTHERS(table, id, bound_to, sealed)                                                               \
  "SELECT " id "::text AS id, " bound_to "::text AS bound_to, " sealed " AS sealed, master_key_id FROM " table \
  " WHERE " id " > $2 AND master_key_id <> $1 ORDER BY " table "." id " LIMIT $3 FOR UPDATE"
#define REPLACE(table, id, sealed) "UPDATE " table " SET " sealed " = $2, master_key_id = $3 WHERE " id " = $1"
#define COUNT_OTHERS(name, table)                                           \
  "SELECT '" name "' AS name, master_key_id, count(*) AS count FROM " table \
  " WHERE master_key_id <> ALL ($1::text[]) GROUP BY master_key_id"

constexpr absl::string_view kNilUuid = "00000000-0000-0000-0000-000000000000";

constexpr Table kTables[] = {
    {Kind::kSigningKey,
     SIGNING_KEYS,
     "",
     {"lock_sealed_signing_keys", LOCK_OTHERS("all_signing_keys", "kid", "kid", "sealed_private_key")},
     {"replace_sealed_signing_key", REPLACE("all_signing_keys", "kid", "sealed_private_key")}},
    {Kind::kTotp,
     APPS,
     kNilUuid,
     {"lock_sealed_totp", LOCK_OTHERS("totp_factors", "principal_id", "principal_id", "sealed_secret")},
     {"replace_sealed_totp", REPLACE("totp_factors", "principal_id", "sealed_secret")}},
    {Kind::kMail,
     MAILS,
     kNilUuid,
     {"lock_sealed_mails", LOCK_OTHERS("outbox", "id", "kind", "sealed")},
     {"replace_sealed_mail", REPLACE("outbox", "id", "sealed")}},
};
static_assert(NamesEach(kTables, Kind::kMail) && std::size(kTables) == std::size(kKinds));

const Table& TableOf(Kind kind) { return kTables[static_cast<size_t>(kind)]; }

}  // namespace

absl::string_view NameOf(Kind kind) { return NameIn(kTables, kind); }

absl::StatusOr<std::vector<Count>> CountOthers(Transaction& transaction, const std::vector<std::string>& except) {
  static constexpr Statement kCount = {
      "count_sealed_values",
      COUNT_OTHERS(SIGNING_KEYS, "all_signing_keys") " UNION ALL " COUNT_OTHERS(
          APPS, "totp_factors") " UNION ALL " COUNT_OTHERS(MAILS, "outbox") " ORDER BY name DESC"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kCount, Params().AddTexts(except)));
  std::vector<Count> counts;
  for (size_t i = 0; i < rows.size(); ++i) {
    counts.push_back({*FindByName(kTables, rows[i].Text("name")), rows[i].Text("master_key_id"), rows[i].Int("count")});
  }
  return counts;
}

absl::StatusOr<std::vector<Value>> LockOthers(Transaction& transaction, Kind kind, absl::string_view master_key_id,
                                              absl::string_view after, int64_t limit) {
  const Table& table = TableOf(kind);
  ASSIGN_OR_RETURN(
      const Rows rows,
      transaction.Execute(table.lock,
                          Params().Add(master_key_id).Add(after.empty() ? table.below_all_ids : after).Add(limit)));
  std::vector<Value> values;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    values.push_back({row.Text("id"), row.Text("bound_to"), row.Bytes("sealed"), row.Text("master_key_id")});
  }
  return values;
}

absl::StatusOr<bool> MayReplace(Transaction& transaction) {
  static constexpr Statement kMay = {
      "may_replace_sealed_values",
      "SELECT has_column_privilege('all_signing_keys', 'sealed_private_key', 'UPDATE') AND "
      "has_column_privilege('totp_factors', 'sealed_secret', 'UPDATE') AND "
      "has_column_privilege('outbox', 'sealed', 'UPDATE') AS may"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kMay));
  return rows[0].Bool("may");
}

absl::Status Replace(Transaction& transaction, Kind kind, const Value& value) {
  return transaction
      .Execute(TableOf(kind).replace, Params().Add(value.id).AddBytes(value.sealed).Add(value.master_key_id))
      .status();
}

}  // namespace identity::sealed_values
