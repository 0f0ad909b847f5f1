#include "server/app/login/hash_pool.h"

#include <cstdlib>

#include "absl/synchronization/notification.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/base/trace.h"

namespace identity {

// The queue has room for all places, so it never refuses the holder of one.
HashPool::HashPool(size_t threads, size_t places, Metrics& metrics)
    : metrics_(metrics),
      workers_({.name = "hash", .threads = threads, .queue_limit = places, .idle_priority = true}),
      places_(places),
      free_places_(places) {}

absl::optional<HashPool::Place> HashPool::TryTake() {
  size_t free = free_places_.load();
  while (free > 0) {
    if (free_places_.compare_exchange_weak(free, free - 1)) return Place(this);
  }
  metrics_.logins_refused.Add();
  return absl::nullopt;
}

absl::StatusOr<HashPool::Place> HashPool::Take() {
  absl::optional<Place> place = TryTake();
  if (place) return *std::move(place);
  return WithRetryDelay(
      Error(ErrorReason::kOverloaded, "too many passwords are being hashed; this attempt was not counted"),
      absl::Seconds(1));
}

absl::StatusOr<PasswordHash> HashPool::Hash(const Secret& password, const Argon2Parameters& parameters) {
  ASSIGN_OR_RETURN(Place place, Take());
  return place.Run([&] { return PasswordHash::Create(password, parameters); });
}

HashPool::Place::~Place() {
  if (pool_ != nullptr) ++pool_->free_places_;
}

void HashPool::Place::RunAndWait(absl::FunctionRef<void()> work) {
  const Span span("hash");  // with the wait for a thread of the pool
  absl::Notification done;
  const bool queued = pool_->workers_.TrySubmit([&] {
    const Stopwatch stopwatch;
    work();
    pool_->metrics_.hash_duration.Record(stopwatch.elapsed());
    done.Notify();
  });
  if (!queued) std::abort();  // the queue has room for all places
  done.WaitForNotification();
}

}  // namespace identity
