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

// API keys, by id. Errors are those of Transaction::Execute unless said otherwise.
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
  int64_t requests_per_minute = 0;  // 0: no quota of its own
};

// How many of the owner's keys are neither revoked nor expired.
absl::StatusOr<int64_t> CountLive(Transaction& transaction, const PrincipalId& owner);
// `id` and the times but `expire_time` are the database's to set.
absl::StatusOr<ApiKeyId> Insert(Transaction& transaction, const ApiKey& key);
absl::StatusOr<absl::optional<ApiKey>> Find(Transaction& transaction, const ApiKeyId& id);
// Those that exist, in no order.
absl::StatusOr<std::vector<ApiKey>> Find(Transaction& transaction, const std::vector<ApiKeyId>& ids);
// Up to `limit` keys of `owner`, newest first, dead ones too; of those before `before` alone when it is set.
absl::StatusOr<std::vector<ApiKey>> List(Transaction& transaction, const PrincipalId& owner,
                                         const absl::optional<ApiKeyId>& before, int64_t limit);
absl::Status Revoke(Transaction& transaction, const ApiKeyId& id);
// Ends it so long after now, if it does not end sooner.
absl::Status ExpireAfter(Transaction& transaction, const ApiKeyId& id, absl::Duration span);
// Returns those that had not been revoked before.
absl::StatusOr<std::vector<ApiKeyId>> RevokeAllOf(Transaction& transaction, const PrincipalId& owner);
// Notes that the keys were used just now. Not part of what decisions depend on.
absl::Status Touch(Transaction& transaction, const std::vector<ApiKeyId>& ids);

}  // namespace identity::api_keys

#endif  // IDENTITY_DB_STORES_API_KEYS_H_
