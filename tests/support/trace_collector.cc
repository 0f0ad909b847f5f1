#include "tests/support/trace_collector.h"

#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"

namespace identity {
namespace {

namespace otlp = opentelemetry::proto::collector::trace::v1;

constexpr char kMethod[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr absl::Duration kPatience = absl::Seconds(30);

std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const std::string& certificate, const std::string& key) {
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({key, certificate});
  return grpc::SslServerCredentials(options);
}

}  // namespace

// Reads one request, answers it, and ends.
class TraceCollector::Call : public grpc::ServerGenericBidiReactor {
 public:
  explicit Call(TraceCollector& collector) : collector_(collector) { StartRead(&request_); }

 private:
  void OnReadDone(bool ok) override {
    Answer answer;
    if (ok) collector_.Take(request_, &answer);
    if (!ok || !answer.status.ok()) return Finish(answer.status);
    otlp::ExportTraceServiceResponse response;
    if (answer.rejected > 0) response.mutable_partial_success()->set_rejected_spans(answer.rejected);
    const grpc::Slice text(response.SerializeAsString());
    response_ = grpc::ByteBuffer(&text, 1);
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }

  TraceCollector& collector_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class TraceCollector::Service : public grpc::CallbackGenericService {
 public:
  explicit Service(TraceCollector& collector) : collector_(collector) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    EXPECT_EQ(context->method(), kMethod);
    return new Call(collector_);
  }

 private:
  TraceCollector& collector_;
};

TraceCollector::TraceCollector() : TraceCollector([](const std::vector<OtlpSpan>&) { return Answer(); }) {}

TraceCollector::TraceCollector(Policy policy)
    : TraceCollector(std::move(policy), grpc::InsecureServerCredentials(), "http://127.0.0.1") {}

TraceCollector::TraceCollector(const std::string& certificate, const std::string& key)
    : TraceCollector([](const std::vector<OtlpSpan>&) { return Answer(); }, TlsCredentials(certificate, key),
                     "https://127.0.0.1") {}

TraceCollector::TraceCollector(Policy policy, const std::shared_ptr<grpc::ServerCredentials>& credentials,
                               std::string address)
    : policy_(std::move(policy)), address_(std::move(address)), service_(std::make_unique<Service>(*this)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
  builder.RegisterCallbackGenericService(service_.get());
  server_ = builder.BuildAndStart();
  EXPECT_NE(server_, nullptr);
}

TraceCollector::~TraceCollector() { server_->Shutdown(); }

std::string TraceCollector::endpoint() const { return absl::StrCat(address_, ":", port_); }

void TraceCollector::Take(const grpc::ByteBuffer& bytes, Answer* answer) {
  grpc::Slice text;
  otlp::ExportTraceServiceRequest request;
  EXPECT_TRUE(bytes.DumpToSingleSlice(&text).ok());
  EXPECT_TRUE(request.ParseFromArray(text.begin(), static_cast<int>(text.size())));
  std::vector<OtlpSpan> spans;
  std::vector<std::string> resource;
  for (const otlp::ResourceSpans& group : request.resource_spans()) {
    for (const otlp::KeyValue& attribute : group.resource().attributes()) {
      resource.push_back(absl::StrCat(attribute.key(), "=", attribute.value().string_value()));
    }
    for (const otlp::ScopeSpans& scope : group.scope_spans()) {
      spans.insert(spans.end(), scope.spans().begin(), scope.spans().end());
    }
  }
  *answer = policy_(spans);
  MutexLock lock(mutex_);
  resource_ = resource;
  spans_.insert(spans_.end(), spans.begin(), spans.end());
}

std::vector<OtlpSpan> TraceCollector::Await(const std::vector<std::string>& names) {
  MutexLock lock(mutex_);
  const auto complete = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return std::any_of(spans_.begin(), spans_.end(), [&](const OtlpSpan& span) { return span.name() == name; });
    });
  };
  EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&complete), kPatience)) << "spans are missing";
  return spans_;
}

std::vector<std::string> TraceCollector::resource() {
  MutexLock lock(mutex_);
  return resource_;
}

}  // namespace identity
