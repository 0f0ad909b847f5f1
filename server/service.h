#ifndef IDENTITY_SERVER_SERVICE_H_
#define IDENTITY_SERVER_SERVICE_H_

#include "absl/status/status.h"
#include "server/config.h"

namespace identity {

// Builds every object of the server, hands each its dependencies, serves until SIGTERM or SIGINT, and drains. The
// signals must be blocked in all threads. FAILED_PRECONDITION and INVALID_ARGUMENT say what to mend.
absl::Status Serve(const Config& config);

}  // namespace identity

#endif  // IDENTITY_SERVER_SERVICE_H_
