#include "server/otlp/otlp_exporter.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

namespace otlp = opentelemetry::proto::collector::trace::v1;

constexpr char kMethod[] = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr size_t kBatch = 512;  // spans of one request
constexpr int kMaxAnswerBytes = 64 * 1024;
constexpr absl::Duration kLastTimeout = absl::Seconds(1);

static_assert(static_cast<int>(SpanRecord::Kind::kInternal) == otlp::SPAN_KIND_INTERNAL);
static_assert(static_cast<int>(SpanRecord::Kind::kServer) == otlp::SPAN_KIND_SERVER);
static_assert(static_cast<int>(SpanRecord::Kind::kClient) == otlp::SPAN_KIND_CLIENT);

// HOST:PORT of an endpoint. Empty when it is malformed.
std::string TargetOf(absl::string_view endpoint) {
  if (!absl::ConsumePrefix(&endpoint, "https://") && !absl::ConsumePrefix(&endpoint, "http://")) return "";
  absl::ConsumeSuffix(&endpoint, "/");
  const size_t colon = endpoint.rfind(':');
  int port = 0;
  const bool has_port = colon != absl::string_view::npos && absl::SimpleAtoi(endpoint.substr(colon + 1), &port);
  const bool is_host = std::all_of(endpoint.begin(), endpoint.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '/' && c != '@' && c != '?' && c != '#' && c != '%';
  });
  return has_port && port > 0 && port <= 65535 && colon > 0 && is_host ? std::string(endpoint) : "";
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(const OtlpExporter::Options& options) {
  if (!OtlpExporter::UsesTls(options.endpoint)) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  if (!options.ca_file.empty()) {
    std::ifstream file(options.ca_file, std::ios::binary);
    tls.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
    if (!file || !absl::StrContains(tls.pem_root_certs, "BEGIN CERTIFICATE")) {
      return InvalidField("otlp-ca-file", "has no certificate in PEM");
    }
  }
  return grpc::SslCredentials(tls);
}

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

template <typename Owner>
void AddText(Owner& owner, const std::string& key, absl::string_view value) {
  otlp::KeyValue& attribute = *owner.add_attributes();
  attribute.set_key(key);
  attribute.mutable_value()->set_string_value(std::string(value));
}

// The codes that OpenTelemetry's conventions count as errors of a server. A denial is not one of them.
bool IsFault(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

template <typename Id>
std::string Bytes(const Id& id) {
  return {id.begin(), id.end()};
}

// As the conventions for RPC have it: `name` is SERVICE/METHOD.
void AddCall(absl::string_view name, absl::StatusCode code, otlp::Span& span) {
  const size_t slash = name.find('/');
  AddText(span, "rpc.system", "grpc");
  if (slash != absl::string_view::npos) {
    AddText(span, "rpc.service", name.substr(0, slash));
    AddText(span, "rpc.method", name.substr(slash + 1));
  }
  otlp::KeyValue& status = *span.add_attributes();
  status.set_key("rpc.grpc.status_code");
  status.mutable_value()->set_int_value(static_cast<int>(code));
}

otlp::Span ToProto(const SpanRecord& record) {
  otlp::Span span;
  span.set_trace_id(Bytes(record.context.trace_id));
  span.set_span_id(Bytes(record.context.span_id));
  if (record.parent_id != SpanId{}) span.set_parent_span_id(Bytes(record.parent_id));
  span.set_name(std::string(record.name));
  span.set_kind(static_cast<otlp::SpanKind>(record.kind));
  span.set_start_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(record.start)));
  // A clock that is set back must not make a span end before its start.
  span.set_end_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(std::max(record.start, record.end))));
  if (record.kind == SpanRecord::Kind::kServer) AddCall(record.name, record.code, span);
  if (IsFault(record.code)) span.mutable_status()->set_code(otlp::STATUS_CODE_ERROR);
  return span;
}

// The spans, with a description of this program.
otlp::ExportTraceServiceRequest RequestOf(const std::vector<SpanRecord>& spans, const std::string& version) {
  otlp::ExportTraceServiceRequest request;
  otlp::ResourceSpans& resource = *request.add_resource_spans();
  AddText(*resource.mutable_resource(), "service.name", "identityd");
  AddText(*resource.mutable_resource(), "service.version", version);
  AddText(*resource.mutable_resource(), "service.instance.id", HostName());
  otlp::ScopeSpans& scope = *resource.add_scope_spans();
  scope.mutable_scope()->set_name("identityd");
  for (const SpanRecord& span : spans) *scope.add_spans() = ToProto(span);
  return request;
}

absl::StatusOr<int64_t> ReadRejected(const grpc::ByteBuffer& bytes) {
  grpc::Slice text;
  otlp::ExportTraceServiceResponse response;
  const bool is_read =
      bytes.DumpToSingleSlice(&text).ok() && response.ParseFromArray(text.begin(), static_cast<int>(text.size()));
  if (!is_read) return absl::DataLossError("the answer of the collector is malformed");
  return response.partial_success().rejected_spans();
}

}  // namespace

