#ifndef IDENTITY_DB_STORES_API_KEYS_H_
#define IDENTITY_DB_STORES_API_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"

// API keys. Errors are those of Transaction::Execute unless said otherwise.
namespace identity::api_keys {

struct ApiKey {
  ApiKeyId id;
  PrincipalId owner_id;
  std::string display_name;
  std::string hash;
  Scopes scopes;
  absl::Time create_time;
  absl::Time expire_time = absl::InfiniteFuture();
  absl::optional<absl::Time> last_use_time;
  absl::optional<absl::Time> revoke_time;
  int64_t requests_per_minute = 0;  // 0: the key has no quota of its own
};

// The number of the owner's keys that are neither revoked nor expired.
absl::StatusOr<int64_t> CountLive(Transaction& transaction, const PrincipalId& owner);
// The database sets `id` and all times except `expire_time`.
absl::StatusOr<ApiKeyId> Insert(Transaction& transaction, const ApiKey& key);
absl::StatusOr<absl::optional<ApiKey>> Find(Transaction& transaction, const ApiKeyId& id);
// Those of `ids` that exist, in no particular order.
absl::StatusOr<std::vector<ApiKey>> Find(Transaction& transaction, const std::vector<ApiKeyId>& ids);
// Up to `limit` keys of `owner`, newest first, including revoked and expired ones. With `before`, only older ones.
absl::StatusOr<std::vector<ApiKey>> List(Transaction& transaction, const PrincipalId& owner,
                                         const absl::optional<ApiKeyId>& before, int64_t limit);
// Up to `limit` keys that callers may still use, newest first: not expired, and not revoked more than an hour ago. With
// `before`, only older ones.
absl::StatusOr<std::vector<ApiKey>> ListRecent(Transaction& transaction, const absl::optional<ApiKeyId>& before,
                                               int64_t limit);
absl::Status Revoke(Transaction& transaction, const ApiKeyId& id);
// Makes the key expire `span` from now, unless it expires sooner.
absl::Status ExpireAfter(Transaction& transaction, const ApiKeyId& id, absl::Duration span);
// Returns the keys that had not been revoked before.
absl::StatusOr<std::vector<ApiKeyId>> RevokeAllOf(Transaction& transaction, const PrincipalId& owner);
// Notes that the keys were used just now. No decision depends on it, so it needs no revision.
absl::Status Touch(Transaction& transaction, const std::vector<ApiKeyId>& ids);

}  // namespace identity::api_keys

#endif  // IDENTITY_DB_STORES_API_KEYS_H_
