#include "server/app/access/key_use.h"

#include <utility>

namespace identity {

void KeyUse::Note(const ApiKeyId& id) {
  absl::MutexLock lock(&mutex_);
  used_.insert(id);
}

absl::flat_hash_set<ApiKeyId> KeyUse::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(used_, {});
}

}  // namespace identity
