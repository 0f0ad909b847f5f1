#ifndef IDENTITY_HTTP_METRICS_SERVER_H_
#define IDENTITY_HTTP_METRICS_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/metrics.h"

namespace prometheus {
class Collectable;
class Exposer;
}  // namespace prometheus

namespace identity {

// Serves metrics to Prometheus at GET /metrics, in its text format, and adds those of the process. Speaks HTTP without
// TLS, since metrics hold no secrets.
class MetricsServer {
 public:
  // Whether `address` is an IPv4 address or "localhost", and a port.
  static bool IsAddress(const std::string& address);
  // Listens on `address`, such as 127.0.0.1:9464 (IPv4); port 0 takes any free port. `metrics`, and the objects that
  // `gauges` read, must outlive the server. INVALID_ARGUMENT (field "metrics-address") for a malformed address,
  // UNAVAILABLE when it cannot listen there.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address, const Metrics& metrics,
                                                              std::vector<Gauge> gauges);
  // Waits for running requests.
  ~MetricsServer();

  int port() const { return port_; }

 private:
  MetricsServer(std::shared_ptr<prometheus::Collectable> collectable, std::unique_ptr<prometheus::Exposer> exposer,
                std::string host, int port);

  const std::shared_ptr<prometheus::Collectable> collectable_;
  std::unique_ptr<prometheus::Exposer> exposer_;
  const std::string host_;
  const int port_;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_METRICS_SERVER_H_
