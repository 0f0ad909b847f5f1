#ifndef IDENTITY_OTLP_OTLP_EXPORTER_H_
#define IDENTITY_OTLP_OTLP_EXPORTER_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "server/base/metrics.h"
#include "server/base/trace.h"

namespace identity {

// Sends the spans of a Tracer to a collector of OpenTelemetry, by OTLP over gRPC, on a thread of its own. A collector
// that is slow or away costs spans, never calls: spans that it does not take within `timeout` are dropped.
class OtlpExporter {
 public:
  struct Options {
    std::string endpoint;  // http://HOST:PORT without TLS, https://HOST:PORT with TLS; empty: none
    std::string ca_file;   // CA certificates in PEM for https; empty: the system's
    double ratio = 0.01;   // see Tracer
    std::string version;   // of this program
    absl::Duration interval = absl::Seconds(1);  // between two requests, unless there are many spans
    absl::Duration timeout = absl::Seconds(10);  // of a request, with the wait for a connection
  };
  static bool IsEndpoint(const std::string& endpoint);
  static bool UsesTls(const std::string& endpoint);

  // Checked options, with the contents of the files that they name.
  class Collector;
  struct Prepared {
    Options options;
    std::shared_ptr<Collector> collector;
  };
  // Connects to nothing. INVALID_ARGUMENT names the option of an invalid value.
  static absl::StatusOr<Prepared> Prepare(const Options& options);

  // Starts immediately. `metrics` must outlive the object.
  OtlpExporter(Prepared prepared, Metrics& metrics);
  // Takes at most two seconds to send the kept spans, and drops those that it could not send.
  ~OtlpExporter();
  OtlpExporter(const OtlpExporter&) = delete;
  OtlpExporter& operator=(const OtlpExporter&) = delete;

  Tracer& tracer() { return tracer_; }

 private:
  void Work();
  void Send(const std::vector<SpanRecord>& spans, absl::Duration timeout);
  void SendRest();

  const Options options_;
  Metrics& metrics_;
  Tracer tracer_;
  const std::shared_ptr<Collector> collector_;
  std::atomic<bool> stopping_{false};
  absl::Notification ended_;  // the thread has nothing more to do
  bool failing_ = false;      // used only by the thread
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_OTLP_OTLP_EXPORTER_H_
