#ifndef IDENTITY_TESTS_SUPPORT_TRACE_COLLECTOR_H_
#define IDENTITY_TESTS_SUPPORT_TRACE_COLLECTOR_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace identity {

using OtlpSpan = opentelemetry::proto::collector::trace::v1::Span;

// A server that takes spans by OTLP on 127.0.0.1, and keeps them.
class TraceCollector {
 public:
  // How it answers a request with `spans`: the spans that it rejects, or an error.
  struct Answer {
    grpc::Status status;
    int64_t rejected = 0;
  };
  using Policy = std::function<Answer(const std::vector<OtlpSpan>& spans)>;

  // Takes all spans.
  TraceCollector();
  explicit TraceCollector(Policy policy);
  // Takes all spans, over TLS.
  TraceCollector(const std::string& certificate, const std::string& key);
  ~TraceCollector();

  // http://HOST:PORT, or https://HOST:PORT
  std::string endpoint() const;
  // Waits until it has spans of all these names, at most for half a minute. Returns all spans, in the order of their
  // arrival.
  std::vector<OtlpSpan> Await(const std::vector<std::string>& names);
  // The attributes of the program that sent the last request, in the form "key=value".
  std::vector<std::string> resource();

 private:
  class Service;
  class Call;
  void Take(const grpc::ByteBuffer& request, Answer* answer);

  TraceCollector(Policy policy, const std::shared_ptr<grpc::ServerCredentials>& credentials, std::string address);

  const Policy policy_;
  const std::string address_;  // without the port
  absl::Mutex mutex_;
  std::vector<OtlpSpan> spans_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> resource_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::CallbackGenericService> service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_SUPPORT_TRACE_COLLECTOR_H_
