#ifndef IDENTITY_HTTP_METRIC_FAMILIES_H_
#define IDENTITY_HTTP_METRIC_FAMILIES_H_

#include <prometheus/metric_family.h>

#include <vector>

#include "server/base/metrics.h"

namespace identity {

// All of `metrics` and `gauges` as they are now, with the names, labels and help texts that docs/metrics.md lists.
// Gauges of one name make one family, whose help text is the first one's.
std::vector<prometheus::MetricFamily> MetricFamilies(const Metrics& metrics, const std::vector<Gauge>& gauges);

}  // namespace identity

#endif  // IDENTITY_HTTP_METRIC_FAMILIES_H_
