#include "absl/synchronization/mutex.h"

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/base/dynamic_annotations.h"
#include "absl/base/options.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

// ThreadSanitizer sees the locks of the C library, and the atomic operations of code that was compiled for it. Debian's
// Abseil was not. So ThreadSanitizer would report races in programs that absl::Mutex makes safe. The functions below
// replace Abseil's functions: they call them, and report the order of events to ThreadSanitizer. They must be in the
// program itself, so that the program and its shared libraries find them first.
//
// These are the functions that our code uses. If it uses another one, such as ReaderLock, add it here. A replacement of
// the header would not be enough, because the library also uses the mutexes of objects in Abseil's other headers.
//
// The thread that unlocks a mutex evaluates the conditions of the waiting threads. At that time it still holds the
// lock, but ThreadSanitizer already treats the lock as free. So reads in these conditions are ignored. Each waiting
// thread reads the same data again under the lock.

#define IDENTITY_STRING(text) #text
#define IDENTITY_STRING_OF(macro) IDENTITY_STRING(macro)

namespace {

constexpr char kNamespace[] = IDENTITY_STRING_OF(ABSL_OPTION_INLINE_NAMESPACE_NAME);

// Abseil's own function. `before` and `after` are the parts of its name around the namespace (Itanium C++ ABI). Ends
// the program when the function does not exist.
template <typename Function>
Function* AbseilsOwn(const std::string& before, const std::string& after) {
  const std::string symbol = before + std::to_string(sizeof(kNamespace) - 1) + kNamespace + after;
  void* const address = dlsym(RTLD_NEXT, symbol.c_str());
  if (address == nullptr) {
    fprintf(stderr, "Abseil has no %s\n", symbol.c_str());
    abort();
  }
  return reinterpret_cast<Function*>(address);
}

class UnseenReads {
 public:
  UnseenReads() { ABSL_ANNOTATE_IGNORE_READS_BEGIN(); }
  ~UnseenReads() { ABSL_ANNOTATE_IGNORE_READS_END(); }
  UnseenReads(const UnseenReads&) = delete;
  UnseenReads& operator=(const UnseenReads&) = delete;
};

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static const auto own = AbseilsOwn<void(Mutex*)>("_ZN4absl", "5Mutex4LockEv");
  own(this);
  __tsan_acquire(this);
}

void Mutex::Unlock() {
  static const auto own = AbseilsOwn<void(Mutex*)>("_ZN4absl", "5Mutex6UnlockEv");
  __tsan_release(this);
  const UnseenReads conditions;
  own(this);
}

bool Mutex::AwaitCommon(const Condition& condition, synchronization_internal::KernelTimeout timeout) {
  static const auto own = AbseilsOwn<bool(Mutex*, const Condition&, synchronization_internal::KernelTimeout)>(
      "_ZN4absl", "5Mutex11AwaitCommonERKNS0_9ConditionENS0_24synchronization_internal13KernelTimeoutE");
  __tsan_release(this);
  bool met;
  {
    const UnseenReads conditions;
    met = own(this, condition, timeout);
  }
  __tsan_acquire(this);
  return met;
}

bool CondVar::WaitCommon(Mutex* mutex, synchronization_internal::KernelTimeout timeout) {
  static const auto own = AbseilsOwn<bool(CondVar*, Mutex*, synchronization_internal::KernelTimeout)>(
      "_ZN4absl", "7CondVar10WaitCommonEPNS0_5MutexENS0_24synchronization_internal13KernelTimeoutE");
  __tsan_release(mutex);
  bool timed_out;
  {
    const UnseenReads conditions;
    timed_out = own(this, mutex, timeout);
  }
  __tsan_acquire(mutex);
  return timed_out;
}

void Notification::Notify() {
  static const auto own = AbseilsOwn<void(Notification*)>("_ZN4absl", "12Notification6NotifyEv");
  __tsan_release(this);
  own(this);
}

void Notification::WaitForNotification() const {
  static const auto own = AbseilsOwn<void(const Notification*)>("_ZNK4absl", "12Notification19WaitForNotificationEv");
  own(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static const auto own = AbseilsOwn<bool(const Notification*, Duration)>(
      "_ZNK4absl", "12Notification30WaitForNotificationWithTimeoutENS0_8DurationE");
  const bool notified = own(this, timeout);
  if (notified) __tsan_acquire(const_cast<Notification*>(this));
  return notified;
}

ABSL_NAMESPACE_END
}  // namespace absl
