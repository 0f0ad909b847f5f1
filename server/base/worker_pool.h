#ifndef IDENTITY_BASE_WORKER_POOL_H_
#define IDENTITY_BASE_WORKER_POOL_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace identity {

// A fixed number of threads and a bounded queue. Thread-safe.
class WorkerPool {
 public:
  struct Options {
    std::string name;  // of the threads, up to 15 bytes
    size_t threads = 1;
    size_t queue_limit = 0;      // waiting tasks, besides running ones
    bool idle_priority = false;  // the threads run only on idle processors (SCHED_IDLE)
  };
  explicit WorkerPool(const Options& options);
  // Runs all queued tasks, then ends the threads.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Queues `task`. Returns false immediately when the queue is full. `task` must not throw.
  [[nodiscard]] bool TrySubmit(std::function<void()> task);

  size_t queued() const;

 private:
  void Work();

  const Options options_;
  mutable absl::Mutex mutex_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace identity

#endif  // IDENTITY_BASE_WORKER_POOL_H_
