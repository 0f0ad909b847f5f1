#include "server/http/metric_families.h"

#include <algorithm>

#include "absl/status/status.h"

namespace identity {
namespace {

using Type = MetricFamily::Type;

Metric CounterMetric(const Counter& counter, const MetricLabels& labels = {}) {
  return {labels, static_cast<double>(counter.value())};
}

// Exports every code of every method, even without a call. Otherwise a counter would first appear with the value 1, and
// an alert on its growth would miss that call.
MetricFamily RpcCounts(const RpcMetrics& rpcs) {
  MetricFamily family{"identity_rpc_total", "Finished calls, by method and gRPC code.", Type::kCounter, {}};
  for (size_t method = 0; method < rpcs.methods().size(); ++method) {
    for (size_t i = 0; i < RpcMetrics::kCodes; ++i) {
      const auto code = static_cast<absl::StatusCode>(i);
      family.metrics.push_back({{{"method", rpcs.methods()[method]}, {"code", StatusCodeToString(code)}},
                                static_cast<double>(rpcs.count(method, code))});
    }
  }
  return family;
}

MetricFamily RpcDurations(const RpcMetrics& rpcs) {
  MetricFamily family{"identity_rpc_duration_seconds",
                      "Time of a call in the server, including the wait for a worker.",
                      Type::kHistogram,
                      {}};
  for (size_t method = 0; method < rpcs.methods().size(); ++method) {
    family.metrics.push_back({{{"method", rpcs.methods()[method]}}, rpcs.duration(method).Read()});
  }
  return family;
}

MetricFamily ByName(const std::string& name, const std::string& help, const std::string& label,
                    const NamedCounters& counters) {
  MetricFamily family{name, help, Type::kCounter, {}};
  for (size_t i = 0; i < counters.names().size(); ++i) {
    family.metrics.push_back({{{label, counters.names()[i]}}, static_cast<double>(counters.value(i))});
  }
  return family;
}

MetricFamily Single(const std::string& name, const std::string& help, const Counter& counter) {
  return {name, help, Type::kCounter, {CounterMetric(counter)}};
}

MetricFamily Single(const std::string& name, const std::string& help, const DurationHistogram& histogram) {
  return {name, help, Type::kHistogram, {{{}, histogram.Read()}}};
}

MetricFamily Lookups(const Metrics& metrics) {
  return {"identity_view_lookups_total",
          "Calls of checks: answered inline from the view, or by a worker that had to load, wait or verify many "
          "signatures.",
          Type::kCounter,
          {CounterMetric(metrics.calls_inline, {{"answered", "inline"}}),
           CounterMetric(metrics.calls_by_worker, {{"answered", "worker"}})}};
}

void AddGauge(const Gauge& gauge, std::vector<MetricFamily>& families) {
  const bool counts = gauge.kind == Gauge::Kind::kCounter;
  auto family = std::find_if(families.begin(), families.end(),
                             [&gauge](const MetricFamily& known) { return known.name == gauge.name; });
  if (family == families.end()) {
    family = families.insert(families.end(), {gauge.name, gauge.help, counts ? Type::kCounter : Type::kGauge, {}});
  }
  family->metrics.push_back({gauge.labels, gauge.read()});
}

}  // namespace

std::vector<MetricFamily> MetricFamilies(const Metrics& metrics, const std::vector<Gauge>& gauges) {
  std::vector<MetricFamily> families = {
      RpcCounts(metrics.rpcs),
      RpcDurations(metrics.rpcs),
      Single("identity_calls_refused_total", "Calls refused because the worker queue was full.", metrics.calls_refused),
      ByName("identity_decisions_total", "Permission checks decided, by reason.", "reason", metrics.decisions),
      ByName("identity_rate_limited_total", "Refusals by a rate limit, by limit.", "limit", metrics.rate_limited),
      ByName("identity_connections_refused_total", "Connections refused, by limit.", "limit",
             metrics.connections_refused),
      Single("identity_hash_duration_seconds", "Time of a password hash, without the wait for a thread.",
             metrics.hash_duration),
      Single("identity_login_hash_work_kibibytes_total",
             "Memory that the password hashes of logins filled, counted once for each pass.", metrics.hash_work),
      Single("identity_logins_refused_total", "Logins refused because the hash pool was full.", metrics.logins_refused),
      Lookups(metrics),
      Single("identity_view_loads_total", "Records that the view asked the database for.", metrics.view_loads),
      Single("identity_feed_rounds_total", "Queries of the feed for changes.", metrics.feed_rounds),
      Single("identity_feed_reconnects_total", "Attempts of the feed to connect again to the database.",
             metrics.feed_reconnects),
      Single("identity_feed_reloads_total", "Full reloads by the feed, including the one at the start.",
             metrics.feed_reloads),
      Single("identity_feed_changes_total", "Changes that the feed applied.", metrics.feed_changes),
      Single("identity_feed_apply_delay_seconds", "Time from the commit of a change to its application here.",
             metrics.feed_apply_delay),
      Single("identity_mails_sent_total", "Mails that the mail server accepted.", metrics.mails_sent),
      Single("identity_mails_failed_total", "Failed attempts to send a mail.", metrics.mails_failed),
      Single("identity_mails_abandoned_total", "Mails abandoned after a failed attempt.", metrics.mails_abandoned),
      Single("identity_trace_spans_sent_total", "Spans that the collector of traces accepted.", metrics.spans_sent),
      Single("identity_trace_spans_dropped_total",
             "Spans dropped: too many waited, or the collector did not take them.", metrics.spans_dropped)};
  for (const Gauge& gauge : gauges) AddGauge(gauge, families);
  return families;
}

}  // namespace identity
