#include "db/stores/signing_keys.h"

#include "server/base/status_macros.h"

namespace identity::signing_keys {
namespace {

#define HAS_RETIRED "state = 'retiring' AND retire_time < clock_timestamp() - interval '2 hours'"

}  // namespace

absl::StatusOr<std::vector<StoredKey>> All(Transaction& transaction) {
  static constexpr Statement kAll = {
      "all_signing_keys",
      "SELECT kid, algorithm, state, public_key, sealed_private_key, master_key_id, create_time, retire_time "
      "FROM all_signing_keys ORDER BY create_time, kid"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kAll));
  std::vector<StoredKey> keys;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Rows::Row row = rows[i];
    // A newer server may write algorithms and states that this one does not know. Tokens of such an algorithm are
    // invalid here. A key in such a state verifies and never signs.
    const absl::optional<SigningAlgorithm> algorithm = ParseSigningAlgorithm(row.Text("algorithm"));
    if (!algorithm) continue;
    const SigningKeyState state = ParseSigningKeyState(row.Text("state")).value_or(SigningKeyState::kRetiring);
    keys.push_back({row.Text("kid"), *algorithm, state, row.Bytes("public_key"), row.Bytes("sealed_private_key"),
                    row.Text("master_key_id"), row.Time("create_time"), row.OptionalTime("retire_time")});
  }
  return keys;
}

absl::Status Insert(Transaction& transaction, const StoredKey& key) {
  static constexpr Statement kInsert = {
      "insert_signing_key",
      "INSERT INTO all_signing_keys (kid, algorithm, state, public_key, sealed_private_key, master_key_id) "
      "VALUES ($1, $2, $3, $4, $5, $6)"};
  return transaction
      .Execute(kInsert, Params()
                            .Add(key.kid)
                            .Add(NameOf(key.algorithm))
                            .Add(NameOf(key.state))
                            .AddBytes(key.public_key)
                            .AddBytes(key.sealed_private_key)
                            .Add(key.master_key_id))
      .status();
}

absl::Status Rotate(Transaction& transaction, SigningAlgorithm algorithm, absl::string_view next) {
  // Two statements: a unique index allows at most one active key of an algorithm at any moment.
  static constexpr Statement kRetire = {"retire_signing_key",
                                        "UPDATE all_signing_keys SET state = 'retiring', retire_time = "
                                        "clock_timestamp() WHERE state = 'active' AND algorithm = $1"};
  RETURN_IF_ERROR(transaction.Execute(kRetire, Params().Add(NameOf(algorithm))).status());
  return Activate(transaction, next);
}

absl::Status Activate(Transaction& transaction, absl::string_view kid) {
  static constexpr Statement kActivate = {"activate_signing_key",
                                          "UPDATE all_signing_keys SET state = 'active' WHERE kid = $1"};
  return transaction.Execute(kActivate, Params().Add(kid)).status();
}

absl::Status Delete(Transaction& transaction, absl::string_view kid) {
  static constexpr Statement kDelete = {"delete_signing_key", "DELETE FROM all_signing_keys WHERE kid = $1"};
  return transaction.Execute(kDelete, Params().Add(kid)).status();
}

absl::StatusOr<bool> HasRetired(Transaction& transaction) {
  static constexpr Statement kHas = {"has_retired_signing_keys",
                                     "SELECT EXISTS (SELECT FROM all_signing_keys WHERE " HAS_RETIRED ") AS has"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kHas));
  return rows[0].Bool("has");
}

absl::StatusOr<std::vector<std::string>> DeleteRetired(Transaction& transaction) {
  static constexpr Statement kDelete = {"delete_retired_signing_keys",
                                        "DELETE FROM all_signing_keys WHERE " HAS_RETIRED " RETURNING kid"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kDelete));
  std::vector<std::string> kids;
  for (size_t i = 0; i < rows.size(); ++i) kids.push_back(rows[i].Text("kid"));
  return kids;
}

}  // namespace identity::signing_keys
