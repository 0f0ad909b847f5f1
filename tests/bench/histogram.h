#ifndef IDENTITY_TESTS_BENCH_HISTOGRAM_H_
#define IDENTITY_TESTS_BENCH_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace identity::bench {

// Counts durations: exact to the nanosecond below 256 ns, and within 1 % above. Buckets are linear within each power of
// two, so that adding has the same cost for every duration. For one thread.
class Histogram {
 public:
  // A negative duration counts as zero, a duration above an hour counts as an hour.
  void Add(absl::Duration span);
  void Add(const Histogram& other);

  uint64_t count() const { return count_; }
  absl::Duration max() const { return absl::Nanoseconds(max_); }
  absl::Duration Mean() const;
  // The quantile `share` (above 0, at most 1): the lowest duration that at least this share of all durations does not
  // exceed. The result is at most 1 % too high and never above max(). Zero for an empty histogram.
  absl::Duration Quantile(double share) const;

 private:
  static constexpr int kBits = 7;  // the number of bits after the highest one that select the bucket of a value
  static constexpr uint64_t kLinear = uint64_t{1} << kBits;
  static constexpr uint64_t kMost = 3600ull * 1000 * 1000 * 1000;
  static constexpr size_t kBuckets = (42 - kBits) * kLinear + kLinear;  // an hour has 42 bits of nanoseconds

  static size_t BucketOf(uint64_t nanoseconds);
  static uint64_t HighestOf(size_t bucket);

  std::array<uint64_t, kBuckets> counts_{};
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t max_ = 0;
};

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_HISTOGRAM_H_
