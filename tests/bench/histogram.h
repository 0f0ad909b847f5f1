#ifndef IDENTITY_TESTS_BENCH_HISTOGRAM_H_
#define IDENTITY_TESTS_BENCH_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace identity::bench {

// How often each span of time was seen, to the nanosecond below 256 ns and within 1 % above. Buckets are linear within
// each power of two, so that adding costs the same for all. For one thread.
class Histogram {
 public:
  // Negative spans count as none, those beyond an hour as one.
  void Add(absl::Duration span);
  void Add(const Histogram& other);

  uint64_t count() const { return count_; }
  absl::Duration max() const { return absl::Nanoseconds(max_); }
  absl::Duration Mean() const;
  // The least span that at least `share` (above 0, at most 1) of all did not exceed, at most 1 % too much and never
  // above max(). Zero when there are none.
  absl::Duration Quantile(double share) const;

 private:
  static constexpr int kBits = 7;  // of a value that its bucket keeps, beside the highest
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
