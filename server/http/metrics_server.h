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

// Shows metrics to Prometheus at GET /metrics, in its text format, over HTTP without TLS: they hold nothing secret. The
// process's own are among them.
class MetricsServer {
 public:
  // Listens on `address`, as 127.0.0.1:9464 (IPv4); with port 0 on one that is free. `metrics`, and what `gauges` read,
  // must outlive the server. INVALID_ARGUMENT (field "metrics-address") for what is not an address, UNAVAILABLE for one
  // that cannot be listened on.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address, const Metrics& metrics,
                                                              std::vector<Gauge> gauges);
  // Waits for requests that are being answered.
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
