#ifndef IDENTITY_HTTP_METRIC_TEXT_H_
#define IDENTITY_HTTP_METRIC_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/http/metric_families.h"

namespace identity {

// The two formats that Prometheus reads. Only OpenMetrics has exemplars.
enum class MetricFormat { kPrometheus, kOpenMetrics };

// OpenMetrics if the header `accept` names it, as Prometheus does.
MetricFormat MetricFormatFor(absl::string_view accept);
// The media type of the format: Prometheus text 0.0.4, or OpenMetrics 1.0.0.
std::string MediaTypeOf(MetricFormat format);
std::string MetricText(const std::vector<MetricFamily>& families, MetricFormat format);

}  // namespace identity

#endif  // IDENTITY_HTTP_METRIC_TEXT_H_
