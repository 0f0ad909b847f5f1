#include "server/http/metric_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

namespace identity {
namespace {

constexpr absl::string_view kOpenMetricsType = "application/openmetrics-text";

absl::string_view NameOf(MetricFamily::Type type) {
  switch (type) {
    case MetricFamily::Type::kCounter:
      return "counter";
    case MetricFamily::Type::kGauge:
      return "gauge";
    case MetricFamily::Type::kHistogram:
      return "histogram";
  }
  return "";
}

// The shortest text that reads as the same number.
std::string NumberText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::string(text.data(), end) : "NaN";
}

std::string SecondsText(absl::Duration duration) { return NumberText(absl::ToDoubleSeconds(duration)); }

// The value of the label `le`. OpenMetrics writes whole numbers with ".0" there.
std::string BoundText(absl::Duration bound, MetricFormat format) {
  std::string text = SecondsText(bound);
  const bool is_whole = text.find_first_not_of("0123456789") == std::string::npos;
  if (format == MetricFormat::kOpenMetrics && is_whole) text += ".0";
  return text;
}

// NAME{LABEL="VALUE",…}
void AppendNameAndLabels(const std::string& name, const MetricLabels& labels, std::string& text) {
  absl::StrAppend(&text, name);
  absl::string_view separator = "{";
  for (const auto& [label, value] : labels) {
    const std::string escaped = absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}});
    absl::StrAppend(&text, separator, label, "=\"", escaped, "\"");
    separator = ",";
  }
  if (!labels.empty()) text += '}';
  text += ' ';
}

void AppendExemplar(const DurationHistogram::Exemplar& exemplar, std::string& text) {
  absl::StrAppend(&text, " # {trace_id=\"", ToHex(exemplar.trace_id), "\"} ", SecondsText(exemplar.duration), " ",
                  SecondsText(exemplar.time - absl::UnixEpoch()));
}

void AppendHistogram(const std::string& name, const MetricLabels& labels, const DurationHistogram::Snapshot& histogram,
                     MetricFormat format, std::string& text) {
  for (const DurationHistogram::Bucket& bucket : histogram.buckets) {
    MetricLabels with_bound = labels;
    with_bound.emplace_back("le", BoundText(bucket.upper_bound, format));
    AppendNameAndLabels(name + "_bucket", with_bound, text);
    absl::StrAppend(&text, bucket.count);
    if (format == MetricFormat::kOpenMetrics && bucket.exemplar) AppendExemplar(*bucket.exemplar, text);
    text += '\n';
  }
  AppendNameAndLabels(name + "_sum", labels, text);
  absl::StrAppend(&text, SecondsText(histogram.sum), "\n");
  AppendNameAndLabels(name + "_count", labels, text);
  absl::StrAppend(&text, histogram.count, "\n");
}

void AppendFamily(const MetricFamily& family, MetricFormat format, std::string& text) {
  // In OpenMetrics only the samples of a counter have the suffix, not the family.
  absl::string_view name = family.name;
  if (format == MetricFormat::kOpenMetrics && family.type == MetricFamily::Type::kCounter) {
    name = absl::StripSuffix(name, "_total");
  }
  absl::StrAppend(&text, "# HELP ", name, " ", family.help, "\n# TYPE ", name, " ", NameOf(family.type), "\n");
  for (const Metric& metric : family.metrics) {
    if (const auto* histogram = std::get_if<DurationHistogram::Snapshot>(&metric.value)) {
      AppendHistogram(family.name, metric.labels, *histogram, format, text);
    } else {
      AppendNameAndLabels(family.name, metric.labels, text);
      absl::StrAppend(&text, NumberText(std::get<double>(metric.value)), "\n");
    }
  }
}

}  // namespace

MetricFormat MetricFormatFor(absl::string_view accept) {
  return absl::StrContains(accept, kOpenMetricsType) ? MetricFormat::kOpenMetrics : MetricFormat::kPrometheus;
}

std::string MediaTypeOf(MetricFormat format) {
  return format == MetricFormat::kOpenMetrics ? absl::StrCat(kOpenMetricsType, "; version=1.0.0; charset=utf-8")
                                              : "text/plain; version=0.0.4; charset=utf-8";
}

std::string MetricText(const std::vector<MetricFamily>& families, MetricFormat format) {
  std::string text;
  for (const MetricFamily& family : families) AppendFamily(family, format, text);
  if (format == MetricFormat::kOpenMetrics) text += "# EOF\n";
  return text;
}

}  // namespace identity
