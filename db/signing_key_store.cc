#include "db/signing_key_store.h"

#include "server/base/status_macros.h"

namespace identity::signing_keys {

absl::StatusOr<std::vector<StoredKey>> All(Transaction& transaction) {
  static constexpr Statement kAll = {
      "all_signing_keys",
      "SELECT kid, state, public_key, sealed_seed, master_key_id FROM signing_keys ORDER BY create_time, kid"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kAll));
  std::vector<StoredKey> keys;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    keys.push_back({row.Text("kid"), row.Text("state"), row.Bytes("public_key"), row.Bytes("sealed_seed"),
                    row.Text("master_key_id")});
  }
  return keys;
}

absl::Status InsertActive(Transaction& transaction, const StoredKey& key) {
  static constexpr Statement kInsert = {
      "insert_active_signing_key",
      "INSERT INTO signing_keys (kid, state, public_key, sealed_seed, master_key_id) VALUES ($1, 'active', $2, $3, $4) "
      "ON CONFLICT (state) WHERE state = 'active' DO NOTHING"};
  return transaction
      .Execute(kInsert, Params().Add(key.kid).AddBytes(key.public_key).AddBytes(key.sealed_seed).Add(key.master_key_id))
      .status();
}

}  // namespace identity::signing_keys
