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
  // A task for which a thread is free does not wait, even before that thread has woken up to take it.
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
  if (options_.steps_back) {
    // A thread of this policy gives way at once when another wakes up, which niceness alone does not make it do. A
    // failure leaves it as it was, which is slower for others and not wrong.
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
    // What the task holds ends before the thread counts as free.
    task = nullptr;
    MutexLock lock(mutex_);
    ++idle_;
  }
}

}  // namespace identity
