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

// Counts the uses of keys, such as names or addresses, in bounded memory, and refuses those above a limit. A key's
// window begins with its first use and has one length for all; the next use after its end begins another. Thread-safe;
// a use of a known key allocates nothing.
//
// Whoever makes keys up can neither make it forget nor make it grow: a key with a running window is never given up, and
// when there is no room a new key counts, until that window ends, in one of 1,024 counters which it shares with others.
// So such a key may be refused for what others did, but none is ever allowed more than its limit in a window.
//
// Keys are kept by a keyed hash (SipHash-2-4 with 128 bits and a key of this object alone), so that nobody can aim at
// another's counter.
class RateLimiter {
 public:
  struct Options {
    int64_t limit = 0;                         // uses a window; 0: no limit, and nothing is kept
    absl::Duration window = absl::Minutes(1);  // longer than zero
    size_t max_keys = 100'000;                 // of about 130 bytes each
  };
  struct Outcome {
    bool allowed = true;
    bool first_refusal = false;  // of this key (of all that share its counter) in this window: worth an audit record
    int64_t limit = 0;           // 0: none, and what follows says nothing
    int64_t remaining = 0;       // uses, after this one
    absl::Duration reset;        // until the window ends; zero when none runs
  };

  // `uptime` must never go back, and be safe from any thread.
  explicit RateLimiter(const Options& options, std::function<absl::Duration()> uptime = Uptime);

  // A use that is refused is not counted.
  Outcome Take(absl::string_view key) { return Take(key, options_.limit); }
  // Against a limit of this key's own, as an API key's quota; 0: none, and nothing is kept.
  Outcome Take(absl::string_view key, int64_t limit);
  // What a use would be told, without making it; `remaining` is what is left before it.
  Outcome Peek(absl::string_view key) const;
  // Takes back a use that was allowed and should not count, as a login that was right: from the window that runs now,
  // so soon after the use; when none runs, there is nothing to take back.
  void Refund(absl::string_view key);

  const Options& options() const { return options_; }
  // Keys that are kept. One whose window has ended goes when later ones need a place.
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
  // Null when none runs.
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
