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

// ThreadSanitizer sees the locks of the C library and the atomic operations of what was compiled with it. Debian's
// Abseil was not, so a program that is safe by its absl::Mutex alone would seem full of races. The functions below
// stand in front of Abseil's own, which they call, and tell ThreadSanitizer what happens before what. They have to be
// in the program itself, where they come first for it and for the shared libraries alike.
//
// These are the functions that our code uses; another one, as ReaderLock, has to be added. A look-alike of the header
// would not do: Abseil's other headers have mutexes in objects that the library uses, too.
//
// Abseil evaluates the conditions that others wait for in whichever thread unlocks, after ThreadSanitizer was told that
// the lock is free. It is not, so what is read in there is not looked at. Each waiter reads the same under the lock.

#define IDENTITY_STRING(text) #text
#define IDENTITY_STRING_OF(macro) IDENTITY_STRING(macro)

namespace {

constexpr char kNamespace[] = IDENTITY_STRING_OF(ABSL_OPTION_INLINE_NAMESPACE_NAME);

// Abseil's own function, by what comes before and after the namespace in its name (Itanium C++ ABI). The program ends
// when there is none.
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
