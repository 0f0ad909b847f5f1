#include "server/app/access/key_use.h"

#include <utility>

#include "server/base/mutex.h"

namespace identity {

void KeyUse::Note(const ApiKeyId& id) {
  MutexLock lock(mutex_);
  used_.insert(id);
}

absl::flat_hash_set<ApiKeyId> KeyUse::Take() {
  MutexLock lock(mutex_);
  return std::exchange(used_, {});
}

}  // namespace identity
