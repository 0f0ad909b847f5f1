#include "tests/bench/histogram.h"

#include <gtest/gtest.h>

namespace identity::bench {
namespace {

TEST(HistogramTest, IsEmptyAtFirst) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.Mean(), absl::ZeroDuration());
  EXPECT_EQ(histogram.Quantile(0.99), absl::ZeroDuration());
}

TEST(HistogramTest, ShortDurationsAreExact) {
  Histogram histogram;
  for (int i = 1; i <= 200; ++i) histogram.Add(absl::Nanoseconds(i));
  EXPECT_EQ(histogram.Quantile(0.5), absl::Nanoseconds(100));
  EXPECT_EQ(histogram.Quantile(0.99), absl::Nanoseconds(198));
  EXPECT_EQ(histogram.Quantile(1), absl::Nanoseconds(200));
}

TEST(HistogramTest, AQuantileIsWithinOnePercentOfAnyDuration) {
  for (int64_t span = 1; span < int64_t{3600} * 1000 * 1000 * 1000; span = span * 17 / 16 + 1) {
    Histogram histogram;
    histogram.Add(absl::Nanoseconds(span));
    histogram.Add(absl::Hours(1));
    const int64_t found = absl::ToInt64Nanoseconds(histogram.Quantile(0.5));
    EXPECT_GE(found, span);
    EXPECT_LE(static_cast<double>(found), static_cast<double>(span) * 1.01);
  }
}

TEST(HistogramTest, NoQuantileExceedsTheMaximum) {
  Histogram histogram;
  histogram.Add(absl::Nanoseconds(1'000'001));
  EXPECT_EQ(histogram.Quantile(1), absl::Nanoseconds(1'000'001));
  EXPECT_EQ(histogram.max(), absl::Nanoseconds(1'000'001));
}

TEST(HistogramTest, ARareSlowCallChangesOnlyTheHighestQuantiles) {
  Histogram histogram;
  for (int i = 0; i < 999; ++i) histogram.Add(absl::Microseconds(100));
  histogram.Add(absl::Seconds(1));
  EXPECT_LE(histogram.Quantile(0.999), absl::Microseconds(101));
  EXPECT_EQ(histogram.Quantile(0.9999), absl::Seconds(1));
}

TEST(HistogramTest, DurationsOutOfBoundsCountAsTheBound) {
  Histogram histogram;
  histogram.Add(absl::Nanoseconds(-5));
  EXPECT_EQ(histogram.max(), absl::ZeroDuration());
  histogram.Add(absl::Hours(5));
  EXPECT_EQ(histogram.max(), absl::Hours(1));
  EXPECT_EQ(histogram.count(), 2u);
}

TEST(HistogramTest, TheSumOfTwoEqualsOneHistogramOfAllDurations) {
  Histogram one;
  Histogram evens;
  Histogram odds;
  for (int i = 0; i < 10'000; ++i) {
    one.Add(absl::Microseconds(i));
    (i % 2 == 0 ? evens : odds).Add(absl::Microseconds(i));
  }
  evens.Add(odds);
  EXPECT_EQ(evens.count(), one.count());
  EXPECT_EQ(evens.Mean(), one.Mean());
  EXPECT_EQ(evens.max(), one.max());
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) EXPECT_EQ(evens.Quantile(share), one.Quantile(share));
}

}  // namespace
}  // namespace identity::bench
