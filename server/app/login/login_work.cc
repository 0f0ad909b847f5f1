#include "server/app/login/login_work.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace identity {
namespace {

// Of the moving average: one slow or fast hash changes it little.
constexpr int64_t kAveraged = 8;

// Hashes of one class differ by less than 10 % in their work.
constexpr double kClassesPerDoubling = 8;

std::string ClassName(absl::string_view function, uint64_t work) {
  return absl::StrCat(function, " ", std::floor(kClassesPerDoubling * std::log2(static_cast<double>(work))));
}

// The function is the text between the first two "$".
std::string ClassOf(const PasswordHash& hash) {
  const std::vector<absl::string_view> parts = absl::StrSplit(hash.text(), absl::MaxSplits('$', 2));
  return ClassName(parts[1], hash.work());
}

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
    : meter_(std::move(meter)), own_class_(ClassName("argon2id", WorkOf(own))) {}

LoginWork::Verified LoginWork::Verify(const PasswordHash& hash, const Secret& password) {
  const absl::Duration begin = meter_.time();
  Verified verified{hash.Verify(password), hash.work()};
  absl::Duration spent = meter_.time() - begin;
  const absl::Duration wanted = Learn(hash, spent);
  for (; !verified.right && spent < wanted; spent = meter_.time() - begin) {
    meter_.step();
    verified.work += kStep;
  }
  return verified;
}

absl::Duration LoginWork::Learn(const PasswordHash& hash, absl::Duration time) {
  MutexLock lock(mutex_);
  const auto [known, fresh] = times_.emplace(ClassOf(hash), time);
  if (!fresh) known->second += (time - known->second) / kAveraged;
  absl::Duration longest;
  for (const auto& [name, average] : times_) longest = std::max(longest, average);
  const auto own = times_.find(own_class_);
  return own == times_.end() ? longest : std::min(longest, own->second * kMaxFactor);
}

}  // namespace identity
