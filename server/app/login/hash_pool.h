#ifndef IDENTITY_APP_LOGIN_HASH_POOL_H_
#define IDENTITY_APP_LOGIN_HASH_POOL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/base/metrics.h"
#include "server/base/secret.h"
#include "server/base/worker_pool.h"
#include "server/domain/password.h"

namespace identity {

// Hashes passwords on lowest-priority threads (SCHED_IDLE). The numbers of threads and of waiting callers are bounded.
// So a storm of logins cannot use up all processors or all workers. Thread-safe.
class HashPool {
 public:
  // `places`: maximum number of callers that hash or wait at the same time.
  HashPool(size_t threads, size_t places, Metrics& metrics);

  // The right to hash. Move-only; its destructor frees the place.
  class Place {
   public:
    Place(Place&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place();
    // Runs `hash()` on a thread of the pool, waits for it, and returns its result.
    template <typename Hash>
    std::invoke_result_t<const Hash&> Run(const Hash& hash) {
      absl::optional<std::invoke_result_t<const Hash&>> result;
      RunAndWait([&] { result.emplace(hash()); });
      return *std::move(result);
    }

   private:
    friend class HashPool;
    explicit Place(HashPool* pool) : pool_(pool) {}
    void RunAndWait(absl::FunctionRef<void()> work);
    HashPool* pool_;
  };
  // Never waits: nullopt when all places are in use.
  absl::optional<Place> TryTake();
  // The same with an error: RESOURCE_EXHAUSTED / OVERLOADED with a retry delay.
  absl::StatusOr<Place> Take();
  // Takes a place and makes a hash. RESOURCE_EXHAUSTED / OVERLOADED; errors of PasswordHash::Create.
  absl::StatusOr<PasswordHash> Hash(const Secret& password, const Argon2Parameters& parameters);

  // Counts the work of hashes (PasswordHash::work) for the metrics.
  void CountWork(uint64_t work) { metrics_.hash_work.Add(work); }
  size_t places_in_use() const { return places_ - free_places_.load(); }

 private:
  Metrics& metrics_;
  WorkerPool workers_;
  const size_t places_;
  std::atomic<size_t> free_places_;
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_HASH_POOL_H_
