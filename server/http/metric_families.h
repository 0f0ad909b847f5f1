#ifndef IDENTITY_HTTP_METRIC_FAMILIES_H_
#define IDENTITY_HTTP_METRIC_FAMILIES_H_

#include <prometheus/metric_family.h>

#include <vector>

#include "server/base/metrics.h"

namespace identity {

// The current values of `metrics` and `gauges`, with the names and labels that docs/metrics.md lists. Gauges with one
// name become one family, with the help text of the first.
std::vector<prometheus::MetricFamily> MetricFamilies(const Metrics& metrics, const std::vector<Gauge>& gauges);

}  // namespace identity

#endif  // IDENTITY_HTTP_METRIC_FAMILIES_H_
