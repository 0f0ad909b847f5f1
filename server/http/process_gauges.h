#ifndef IDENTITY_HTTP_PROCESS_GAUGES_H_
#define IDENTITY_HTTP_PROCESS_GAUGES_H_

#include <vector>

#include "server/base/metrics.h"

namespace identity {

// Memory, processor time, start time and open files of this process, with the names that Prometheus uses for every
// program. An unreadable value is NaN.
std::vector<Gauge> ProcessGauges();

}  // namespace identity

#endif  // IDENTITY_HTTP_PROCESS_GAUGES_H_
