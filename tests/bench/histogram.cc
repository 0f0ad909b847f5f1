#include "tests/bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace identity::bench {

size_t Histogram::BucketOf(uint64_t nanoseconds) {
  if (nanoseconds < kLinear) return nanoseconds;
  const auto shift = static_cast<size_t>(std::bit_width(nanoseconds) - kBits - 1);
  return shift * kLinear + (nanoseconds >> shift);
}

uint64_t Histogram::HighestOf(size_t bucket) {
  if (bucket < 2 * kLinear) return bucket;
  const size_t shift = bucket / kLinear - 1;
  return ((bucket - shift * kLinear + 1) << shift) - 1;
}

void Histogram::Add(absl::Duration span) {
  const int64_t nanoseconds = std::max<int64_t>(absl::ToInt64Nanoseconds(span), 0);
  const uint64_t value = std::min(static_cast<uint64_t>(nanoseconds), kMost);
  ++counts_[BucketOf(value)];
  ++count_;
  sum_ += value;
  max_ = std::max(max_, value);
}

void Histogram::Add(const Histogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

absl::Duration Histogram::Mean() const { return count_ == 0 ? absl::ZeroDuration() : absl::Nanoseconds(sum_ / count_); }

absl::Duration Histogram::Quantile(double share) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (counts_[i] > 0 && seen >= wanted) return absl::Nanoseconds(std::min(HighestOf(i), max_));
  }
  return absl::ZeroDuration();
}

}  // namespace identity::bench
