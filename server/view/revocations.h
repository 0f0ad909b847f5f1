#ifndef IDENTITY_VIEW_REVOCATIONS_H_
#define IDENTITY_VIEW_REVOCATIONS_H_

#include <array>
#include <cstddef>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/domain/ids.h"

namespace identity {

// Revoked sessions and access tokens. Each is kept for as long as a valid token could match it. Complete: none is ever
// evicted. The number of changes that a database can commit in that time limits their number. Thread-safe.
class Revocations {
 public:
  // `until`: by the database's clock.
  struct Revocation {
    Uuid id;
    absl::Time until;
  };

  bool Contains(const Uuid& id) const;
  void Add(const Revocation& revocation);
  void Reset(const std::vector<Revocation>& revocations);
  // Forgets those whose `until` has passed.
  void Prune(absl::Time now);
  size_t size() const;

 private:
  static constexpr size_t kShards = 16;
  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_map<Uuid, absl::Time> until ABSL_GUARDED_BY(mutex);
  };
  // Ids end in random bits.
  static size_t IndexOf(const Uuid& id) { return id.bytes()[15] % kShards; }
  std::array<Shard, kShards> shards_;
};

}  // namespace identity

#endif  // IDENTITY_VIEW_REVOCATIONS_H_
