#include "server/http/metric_text.h"

#include <gmock/gmock.h>

#include <limits>
#include <string>

#include "absl/strings/match.h"
#include "absl/time/time.h"

namespace identity {
namespace {

using testing::HasSubstr;
using testing::Not;

MetricFamily Durations(const DurationHistogram& histogram) {
  return {"some_seconds", "Durations.", MetricFamily::Type::kHistogram, {{{{"method", "a"}}, histogram.Read()}}};
}

TEST(MetricTextTest, TheFormatIsWhatTheClientAccepts) {
  EXPECT_EQ(MetricFormatFor(""), MetricFormat::kPrometheus);
  EXPECT_EQ(MetricFormatFor("text/plain;version=0.0.4"), MetricFormat::kPrometheus);
  EXPECT_EQ(
      MetricFormatFor("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1"),
      MetricFormat::kOpenMetrics);
}

TEST(MetricTextTest, OnlyOpenMetricsSeparatesACounterFromItsSuffixAndHasAnEnd) {
  const std::vector<MetricFamily> families = {
      {"some_calls_total", "Calls.", MetricFamily::Type::kCounter, {{{}, 7.0}, {{{"code", "OK"}}, 12'345'678.0}}}};
  EXPECT_EQ(MetricText(families, MetricFormat::kPrometheus),
            "# HELP some_calls_total Calls.\n# TYPE some_calls_total counter\n"
            "some_calls_total 7\nsome_calls_total{code=\"OK\"} 12345678\n");
  EXPECT_EQ(MetricText(families, MetricFormat::kOpenMetrics),
            "# HELP some_calls Calls.\n# TYPE some_calls counter\n"
            "some_calls_total 7\nsome_calls_total{code=\"OK\"} 12345678\n# EOF\n");
}

TEST(MetricTextTest, NumbersAreShortAndExact) {
  const auto text = [](double value) {
    return MetricText({{"g", "G.", MetricFamily::Type::kGauge, {{{}, value}}}}, MetricFormat::kPrometheus);
  };
  EXPECT_THAT(text(0.1), HasSubstr("\ng 0.1\n"));
  EXPECT_THAT(text(1764230400.125), HasSubstr("\ng 1764230400.125\n"));
  EXPECT_THAT(text(1e-5), HasSubstr("\ng 1e-05\n"));
  EXPECT_THAT(text(-2), HasSubstr("\ng -2\n"));
  EXPECT_THAT(text(std::numeric_limits<double>::quiet_NaN()), HasSubstr("\ng NaN\n"));
  EXPECT_THAT(text(-std::numeric_limits<double>::infinity()), HasSubstr("\ng -Inf\n"));
}

TEST(MetricTextTest, WholeBoundsHaveAPointInOpenMetrics) {
  const DurationHistogram histogram;
  EXPECT_THAT(MetricText({Durations(histogram)}, MetricFormat::kPrometheus), HasSubstr("le=\"10\"}"));
  EXPECT_THAT(MetricText({Durations(histogram)}, MetricFormat::kOpenMetrics), HasSubstr("le=\"10.0\"}"));
  for (const MetricFormat format : {MetricFormat::kPrometheus, MetricFormat::kOpenMetrics}) {
    EXPECT_THAT(MetricText({Durations(histogram)}, format), HasSubstr("le=\"+Inf\"} 0\n"));
    EXPECT_THAT(MetricText({Durations(histogram)}, format), HasSubstr("le=\"1e-05\"} 0\n"));
    EXPECT_THAT(MetricText({Durations(histogram)}, format), HasSubstr("le=\"0.1\"} 0\n"));
  }
}

TEST(MetricTextTest, OpenMetricsShowsTheTraceOfADurationInItsBucket) {
  DurationHistogram histogram;
  histogram.Record(absl::Milliseconds(3));
  const TraceId trace = {0xab, 0xcd};
  histogram.Record(absl::Milliseconds(4), &trace);
  const std::string text = MetricText({Durations(histogram)}, MetricFormat::kOpenMetrics);
  EXPECT_THAT(text, HasSubstr("some_seconds_bucket{method=\"a\",le=\"0.005\"} 2 # "
                              "{trace_id=\"abcd0000000000000000000000000000\"} 0.004 "));
  EXPECT_THAT(text, HasSubstr("some_seconds_bucket{method=\"a\",le=\"0.01\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("some_seconds_sum{method=\"a\"} 0.007\nsome_seconds_count{method=\"a\"} 2\n"));
  EXPECT_THAT(MetricText({Durations(histogram)}, MetricFormat::kPrometheus), Not(HasSubstr("trace_id")));
}

}  // namespace
}  // namespace identity
