#ifndef IDENTITY_HTTP_PROCESS_GAUGES_H_
#define IDENTITY_HTTP_PROCESS_GAUGES_H_

#include <vector>

#include "server/base/metrics.h"

namespace identity {

// Memory, processor time, start and open files of this process, by the names that Prometheus has for them in any
// program. What cannot be read is NaN.
std::vector<Gauge> ProcessGauges();

}  // namespace identity

#endif  // IDENTITY_HTTP_PROCESS_GAUGES_H_
