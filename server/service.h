#ifndef IDENTITY_SERVER_SERVICE_H_
#define IDENTITY_SERVER_SERVICE_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/base/readiness.h"
#include "server/config.h"
#include "server/http/admin_server.h"

namespace identity {

// The whole server: owns every object and connects it to its dependencies. Serves until its destruction.
class Service {
 public:
  // What the program or a test provides. The defaults suit tests that need nothing else.
  struct Surroundings {
    // Decides about the times of access tokens, of ID tokens, and of the tokens of workloads.
    Clock clock = absl::Now;
    // Decides about the windows of rate limits, and about the age of the keys of identity providers.
    std::function<absl::Duration()> uptime = Uptime;
    // Whether the program was told to end. Ends the wait for the database.
    std::function<bool()> interrupted = [] { return false; };
  };

  // Checks the configuration and reads its files, waits for the database, loads the keys, and listens.
  // FAILED_PRECONDITION and INVALID_ARGUMENT say what to correct.
  static absl::StatusOr<std::unique_ptr<Service>> Start(const Config& config, const Surroundings& surroundings);
  // Cancels running calls.
  ~Service();

  // From now on this replica is not ready, so that it gets no new clients. It still serves.
  void LeaveLoadBalancing();
  // Refuses new calls and waits at most `grace` for running calls.
  void Drain(absl::Duration grace);
  int port() const;
  // Of the doors over HTTP, when the configuration has an address for them.
  int http_port() const;
  // What the service has counted so far.
  const Metrics& metrics() const;

 private:
  struct Parts;
  Service();

  Readiness readiness_;
  std::unique_ptr<Parts> parts_;
  std::unique_ptr<AdminServer> admin_;  // null: no admin port. Ends first, since it reads the parts
};

}  // namespace identity

#endif  // IDENTITY_SERVER_SERVICE_H_
