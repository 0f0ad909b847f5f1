#include "db/stores/api_keys.h"

#include <utility>

#include "server/base/status_macros.h"

namespace identity::api_keys {
namespace {

#define SELECT_KEYS                                                                                         \
  "SELECT id, owner_id, display_name, hash, scopes, create_time, expire_time, last_use_time, revoke_time, " \
  "requests_per_minute FROM api_keys "

absl::StatusOr<ApiKey> ReadKey(const Rows::Row& row) {
  ApiKey key;
  key.id = ApiKeyId(row.Id("id"));
  key.owner_id = PrincipalId(row.Id("owner_id"));
  key.display_name = row.Text("display_name");
  key.hash = row.Bytes("hash");
  ASSIGN_OR_RETURN(key.scopes, Scopes::ParseStored(row.Texts("scopes")));
  key.create_time = row.Time("create_time");
  key.expire_time = row.Time("expire_time");
  key.last_use_time = row.OptionalTime("last_use_time");
  key.revoke_time = row.OptionalTime("revoke_time");
  key.requests_per_minute = row.Int("requests_per_minute");
  return key;
}

absl::StatusOr<std::vector<ApiKey>> ReadKeys(const Rows& rows) {
  std::vector<ApiKey> keys;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSIGN_OR_RETURN(ApiKey key, ReadKey(rows[i]));
    keys.push_back(std::move(key));
  }
  return keys;
}

std::vector<std::string> ToTexts(const std::vector<ApiKeyId>& ids) {
  std::vector<std::string> texts;
  for (const ApiKeyId& id : ids) texts.push_back(id.ToString());
  return texts;
}

}  // namespace

absl::StatusOr<int64_t> CountLive(Transaction& transaction, const PrincipalId& owner) {
  static constexpr Statement kCount = {"count_live_api_keys",
                                       "SELECT count(*) AS live FROM api_keys WHERE owner_id = $1 "
                                       "AND revoke_time IS NULL AND expire_time > clock_timestamp()"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kCount, Params().Add(owner)));
  return rows[0].Int("live");
}

absl::StatusOr<ApiKeyId> Insert(Transaction& transaction, const ApiKey& key) {
  static constexpr Statement kInsert = {
      "insert_api_key",
      "INSERT INTO api_keys (owner_id, display_name, hash, scopes, expire_time, requests_per_minute) "
      "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kInsert, Params()
                                                                     .Add(key.owner_id)
                                                                     .Add(key.display_name)
                                                                     .AddBytes(key.hash)
                                                                     .AddTexts(key.scopes.ToStrings())
                                                                     .Add(key.expire_time)
                                                                     .Add(key.requests_per_minute)));
  return ApiKeyId(rows[0].Id("id"));
}

absl::StatusOr<absl::optional<ApiKey>> Find(Transaction& transaction, const ApiKeyId& id) {
  ASSIGN_OR_RETURN(std::vector<ApiKey> keys, Find(transaction, std::vector<ApiKeyId>{id}));
  if (keys.empty()) return absl::optional<ApiKey>();
  return absl::optional<ApiKey>(std::move(keys[0]));
}

absl::StatusOr<std::vector<ApiKey>> Find(Transaction& transaction, const std::vector<ApiKeyId>& ids) {
  if (ids.empty()) return std::vector<ApiKey>();
  static constexpr Statement kFind = {"find_api_keys", SELECT_KEYS "WHERE id = ANY ($1::uuid[])"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().AddTexts(ToTexts(ids))));
  return ReadKeys(rows);
}

absl::StatusOr<std::vector<ApiKey>> List(Transaction& transaction, const PrincipalId& owner,
                                         const absl::optional<ApiKeyId>& before, int64_t limit) {
  static constexpr Statement kList = {
      "list_api_keys", SELECT_KEYS "WHERE owner_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params().Add(owner).Add(before).Add(limit)));
  return ReadKeys(rows);
}

absl::StatusOr<std::vector<ApiKey>> ListRecent(Transaction& transaction, const absl::optional<ApiKeyId>& before,
                                               int64_t limit) {
  static constexpr Statement kList = {
      "list_recent_api_keys", SELECT_KEYS
      "WHERE coalesce(revoke_time, 'infinity') > now() - interval '1 hour' AND expire_time > now() AND ($1::uuid IS "
      "NULL OR id < $1) ORDER BY id DESC LIMIT $2"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params().Add(before).Add(limit)));
  return ReadKeys(rows);
}

absl::Status Revoke(Transaction& transaction, const ApiKeyId& id) {
  static constexpr Statement kRevoke = {
      "revoke_api_key", "UPDATE api_keys SET revoke_time = clock_timestamp() WHERE id = $1 AND revoke_time IS NULL"};
  return transaction.Execute(kRevoke, Params().Add(id)).status();
}

absl::Status ExpireAfter(Transaction& transaction, const ApiKeyId& id, absl::Duration span) {
  static constexpr Statement kExpire = {
      "expire_api_key",
      "UPDATE api_keys SET expire_time = least(expire_time, clock_timestamp() + $2::interval) WHERE id = $1"};
  return transaction.Execute(kExpire, Params().Add(id).Add(span)).status();
}

absl::StatusOr<std::vector<ApiKeyId>> RevokeAllOf(Transaction& transaction, const PrincipalId& owner) {
  static constexpr Statement kRevoke = {
      "revoke_api_keys_of",
      "UPDATE api_keys SET revoke_time = clock_timestamp() WHERE owner_id = $1 AND revoke_time IS NULL RETURNING id"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kRevoke, Params().Add(owner)));
  std::vector<ApiKeyId> ids;
  for (size_t i = 0; i < rows.size(); ++i) ids.emplace_back(rows[i].Id("id"));
  return ids;
}

absl::Status Touch(Transaction& transaction, const std::vector<ApiKeyId>& ids) {
  static constexpr Statement kTouch = {
      "touch_api_keys",
      "UPDATE api_keys SET last_use_time = clock_timestamp() WHERE id IN (SELECT id FROM api_keys "
      "WHERE id = ANY ($1::uuid[]) FOR NO KEY UPDATE SKIP LOCKED)"};
  return transaction.Execute(kTouch, Params().AddTexts(ToTexts(ids))).status();
}

}  // namespace identity::api_keys
