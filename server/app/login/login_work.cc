#include "server/app/login/login_work.h"

#include <algorithm>
#include <ctime>
#include <utility>

namespace identity {
namespace {

// Of the moving average: one slow or fast hash changes it little.
constexpr int64_t kAveraged = 8;

absl::Duration ThreadTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

}  // namespace

LoginWork::Meter LoginWork::RealMeter() {
  return {ThreadTime, [] { SpendWork(kStep); }};
}

LoginWork::LoginWork(const Argon2Parameters& own, Meter meter)
    : meter_(std::move(meter)), max_work_(kMaxFactor * WorkOf(own)) {}

LoginWork::Verified LoginWork::Verify(const PasswordHash& hash, const Secret& password) {
  const absl::Duration begin = meter_.time();
  Verified verified{hash.Verify(password), hash.work()};
  absl::Duration spent = meter_.time() - begin;
  const absl::Duration wanted = Learn(hash.work(), spent);
  for (; !verified.right && spent < wanted; spent = meter_.time() - begin) {
    meter_.step();
    verified.work += kStep;
  }
  return verified;
}

absl::Duration LoginWork::Learn(uint64_t work, absl::Duration time) {
  if (work > max_work_) time = time * (static_cast<double>(max_work_) / static_cast<double>(work));
  work = std::min(work, max_work_);
  MutexLock lock(mutex_);
  if (work > reference_.work) reference_ = {work, time};
  if (work == reference_.work) reference_.time += (time - reference_.time) / kAveraged;
  return reference_.time;
}

}  // namespace identity
