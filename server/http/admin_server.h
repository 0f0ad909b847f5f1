#ifndef IDENTITY_HTTP_ADMIN_SERVER_H_
#define IDENTITY_HTTP_ADMIN_SERVER_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/base/metrics.h"
#include "server/base/readiness.h"
#include "server/http/http_message.h"
#include "server/http/http_server.h"
#include "server/http/metric_text.h"
#include "server/net/listen_address.h"

namespace identity {

// The port for those who run the service. It has no TLS and no credentials, since its answers hold no secrets.
//
//   GET /livez    200 while this process can answer
//   GET /readyz   200 when this replica should get calls; else 503, with the obstacles by name, one a line
//   GET /metrics  in the text format of Prometheus, or in OpenMetrics for a client that accepts it
class AdminServer {
 public:
  // Listens immediately. INVALID_ARGUMENT or UNAVAILABLE that names the option admin-address. `readiness` must outlive
  // the server.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const ListenAddress& address, const Readiness& readiness);

  // Before this call, /metrics answers 503. `metrics`, and the objects that `gauges` reads, must outlive the server.
  // `gauges` is called for each scrape, since what they describe comes and goes.
  void ShowMetrics(const Metrics& metrics, std::function<std::vector<Gauge>()> gauges);

  int port() const { return http_->port(); }

 private:
  explicit AdminServer(const Readiness& readiness) : readiness_(readiness) {}
  HttpResponse Answer(const HttpRequest& request);
  HttpResponse Ready() const;
  HttpResponse Scrape(MetricFormat format);

  const Readiness& readiness_;
  Connections connections_{ConnectionLimits{100, 20}};  // Kubernetes and Prometheus need few
  NamedCounters refused_{Connections::RefusalNames()};
  absl::Mutex mutex_;
  const Metrics* metrics_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::function<std::vector<Gauge>()> gauges_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<HttpServer> http_;  // ends first
};

}  // namespace identity

#endif  // IDENTITY_HTTP_ADMIN_SERVER_H_
