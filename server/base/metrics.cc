#include "server/base/metrics.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "server/base/mutex.h"

namespace identity {
namespace {

static_assert(std::atomic<uint64_t>::is_always_lock_free);

size_t CodeIndex(absl::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < RpcMetrics::kCodes ? index : static_cast<size_t>(absl::StatusCode::kUnknown);
}

}  // namespace

size_t DurationHistogram::BucketOf(absl::Duration duration) {
  const int64_t nanoseconds = absl::ToInt64Nanoseconds(duration);
  const auto bound = std::lower_bound(kBoundsNanoseconds.begin(), kBoundsNanoseconds.end(), nanoseconds);
  return static_cast<size_t>(bound - kBoundsNanoseconds.begin());
}

void DurationHistogram::Record(absl::Duration duration, const TraceId* trace_id) {
  const size_t bucket = BucketOf(duration);
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_nanoseconds_.fetch_add(std::max(int64_t{0}, absl::ToInt64Nanoseconds(duration)), std::memory_order_relaxed);
  if (trace_id == nullptr) return;
  MutexLock lock(mutex_);
  exemplars_[bucket] = Exemplar{*trace_id, duration, absl::Now()};
}

DurationHistogram::Snapshot DurationHistogram::Read() const {
  Snapshot snapshot;
  snapshot.buckets.reserve(kBuckets);
  MutexLock lock(mutex_);
  for (size_t i = 0; i < kBuckets; ++i) {
    snapshot.count += counts_[i].load(std::memory_order_relaxed);
    const bool is_last = i == kBoundsNanoseconds.size();
    const absl::Duration bound = is_last ? absl::InfiniteDuration() : absl::Nanoseconds(kBoundsNanoseconds[i]);
    snapshot.buckets.push_back({bound, snapshot.count, exemplars_[i]});
  }
  snapshot.sum = absl::Nanoseconds(sum_nanoseconds_.load(std::memory_order_relaxed));
  return snapshot;
}

RpcMetrics::RpcMetrics(std::vector<std::string> methods) : methods_(std::move(methods)), calls_(methods_.size()) {
  for (size_t i = 0; i < methods_.size(); ++i) indices_.emplace(methods_[i], i);
}

absl::optional<size_t> RpcMetrics::IndexOf(absl::string_view method) const {
  const auto found = indices_.find(method);
  if (found == indices_.end()) return absl::nullopt;
  return found->second;
}

void RpcMetrics::Record(size_t method, absl::StatusCode code, absl::Duration duration, const TraceId* trace_id) {
  Calls& calls = calls_[method];
  calls.by_code[CodeIndex(code)].Add();
  calls.duration.Record(duration, trace_id);
}

uint64_t RpcMetrics::count(size_t method, absl::StatusCode code) const {
  return calls_[method].by_code[CodeIndex(code)].value();
}

}  // namespace identity
