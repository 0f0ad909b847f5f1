#ifndef IDENTITY_SERVER_SERVICE_H_
#define IDENTITY_SERVER_SERVICE_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/config.h"

namespace identity {

// The whole server: owns every object and connects it to its dependencies. Serves until its destruction.
class Service {
 public:
  // Checks the configuration and reads its files, connects, loads the keys, and listens. FAILED_PRECONDITION and
  // INVALID_ARGUMENT say what to correct. `clock` applies only to the lifetime of access tokens, `uptime` to the
  // windows of rate limits.
  static absl::StatusOr<std::unique_ptr<Service>> Start(const Config& config, const Clock& clock = absl::Now,
                                                        const std::function<absl::Duration()>& uptime = Uptime);
  // Cancels running calls.
  ~Service();

  // Refuses new calls and waits at most `grace` for running calls.
  void Drain(absl::Duration grace);
  int port() const;
  // What the service has counted so far.
  const Metrics& metrics() const;

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace identity

#endif  // IDENTITY_SERVER_SERVICE_H_