// The connection to the collector. Sends bytes, since a generated stub would take long to compile for one method. Used
// by one thread, except for `Cancel`.
class OtlpExporter::Collector {
 public:
  Collector(const std::string& target, const std::shared_ptr<grpc::ChannelCredentials>& credentials)
      : stub_(grpc::CreateCustomChannel(target, credentials, Arguments())) {}

  // Waits for a connection and for the answer. Returns the number of spans that the collector rejected.
  absl::StatusOr<int64_t> Export(const otlp::ExportTraceServiceRequest& request, absl::Duration timeout) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    SetRunning(&context);
    const grpc::Slice text(request.SerializeAsString());
    const grpc::ByteBuffer sent(&text, 1);
    grpc::ByteBuffer received;
    grpc::Status status;
    absl::Notification done;
    stub_.UnaryCall(&context, kMethod, {}, &sent, &received, [&](grpc::Status end) {
      status = std::move(end);
      done.Notify();
    });
    done.WaitForNotification();
    SetRunning(nullptr);
    if (!status.ok()) return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
    return ReadRejected(received);
  }

  // Ends a running `Export` early.
  void Cancel() {
    MutexLock lock(mutex_);
    if (running_ != nullptr) running_->TryCancel();
  }

 private:
  static grpc::ChannelArguments Arguments() {
    grpc::ChannelArguments arguments;
    // gRPC would wait up to 2 minutes between attempts to connect.
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
    // The collector is not trusted with our memory: its answers are a few bytes.
    arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
    arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    // No environment variable sends the spans elsewhere.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    return arguments;
  }
  void SetRunning(grpc::ClientContext* context) {
    MutexLock lock(mutex_);
    running_ = context;
  }

  grpc::GenericStub stub_;
  absl::Mutex mutex_;
  grpc::ClientContext* running_ ABSL_GUARDED_BY(mutex_) = nullptr;  // null: no request
};

bool OtlpExporter::UsesTls(const std::string& endpoint) { return absl::StartsWith(endpoint, "https://"); }

bool OtlpExporter::IsEndpoint(const std::string& endpoint) { return !TargetOf(endpoint).empty(); }

absl::StatusOr<OtlpExporter::Prepared> OtlpExporter::Prepare(const Options& options) {
  if (!IsEndpoint(options.endpoint))
    return InvalidField("otlp-endpoint", "must be http://HOST:PORT or https://HOST:PORT");
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ChannelCredentials> credentials, CredentialsOf(options));
  return Prepared{options, std::make_shared<Collector>(TargetOf(options.endpoint), credentials)};
}

OtlpExporter::OtlpExporter(Prepared prepared, Metrics& metrics)
    : options_(std::move(prepared.options)),
      metrics_(metrics),
      tracer_(options_.ratio, metrics.spans_dropped),
      collector_(std::move(prepared.collector)),
      thread_([this] { Work(); }) {}

OtlpExporter::~OtlpExporter() {
  stopping_ = true;
  tracer_.StopWaiting();
  if (!ended_.WaitForNotificationWithTimeout(kLastTimeout)) collector_->Cancel();
  thread_.join();
}

void OtlpExporter::Work() {
  pthread_setname_np(pthread_self(), "otlp");
  while (!stopping_) Send(tracer_.Take(kBatch, options_.interval), options_.timeout);
  SendRest();
  ended_.Notify();
}

void OtlpExporter::SendRest() {
  const Stopwatch stopwatch;
  while (true) {
    const std::vector<SpanRecord> spans = tracer_.Take(kBatch, absl::ZeroDuration());
    if (spans.empty()) return;
    const absl::Duration left = kLastTimeout - stopwatch.elapsed();
    if (left > absl::ZeroDuration()) {
      Send(spans, left);
    } else {
      metrics_.spans_dropped.Add(spans.size());
    }
  }
}

void OtlpExporter::Send(const std::vector<SpanRecord>& spans, absl::Duration timeout) {
  if (spans.empty()) return;
  const absl::StatusOr<int64_t> rejected = collector_->Export(RequestOf(spans, options_.version), timeout);
  const size_t lost = rejected.ok() ? static_cast<size_t>(std::max(int64_t{0}, *rejected)) : spans.size();
  const size_t dropped = std::min(lost, spans.size());
  metrics_.spans_dropped.Add(dropped);
  metrics_.spans_sent.Add(spans.size() - dropped);
  // Logs the first failure, not one for each request.
  if (!rejected.ok() && !failing_) {
    Log(LogLevel::kWarning, "traces not sent",
        {{"endpoint", options_.endpoint}, {"status", std::string(rejected.status().message())}});
  }
  failing_ = !rejected.ok();
}

}  // namespace identity
