#include "server/http/admin_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/http/metric_families.h"
#include "server/http/metric_text.h"
#include "server/http/process_gauges.h"

namespace identity {
namespace {

HttpResponse Text(int status, std::string body) { return {status, "text/plain; charset=utf-8", std::move(body)}; }

HttpResponse WrongMethod() {
  HttpResponse response = Text(405, "only GET and HEAD\n");
  response.headers = {{"Allow", "GET, HEAD"}};
  return response;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const ListenAddress& address,
                                                                const Readiness& readiness) {
  auto server = std::unique_ptr<AdminServer>(new AdminServer(readiness));
  HttpServer::Options options;
  options.address = address;
  options.threads = 1;
  ASSIGN_OR_RETURN(server->http_,
                   HttpServer::Start("admin-address", options, server->connections_, server->refused_,
                                     [serving = server.get()](const std::shared_ptr<HttpExchange>& exchange) {
                                       exchange->Reply(serving->Answer(exchange->request()));
                                     }));
  return server;
}

void AdminServer::ShowMetrics(const Metrics& metrics, std::function<std::vector<Gauge>()> gauges) {
  MutexLock lock(mutex_);
  metrics_ = &metrics;
  gauges_ = std::move(gauges);
}

HttpResponse AdminServer::Answer(const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") return WrongMethod();
  if (request.path == "/livez") return Text(200, "ok\n");
  if (request.path == "/readyz") return Ready();
  if (request.path == "/metrics") return Scrape(MetricFormatFor(request.Header("accept").value_or("")));
  return Text(404, "this port has /livez, /readyz and /metrics\n");
}

HttpResponse AdminServer::Ready() const {
  std::string obstacles;
  for (const Readiness::Obstacle obstacle : readiness_.Obstacles()) {
    absl::StrAppend(&obstacles, Readiness::NameOf(obstacle), "\n");
  }
  return obstacles.empty() ? Text(200, "ready\n") : Text(503, std::move(obstacles));
}

HttpResponse AdminServer::Scrape(MetricFormat format) {
  MutexLock lock(mutex_);
  if (metrics_ == nullptr) return Text(503, "this replica is starting\n");
  std::vector<Gauge> gauges = gauges_();
  for (Gauge& gauge : ProcessGauges()) gauges.push_back(std::move(gauge));
  return {200, MediaTypeOf(format), MetricText(MetricFamilies(*metrics_, gauges), format)};
}

}  // namespace identity
