#include "server/base/metrics.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <thread>

namespace identity {
namespace {

using testing::Each;
using testing::Optional;

constexpr int kThreads = 8;
constexpr int kRounds = 20'000;

void OnManyThreads(const std::function<void()>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(body);
  for (std::thread& thread : threads) thread.join();
}

// The counts of the buckets, from the lowest, after recording only `duration`.
std::vector<uint64_t> BucketsOf(absl::Duration duration) {
  DurationHistogram histogram;
  histogram.Record(duration);
  std::vector<uint64_t> counts;
  for (const auto& bucket : histogram.Read().buckets) counts.push_back(bucket.count);
  return counts;
}

TEST(CounterTest, StartsAtZeroAndAdds) {
  Counter counter;
  EXPECT_EQ(counter.value(), 0u);
  counter.Add();
  counter.Add(41);
  EXPECT_EQ(counter.value(), 42u);
}

TEST(CounterTest, LosesNothingOnManyThreads) {
  Counter counter;
  OnManyThreads([&counter] {
    for (int i = 0; i < kRounds; ++i) counter.Add(3);
  });
  EXPECT_EQ(counter.value(), uint64_t{3} * kThreads * kRounds);
}

TEST(NamedCountersTest, CountEachNameSeparately) {
  NamedCounters counters({"granted", "denied"});
  counters.Add(1);
  counters.Add(1);
  EXPECT_EQ(counters.value(0), 0u);
  EXPECT_EQ(counters.value(1), 2u);
  EXPECT_THAT(counters.names(), testing::ElementsAre("granted", "denied"));
}

TEST(DurationHistogramTest, BucketsGoFromTenMicrosecondsToTenSecondsInOrder) {
  const auto buckets = DurationHistogram().Read().buckets;
  ASSERT_FALSE(buckets.empty());
  EXPECT_EQ(buckets.front().upper_bound, absl::Microseconds(10));
  EXPECT_EQ(buckets[buckets.size() - 2].upper_bound, absl::Seconds(10));
  EXPECT_EQ(buckets.back().upper_bound, absl::InfiniteDuration());
  for (size_t i = 1; i + 1 < buckets.size(); ++i) {
    const double step = absl::FDivDuration(buckets[i].upper_bound, buckets[i - 1].upper_bound);
    EXPECT_GE(step, 2.0) << buckets[i].upper_bound;
    EXPECT_LE(step, 2.5) << buckets[i].upper_bound;
  }
}

TEST(DurationHistogramTest, ABoundIsInItsOwnBucket) {
  const auto buckets = DurationHistogram().Read().buckets;
  for (size_t i = 0; i + 1 < buckets.size(); ++i) {
    std::vector<uint64_t> at(buckets.size(), 0);
    std::fill(at.begin() + static_cast<std::ptrdiff_t>(i), at.end(), 1);
    EXPECT_EQ(BucketsOf(buckets[i].upper_bound), at);
    std::vector<uint64_t> above = at;
    above[i] = 0;
    EXPECT_EQ(BucketsOf(buckets[i].upper_bound + absl::Nanoseconds(1)), above);
  }
}

TEST(DurationHistogramTest, TheLastBucketTakesAllLongerDurations) {
  DurationHistogram histogram;
  histogram.Record(absl::Seconds(11));
  const auto snapshot = histogram.Read();
  EXPECT_EQ(snapshot.buckets[snapshot.buckets.size() - 2].count, 0u);
  EXPECT_EQ(snapshot.buckets.back().count, 1u);
  EXPECT_EQ(snapshot.count, 1u);
  EXPECT_EQ(snapshot.sum, absl::Seconds(11));
}

TEST(DurationHistogramTest, ANegativeDurationCountsAsZero) {
  DurationHistogram histogram;
  histogram.Record(absl::Milliseconds(-5));
  const auto snapshot = histogram.Read();
  EXPECT_EQ(snapshot.buckets.front().count, 1u);
  EXPECT_EQ(snapshot.sum, absl::ZeroDuration());
}

TEST(DurationHistogramTest, EachBucketKeepsTheTraceOfItsLastTracedDuration) {
  DurationHistogram histogram;
  const TraceId traced[] = {{1}, {2}, {3}};
  histogram.Record(absl::Milliseconds(3), &traced[0]);
  histogram.Record(absl::Milliseconds(4), &traced[1]);
  histogram.Record(absl::Milliseconds(5));
  histogram.Record(absl::Seconds(11), &traced[2]);
  const auto snapshot = histogram.Read();
  EXPECT_EQ(snapshot.count, 4u);
  std::vector<TraceId> traces;
  for (const auto& bucket : snapshot.buckets) {
    if (!bucket.exemplar) continue;
    traces.push_back(bucket.exemplar->trace_id);
    EXPECT_LE(bucket.exemplar->duration, bucket.upper_bound);
  }
  EXPECT_THAT(traces, testing::ElementsAre(TraceId{2}, TraceId{3}));
}

TEST(DurationHistogramTest, LosesNothingOnManyThreads) {
  DurationHistogram histogram;
  OnManyThreads([&histogram] {
    for (int i = 0; i < kRounds; ++i) histogram.Record(absl::Microseconds(i % 2 == 0 ? 15 : 1500));
  });
  const auto snapshot = histogram.Read();
  constexpr uint64_t kAll = uint64_t{kThreads} * kRounds;
  EXPECT_EQ(snapshot.count, kAll);
  EXPECT_EQ(snapshot.buckets[0].count, 0u);
  EXPECT_EQ(snapshot.buckets[1].count, kAll / 2);
  EXPECT_EQ(snapshot.buckets.back().count, kAll);
  EXPECT_EQ(snapshot.sum, absl::Microseconds(15 + 1500) * (kAll / 2));
}

TEST(RpcMetricsTest, FindsOnlyTheMethodsOfItsList) {
  const RpcMetrics rpcs({"A/One", "A/Two"});
  EXPECT_THAT(rpcs.IndexOf("A/One"), Optional(0u));
  EXPECT_THAT(rpcs.IndexOf("A/Two"), Optional(1u));
  EXPECT_EQ(rpcs.IndexOf("A/Three"), absl::nullopt);
}

TEST(RpcMetricsTest, CountsByMethodAndCode) {
  RpcMetrics rpcs({"A/One", "A/Two"});
  rpcs.Record(1, absl::StatusCode::kOk, absl::Milliseconds(1));
  rpcs.Record(1, absl::StatusCode::kUnauthenticated, absl::Milliseconds(2));
  EXPECT_EQ(rpcs.count(1, absl::StatusCode::kOk), 1u);
  EXPECT_EQ(rpcs.count(1, absl::StatusCode::kUnauthenticated), 1u);
  EXPECT_EQ(rpcs.count(1, absl::StatusCode::kInternal), 0u);
  EXPECT_EQ(rpcs.count(0, absl::StatusCode::kOk), 0u);
  EXPECT_EQ(rpcs.duration(1).Read().sum, absl::Milliseconds(3));
  EXPECT_EQ(rpcs.duration(0).Read().count, 0u);
}

TEST(RpcMetricsTest, ACodeThatIsNotCanonicalCountsAsUnknown) {
  RpcMetrics rpcs({"A/One"});
  rpcs.Record(0, static_cast<absl::StatusCode>(99), absl::Milliseconds(1));
  rpcs.Record(0, static_cast<absl::StatusCode>(-1), absl::Milliseconds(1));
  EXPECT_EQ(rpcs.count(0, absl::StatusCode::kUnknown), 2u);
}

TEST(StopwatchTest, NeverDecreases) {
  const Stopwatch stopwatch;
  std::vector<absl::Duration> readings(1000);
  std::generate(readings.begin(), readings.end(), [&stopwatch] { return stopwatch.elapsed(); });
  EXPECT_TRUE(std::is_sorted(readings.begin(), readings.end()));
  EXPECT_THAT(readings, Each(testing::Ge(absl::ZeroDuration())));
}

}  // namespace
}  // namespace identity
