#include "server/view/revocations.h"

#include <algorithm>

#include "server/base/mutex.h"

namespace identity {

bool Revocations::Contains(const Uuid& id) const {
  const Shard& shard = shards_[IndexOf(id)];
  MutexLock lock(shard.mutex);
  return shard.until.contains(id);
}

void Revocations::Add(const Revocation& revocation) {
  Shard& shard = shards_[IndexOf(revocation.id)];
  MutexLock lock(shard.mutex);
  absl::Time& until = shard.until.emplace(revocation.id, revocation.until).first->second;
  until = std::max(until, revocation.until);
}

void Revocations::Reset(const std::vector<Revocation>& revocations) {
  for (Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    shard.until.clear();
  }
  for (const Revocation& revocation : revocations) Add(revocation);
}

void Revocations::Prune(absl::Time now) {
  for (Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    absl::erase_if(shard.until, [now](const auto& entry) { return entry.second <= now; });
  }
}

size_t Revocations::size() const {
  size_t count = 0;
  for (const Shard& shard : shards_) {
    MutexLock lock(shard.mutex);
    count += shard.until.size();
  }
  return count;
}

}  // namespace identity
