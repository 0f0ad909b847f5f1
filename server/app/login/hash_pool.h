#ifndef IDENTITY_APP_LOGIN_HASH_POOL_H_
#define IDENTITY_APP_LOGIN_HASH_POOL_H_

#include <atomic>
#include <cstddef>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/base/metrics.h"
#include "server/base/secret.h"
#include "server/base/worker_pool.h"
#include "server/domain/password.h"

namespace identity {

// Where passwords are hashed: a few threads that step back behind the others, and a bounded number of places for those
// who wait, so that a storm of logins can neither take all processors nor all workers. Thread-safe.
class HashPool {
 public:
  // `places`: how many may hash or wait at once.
  HashPool(size_t threads, size_t places, Metrics& metrics);

  // A right to hash. Move-only; the place is free again when it ends.
  class Place {
   public:
    Place(Place&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place();
    // Runs `hash` on a thread of the pool and waits for it.
    void Run(absl::FunctionRef<void()> hash);

   private:
    friend class HashPool;
    explicit Place(HashPool* pool) : pool_(pool) {}
    HashPool* pool_;
  };
  // nullopt at once when all places are taken.
  absl::optional<Place> TryTake();
  // RESOURCE_EXHAUSTED / OVERLOADED with a retry delay instead.
  absl::StatusOr<Place> Take();
  // Takes a place and makes a hash there. As above.
  absl::StatusOr<PasswordHash> Hash(const Secret& password, const Argon2Parameters& parameters);

  // Of all places those that are taken.
  size_t taken() const { return places_ - free_places_.load(); }

 private:
  Metrics& metrics_;
  WorkerPool workers_;
  const size_t places_;
  std::atomic<size_t> free_places_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_HASH_POOL_H_
