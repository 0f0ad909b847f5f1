#ifndef IDENTITY_BASE_MUTEX_H_
#define IDENTITY_BASE_MUTEX_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

// The one place where the versions of Abseil differ about locks. Since 2025 a mutex has `lock()` instead of `Lock()`,
// and its scoped locks take a reference instead of a pointer. Later versions warn about the older forms.
namespace identity {
namespace mutex_internal {

template <typename Mutex>
void Lock(Mutex& mutex) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if constexpr (requires { mutex.lock(); }) {
    mutex.lock();
  } else {
    mutex.Lock();
  }
}

template <typename Mutex>
void Unlock(Mutex& mutex) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if constexpr (requires { mutex.unlock(); }) {
    mutex.unlock();
  } else {
    mutex.Unlock();
  }
}

}  // namespace mutex_internal

inline void Lock(absl::Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  mutex_internal::Lock(mutex);
}

inline void Unlock(absl::Mutex& mutex) ABSL_UNLOCK_FUNCTION(mutex) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  mutex_internal::Unlock(mutex);
}

// Holds `mutex`, which must outlive it, from here to the end of the scope.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(absl::Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) { Lock(mutex_); }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { Unlock(mutex_); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  absl::Mutex& mutex_;
};

}  // namespace identity

#endif  // IDENTITY_BASE_MUTEX_H_
