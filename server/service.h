#ifndef IDENTITY_SERVER_SERVICE_H_
#define IDENTITY_SERVER_SERVICE_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/config.h"

namespace identity {

// The server as a whole: every object, with its dependencies, and the port that it listens on. It serves until it ends.
class Service {
 public:
  // Connects, loads the keys, and listens. FAILED_PRECONDITION and INVALID_ARGUMENT say what to mend. `clock` decides
  // the lifetime of access tokens alone, `uptime` the windows of limits.
  static absl::StatusOr<std::unique_ptr<Service>> Start(const Config& config, const Clock& clock = absl::Now,
                                                        const std::function<absl::Duration()>& uptime = Uptime);
  // Ends calls at once that still run.
  ~Service();

  // Refuses new calls and lets those that run finish, at most `grace`.
  void Drain(absl::Duration grace);
  int port() const;

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace identity

#endif  // IDENTITY_SERVER_SERVICE_H_
