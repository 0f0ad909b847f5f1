#include "server/base/rate_limiter.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "server/base/mutex.h"
#include "server/base/random.h"
#include "server/base/sodium.h"

namespace identity {
namespace {

constexpr size_t kShards = 16;
constexpr size_t kSharedCounters = 1024;
// With fewer keys per shard, some shards would by chance fill long before the others.
constexpr size_t kMinKeysOfShard = 256;

size_t ShardsFor(size_t max_keys) { return max_keys < kShards * kMinKeysOfShard ? 1 : kShards; }

}  // namespace

RateLimiter::RateLimiter(const Options& options, std::function<absl::Duration()> uptime)
    : options_(options),
      uptime_(std::move(uptime)),
      hash_key_(RandomBytes(crypto_shorthash_siphashx24_KEYBYTES)),
      shard_count_(ShardsFor(options.max_keys)),
      shards_(std::make_unique<Shard[]>(shard_count_)) {
  for (size_t i = 0; i < shard_count_; ++i) {
    MutexLock lock(shards_[i].mutex);
    shards_[i].shared.resize(kSharedCounters / shard_count_);
  }
}

RateLimiter::Outcome RateLimiter::Take(absl::string_view key, int64_t limit) {
  if (limit == 0) return Outcome();
  const Hash hash = HashOf(key);
  const absl::Duration now = uptime_();
  Shard& shard = ShardOf(hash);
  MutexLock lock(shard.mutex);
  Window* running = Running(shard, hash, now);
  Window& window = running != nullptr ? *running : Begin(shard, hash, now);
  Outcome outcome;
  outcome.allowed = window.used < limit;
  if (outcome.allowed) {
    ++window.used;
  } else {
    outcome.first_refusal = !std::exchange(window.refused, true);
  }
  outcome.limit = limit;
  outcome.remaining = std::max<int64_t>(limit - window.used, 0);
  outcome.reset = window.end - now;
  return outcome;
}

RateLimiter::Outcome RateLimiter::Peek(absl::string_view key) const {
  if (options_.limit == 0) return Outcome();
  const Hash hash = HashOf(key);
  const absl::Duration now = uptime_();
  Shard& shard = ShardOf(hash);
  MutexLock lock(shard.mutex);
  const Window* running = Running(shard, hash, now);
  Outcome outcome;
  outcome.limit = options_.limit;
  outcome.remaining = std::max<int64_t>(options_.limit - (running != nullptr ? running->used : 0), 0);
  outcome.allowed = outcome.remaining > 0;
  if (running != nullptr) outcome.reset = running->end - now;
  return outcome;
}

void RateLimiter::Refund(absl::string_view key) {
  const Hash hash = HashOf(key);
  const absl::Duration now = uptime_();
  Shard& shard = ShardOf(hash);
  MutexLock lock(shard.mutex);
  Window* running = Running(shard, hash, now);
  if (running != nullptr && running->used > 0) --running->used;
}

size_t RateLimiter::size() const {
  size_t count = 0;
  for (size_t i = 0; i < shard_count_; ++i) {
    MutexLock lock(shards_[i].mutex);
    count += shards_[i].by_hash.size();
  }
  return count;
}

RateLimiter::Hash RateLimiter::HashOf(absl::string_view key) const {
  Hash hash;
  static_assert(sizeof(hash) == crypto_shorthash_siphashx24_BYTES);
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(hash.data()), Unsigned(key), key.size(),
                              Unsigned(hash_key_.Reveal()));
  return hash;
}

RateLimiter::Window& RateLimiter::SharedOf(Shard& shard, const Hash& hash) {
  return shard.shared[hash[0] % shard.shared.size()];
}

// A key that is not stored stays with its shared counter until that window ends, even when there is room again.
// Otherwise it would get its whole limit again, in addition to its uses in the shared counter.
RateLimiter::Window* RateLimiter::Running(Shard& shard, const Hash& hash, absl::Duration now) {
  const auto kept = shard.by_hash.find(hash);
  Window& window = kept != shard.by_hash.end() ? kept->second->window : SharedOf(shard, hash);
  return now < window.end ? &window : nullptr;
}

RateLimiter::Window& RateLimiter::Begin(Shard& shard, const Hash& hash, absl::Duration now) const {
  Window& window = PlaceOf(shard, hash, now);
  window = Window();
  window.end = now + options_.window;
  return window;
}

RateLimiter::Window& RateLimiter::PlaceOf(Shard& shard, const Hash& hash, absl::Duration now) const {
  const auto kept = shard.by_hash.find(hash);
  if (kept != shard.by_hash.end()) {
    shard.entries.splice(shard.entries.end(), shard.entries, kept->second);
    return kept->second->window;
  }
  DropEnded(shard, now);
  if (shard.by_hash.size() >= options_.max_keys / shard_count_) return SharedOf(shard, hash);
  shard.entries.push_back({hash, Window()});
  shard.by_hash.emplace(hash, std::prev(shard.entries.end()));
  return shard.entries.back().window;
}

// Removes two ended windows for each new key. So their number decreases, and no caller waits until all are removed.
void RateLimiter::DropEnded(Shard& shard, absl::Duration now) {
  for (int i = 0; i < 2 && !shard.entries.empty() && shard.entries.front().window.end <= now; ++i) {
    shard.by_hash.erase(shard.entries.front().hash);
    shard.entries.pop_front();
  }
}

}  // namespace identity
