#ifndef IDENTITY_HTTP_METRIC_FAMILIES_H_
#define IDENTITY_HTTP_METRIC_FAMILIES_H_

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "server/base/metrics.h"

namespace identity {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// One value, or one histogram, of a family.
struct Metric {
  MetricLabels labels;
  std::variant<double, DurationHistogram::Snapshot> value;
};

// The metrics of one name. They differ in the values of their labels.
struct MetricFamily {
  enum class Type { kCounter, kGauge, kHistogram };

  std::string name;
  std::string help;
  Type type;
  std::vector<Metric> metrics;
};

// The current values of `metrics` and `gauges`, with the names and labels that docs/metrics.md lists. Gauges with one
// name become one family, with the help text of the first.
std::vector<MetricFamily> MetricFamilies(const Metrics& metrics, const std::vector<Gauge>& gauges);

}  // namespace identity

#endif  // IDENTITY_HTTP_METRIC_FAMILIES_H_
