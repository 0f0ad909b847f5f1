#ifndef IDENTITY_VIEW_CACHE_H_
#define IDENTITY_VIEW_CACHE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "server/base/mutex.h"

namespace identity {

// Records by their own key. Keeps the most recently used records within a limit of memory. Thread-safe; a look-up holds
// a lock while it copies a record.
//
// Two generations approximate the order of use. A used record moves into the young generation. When the young one fills
// half of the limit, it becomes the old one, and the previous old one is evicted. So the most recently used records
// always fill half of the limit, and a record needs no memory beyond its own.
//
// Traits: `Key KeyOf(const Record&)` and `size_t BytesOf(const Record&)`, both static; a record must be cheap to copy.
template <typename Record, typename Traits>
class Cache {
 public:
  using Key = decltype(Traits::KeyOf(std::declval<const Record&>()));

  explicit Cache(size_t limit_bytes) : generation_bytes_(limit_bytes / kShards / 2) {}

  absl::optional<Record> Find(const Key& key) {
    Records discarded;  // destroyed after the lock is released
    Shard& shard = ShardOf(key);
    MutexLock lock(shard.mutex);
    if (const auto young = shard.young.find(key); young != shard.young.end()) return *young;
    const auto old = shard.old.find(key);
    if (old == shard.old.end()) return absl::nullopt;
    Record record = *old;
    shard.old.erase(old);
    discarded = Insert(shard, record);
    return record;
  }

  // Replaces the record with the same key.
  void Put(Record record) {
    Records discarded;
    Shard& shard = ShardOf(Traits::KeyOf(record));
    MutexLock lock(shard.mutex);
    Erase(shard, Traits::KeyOf(record));
    discarded = Insert(shard, std::move(record));
  }

  void Erase(const Key& key) {
    Shard& shard = ShardOf(key);
    MutexLock lock(shard.mutex);
    Erase(shard, key);
  }

  // Erases each record for which `condition` is true.
  template <typename Condition>
  void EraseIf(const Condition& condition) {
    for (Shard& shard : shards_) {
      MutexLock lock(shard.mutex);
      shard.young_bytes -= EraseFrom(shard.young, condition);
      EraseFrom(shard.old, condition);
    }
  }

  void Clear() {
    for (Shard& shard : shards_) {
      Records young;
      Records old;
      MutexLock lock(shard.mutex);
      young.swap(shard.young);
      old.swap(shard.old);
      shard.young_bytes = 0;
    }
  }

  bool Contains(const Key& key) const {
    const Shard& shard = shards_[IndexOf(key)];
    MutexLock lock(shard.mutex);
    return shard.young.contains(key) || shard.old.contains(key);
  }

  size_t size() const {
    size_t count = 0;
    for (const Shard& shard : shards_) {
      MutexLock lock(shard.mutex);
      count += shard.young.size() + shard.old.size();
    }
    return count;
  }

  // How many records had to go for newer ones.
  uint64_t evictions() const { return evictions_.load(std::memory_order_relaxed); }

 private:
  static constexpr size_t kShards = 64;

  struct Hash {
    using is_transparent = void;
    size_t operator()(const Key& key) const { return absl::Hash<Key>()(key); }
    size_t operator()(const Record& record) const { return (*this)(Traits::KeyOf(record)); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Record& a, const Record& b) const { return Traits::KeyOf(a) == Traits::KeyOf(b); }
    bool operator()(const Record& a, const Key& b) const { return Traits::KeyOf(a) == b; }
    bool operator()(const Key& a, const Record& b) const { return a == Traits::KeyOf(b); }
  };
  using Records = absl::flat_hash_set<Record, Hash, Equal>;

  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    Records young ABSL_GUARDED_BY(mutex);
    Records old ABSL_GUARDED_BY(mutex);
    size_t young_bytes ABSL_GUARDED_BY(mutex) = 0;
  };

  // The upper bits: the hash table uses the lower ones.
  static size_t IndexOf(const Key& key) { return absl::Hash<Key>()(key) >> 32 & (kShards - 1); }
  Shard& ShardOf(const Key& key) { return shards_[IndexOf(key)]; }

  // Returns evicted records: destroy them after the lock is released.
  Records Insert(Shard& shard, Record record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex) {
    const size_t bytes = Traits::BytesOf(record);
    Records discarded;
    if (shard.young_bytes + bytes > generation_bytes_) {
      discarded = std::exchange(shard.old, std::exchange(shard.young, Records()));
      shard.young_bytes = 0;
      evictions_.fetch_add(discarded.size(), std::memory_order_relaxed);
    }
    shard.young_bytes += bytes;
    shard.young.insert(std::move(record));
    return discarded;
  }

  // Returns the size of the erased records.
  template <typename Condition>
  static size_t EraseFrom(Records& records, const Condition& condition) {
    size_t bytes = 0;
    for (auto record = records.begin(); record != records.end();) {
      const auto candidate = record++;
      if (!condition(*candidate)) continue;
      bytes += Traits::BytesOf(*candidate);
      records.erase(candidate);
    }
    return bytes;
  }

  void Erase(Shard& shard, const Key& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex) {
    const auto young = shard.young.find(key);
    if (young != shard.young.end()) {
      shard.young_bytes -= Traits::BytesOf(*young);
      shard.young.erase(young);
    }
    shard.old.erase(key);
  }

  const size_t generation_bytes_;
  std::atomic<uint64_t> evictions_ = 0;
  std::array<Shard, kShards> shards_;
};

}  // namespace identity

#endif  // IDENTITY_VIEW_CACHE_H_
