#include "server/base/metrics.h"

#include <algorithm>

namespace identity {
namespace {

static_assert(std::atomic<uint64_t>::is_always_lock_free);

size_t CodeIndex(absl::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < RpcMetrics::kCodes ? index : static_cast<size_t>(absl::StatusCode::kUnknown);
}

}  // namespace

void DurationHistogram::Record(absl::Duration duration) {
  const int64_t nanoseconds = std::max(int64_t{0}, absl::ToInt64Nanoseconds(duration));
  const auto bound = std::lower_bound(kBoundsNanoseconds.begin(), kBoundsNanoseconds.end(), nanoseconds);
  const auto bucket = static_cast<size_t>(bound - kBoundsNanoseconds.begin());
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_nanoseconds_.fetch_add(nanoseconds, std::memory_order_relaxed);
}

DurationHistogram::Snapshot DurationHistogram::Read() const {
  Snapshot snapshot;
  snapshot.buckets.reserve(kBoundsNanoseconds.size());
  for (size_t i = 0; i < kBoundsNanoseconds.size(); ++i) {
    snapshot.count += counts_[i].load(std::memory_order_relaxed);
    snapshot.buckets.push_back({absl::Nanoseconds(kBoundsNanoseconds[i]), snapshot.count});
  }
  snapshot.count += counts_.back().load(std::memory_order_relaxed);
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

void RpcMetrics::Record(size_t method, absl::StatusCode code, absl::Duration duration) {
  Calls& calls = calls_[method];
  calls.by_code[CodeIndex(code)].Add();
  calls.duration.Record(duration);
}

uint64_t RpcMetrics::count(size_t method, absl::StatusCode code) const {
  return calls_[method].by_code[CodeIndex(code)].value();
}

}  // namespace identity
