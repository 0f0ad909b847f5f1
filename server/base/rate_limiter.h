#ifndef IDENTITY_BASE_RATE_LIMITER_H_
#define IDENTITY_BASE_RATE_LIMITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/secret.h"

namespace identity {

// Counts the uses of keys, such as names or addresses, in bounded memory, and refuses uses above a limit. A key's
// window begins with its first use; all windows have the same length. The next use after the end begins another window.
// Thread-safe; a use of a known key allocates nothing.
//
// An attacker who invents keys cannot evict a counter or make memory grow. A key with a running window is never
// evicted. When there is no room, a new key uses one of 1,024 shared counters until the window of that counter ends. So
// such a key may be refused because of other keys, but no key is ever allowed more than its limit in a window.
//
// Keys are stored as keyed hashes (SipHash-2-4 with 128 bits). Only this object has the hash key, so an attacker cannot
// choose a key that collides with another key's counter.
class RateLimiter {
 public:
  struct Options {
    int64_t limit = 0;                         // uses per window; 0: no limit, and nothing is stored
    absl::Duration window = absl::Minutes(1);  // longer than zero
    size_t max_keys = 100'000;                 // of about 130 bytes each
  };
  struct Outcome {
    bool allowed = true;
    bool first_refusal = false;  // of this key (or its shared counter) in this window: worth an audit record
    int64_t limit = 0;           // 0: no limit; the next two are then meaningless
    int64_t remaining = 0;       // uses, after this one
    absl::Duration reset;        // until the window ends; zero when no window is running
  };

  // `uptime` must never decrease, and must be safe from any thread.
  explicit RateLimiter(const Options& options, std::function<absl::Duration()> uptime = Uptime);

  // Counts a use unless it is refused.
  Outcome Take(absl::string_view key) { return Take(key, options_.limit); }
  // The same with a limit for this key, such as an API key's quota. 0: no limit, and nothing is stored.
  Outcome Take(absl::string_view key, int64_t limit);
  // The outcome that a use would have, without counting it. `remaining` is the number of uses before it.
  Outcome Peek(absl::string_view key) const;
  // Takes back an allowed use that should not count, such as a successful login. Subtracts it from the window that is
  // running now, so call it soon after the use. Does nothing when no window is running.
  void Refund(absl::string_view key);

  const Options& options() const { return options_; }
  // The number of stored keys. A key whose window has ended is removed when new keys need room.
  size_t size() const;

 private:
  using Hash = std::array<uint64_t, 2>;
  struct Window {
    absl::Duration end;
    int64_t used = 0;
    bool refused = false;
  };
  struct Entry {
    Hash hash;
    Window window;
  };
  struct alignas(64) Shard {
    absl::Mutex mutex;
    std::list<Entry> entries ABSL_GUARDED_BY(mutex);  // in the order of their windows' ends
    absl::flat_hash_map<Hash, std::list<Entry>::iterator> by_hash ABSL_GUARDED_BY(mutex);
    std::vector<Window> shared ABSL_GUARDED_BY(mutex);
  };

  Hash HashOf(absl::string_view key) const;
  Shard& ShardOf(const Hash& hash) const { return shards_[hash[1] % shard_count_]; }
  static Window& SharedOf(Shard& shard, const Hash& hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  // Null when no window is running.
  static Window* Running(Shard& shard, const Hash& hash, absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  Window& Begin(Shard& shard, const Hash& hash, absl::Duration now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  Window& PlaceOf(Shard& shard, const Hash& hash, absl::Duration now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);
  static void DropEnded(Shard& shard, absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  const Options options_;
  const std::function<absl::Duration()> uptime_;
  const Secret hash_key_;
  const size_t shard_count_;
  const std::unique_ptr<Shard[]> shards_;
};

}  // namespace identity

#endif  // IDENTITY_BASE_RATE_LIMITER_H_
