#include "server/base/worker_pool.h"

#include <pthread.h>
#include <sched.h>

#include <utility>

#include "server/base/mutex.h"

namespace identity {

WorkerPool::WorkerPool(const Options& options) : options_(options) {
  idle_ = options_.threads;
  threads_.reserve(options_.threads);
  for (size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::TrySubmit(std::function<void()> task) {
  MutexLock lock(mutex_);
  // A task does not count as waiting when a thread is free for it, even before that thread has woken up.
  if (stopping_ || queue_.size() >= idle_ + options_.queue_limit) return false;
  queue_.push_back(std::move(task));
  return true;
}

size_t WorkerPool::queued() const {
  MutexLock lock(mutex_);
  return queue_.size();
}

void WorkerPool::Work() {
  pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
  if (options_.idle_priority) {
    // A thread with this policy yields immediately when another one wakes up; niceness does not achieve that. If this
    // call fails, the thread keeps its policy, which is slower for other threads but correct.
    const sched_param no_priority = {};
    pthread_setschedparam(pthread_self(), SCHED_IDLE, &no_priority);
  }
  const auto something_to_do = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !queue_.empty(); };
  while (true) {
    std::function<void()> task;
    {
      MutexLock lock(mutex_);
      mutex_.Await(absl::Condition(&something_to_do));
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
      --idle_;
    }
    task();
    // Destroys the task before the thread counts as free.
    task = nullptr;
    MutexLock lock(mutex_);
    ++idle_;
  }
}

}  // namespace identity
