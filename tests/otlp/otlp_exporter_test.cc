#include "server/otlp/otlp_exporter.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/trace_collector.h"

namespace identity {
namespace {

namespace otlp = opentelemetry::proto::collector::trace::v1;

using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

TraceContext Sampled() { return {{1, 2, 3}, {4, 5}, true}; }

template <typename Id>
std::string Bytes(const Id& id) {
  return {id.begin(), id.end()};
}

class OtlpExporterTest : public testing::Test {
 protected:
  OtlpExporter::Options OptionsFor(const std::string& endpoint) {
    OtlpExporter::Options options;
    options.endpoint = endpoint;
    options.version = "1.2.3";
    options.interval = absl::Milliseconds(10);
    return options;
  }
  std::unique_ptr<OtlpExporter> ExporterTo(const std::string& endpoint) {
    return std::make_unique<OtlpExporter>(OtlpExporter::Prepare(OptionsFor(endpoint)).value(), metrics_);
  }
  static void Record(Tracer& tracer, absl::string_view name, absl::StatusCode code = absl::StatusCode::kOk) {
    const std::shared_ptr<SpanRecord> span = tracer.Begin(name, Sampled());
    span->code = code;
    tracer.End(*span);
  }

  Metrics metrics_{{}, {}};
};

TEST_F(OtlpExporterTest, SendsACallAndTheWorkBelowIt) {
  TraceCollector collector;
  const auto exporter = ExporterTo(collector.endpoint());
  const std::shared_ptr<SpanRecord> call = exporter->tracer().Begin("a.B/Call", Sampled());
  {
    const TraceScope scope(&exporter->tracer(), call->context);
    Span span("work", SpanRecord::Kind::kClient);
  }
  exporter->tracer().End(*call);
  const std::vector<OtlpSpan> spans = collector.Await({"a.B/Call", "work"});
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_EQ(spans[0].trace_id(), Bytes(Sampled().trace_id));
  EXPECT_EQ(spans[0].parent_span_id(), Bytes(call->context.span_id));
  EXPECT_EQ(spans[0].kind(), otlp::SPAN_KIND_CLIENT);
  EXPECT_EQ(spans[1].trace_id(), Bytes(Sampled().trace_id));
  EXPECT_EQ(spans[1].parent_span_id(), Bytes(Sampled().span_id));
  EXPECT_EQ(spans[1].span_id(), Bytes(call->context.span_id));
  EXPECT_EQ(spans[1].kind(), otlp::SPAN_KIND_SERVER);
  EXPECT_LE(spans[1].start_time_unix_nano(), spans[0].start_time_unix_nano());
  EXPECT_LE(spans[0].end_time_unix_nano(), spans[1].end_time_unix_nano());
  EXPECT_GT(spans[1].start_time_unix_nano(), 0u);
  EXPECT_THAT(collector.resource(), Contains("service.name=identityd"));
  EXPECT_THAT(collector.resource(), Contains("service.version=1.2.3"));
}

TEST_F(OtlpExporterTest, ACallHasTheAttributesOfItsMethodAndItsCode) {
  TraceCollector collector;
  const auto exporter = ExporterTo(collector.endpoint());
  Record(exporter->tracer(), "a.B/Call", absl::StatusCode::kPermissionDenied);
  const std::vector<OtlpSpan> spans = collector.Await({"a.B/Call"});
  ASSERT_THAT(spans, SizeIs(1));
  std::vector<std::string> attributes;
  for (const otlp::KeyValue& attribute : spans[0].attributes()) {
    attributes.push_back(absl::StrCat(attribute.key(), "=", attribute.value().string_value(),
                                      attribute.value().has_int_value() ? attribute.value().int_value() : 0));
  }
  EXPECT_THAT(attributes, testing::ElementsAre("rpc.system=grpc0", "rpc.service=a.B0", "rpc.method=Call0",
                                               "rpc.grpc.status_code=7"));
}

TEST_F(OtlpExporterTest, OnlyAFaultOfTheServerIsAnError) {
  TraceCollector collector;
  const auto exporter = ExporterTo(collector.endpoint());
  Record(exporter->tracer(), "a.B/Denied", absl::StatusCode::kPermissionDenied);
  Record(exporter->tracer(), "a.B/Away", absl::StatusCode::kUnavailable);
  for (const OtlpSpan& span : collector.Await({"a.B/Denied", "a.B/Away"})) {
    EXPECT_EQ(span.status().code() == otlp::STATUS_CODE_ERROR, span.name() == "a.B/Away") << span.name();
  }
}

TEST_F(OtlpExporterTest, CountsWhatTheCollectorTakesAndRejects) {
  TraceCollector collector([](const std::vector<OtlpSpan>& spans) {
    return TraceCollector::Answer{grpc::Status::OK, spans[0].name() == "a.B/Half" ? 1 : 0};
  });
  {
    const auto exporter = ExporterTo(collector.endpoint());
    Record(exporter->tracer(), "a.B/Half");
    collector.Await({"a.B/Half"});
    Record(exporter->tracer(), "a.B/Whole");
    collector.Await({"a.B/Whole"});
  }
  EXPECT_EQ(metrics_.spans_sent.value(), 1u);
  EXPECT_EQ(metrics_.spans_dropped.value(), 1u);
}

TEST_F(OtlpExporterTest, ARefusedRequestIsDroppedAndLoggedOnce) {
  std::atomic<int> requests = 0;
  TraceCollector collector([&](const std::vector<OtlpSpan>&) {
    ++requests;
    return TraceCollector::Answer{grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no"), 0};
  });
  testing::internal::CaptureStderr();
  {
    const auto exporter = ExporterTo(collector.endpoint());
    Record(exporter->tracer(), "a.B/One");
    collector.Await({"a.B/One"});
    Record(exporter->tracer(), "a.B/Two");
    collector.Await({"a.B/Two"});
  }
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(metrics_.spans_dropped.value(), 2u);
  const size_t first = log.find("traces not sent");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(log.find("traces not sent", first + 1), std::string::npos) << log;
}

TEST_F(OtlpExporterTest, WhatIsKeptIsSentAtTheEnd) {
  TraceCollector collector;
  OtlpExporter::Options options = OptionsFor(collector.endpoint());
  options.interval = absl::Hours(1);
  constexpr size_t kSpans = 900;  // more than one request
  {
    OtlpExporter exporter(OtlpExporter::Prepare(options).value(), metrics_);
    for (size_t i = 0; i < kSpans; ++i) Record(exporter.tracer(), "a.B/Last");
  }
  EXPECT_THAT(collector.Await({"a.B/Last"}), SizeIs(kSpans));
  EXPECT_EQ(metrics_.spans_sent.value(), kSpans);
}

TEST_F(OtlpExporterTest, WithoutACollectorItKeepsABoundedNumberAndEndsSoon) {
  const Stopwatch stopwatch;
  {
    const auto exporter = ExporterTo("http://127.0.0.1:1");
    const std::shared_ptr<SpanRecord> span = exporter->tracer().Begin("a.B/Call", Sampled());
    for (size_t i = 0; i < 3 * Tracer::kMaxKept; ++i) exporter->tracer().End(*span);
    EXPECT_GE(metrics_.spans_dropped.value(), Tracer::kMaxKept);
  }
  EXPECT_EQ(metrics_.spans_sent.value(), 0u);
  EXPECT_EQ(metrics_.spans_dropped.value(), 3 * Tracer::kMaxKept);
  EXPECT_LT(stopwatch.elapsed(), OtlpExporter::Options().timeout);
}

TEST_F(OtlpExporterTest, ASlowCollectorDoesNotHoldUpTheEnd) {
  std::latch received(1);
  std::latch released(1);
  TraceCollector collector([&](const std::vector<OtlpSpan>&) {
    received.count_down();
    released.wait();
    return TraceCollector::Answer();
  });
  {
    OtlpExporter::Options options = OptionsFor(collector.endpoint());
    options.timeout = absl::Hours(1);
    OtlpExporter exporter(OtlpExporter::Prepare(options).value(), metrics_);
    Record(exporter.tracer(), "a.B/Call");
    received.wait();
  }
  EXPECT_EQ(metrics_.spans_dropped.value(), 1u);
  released.count_down();
}

TEST_F(OtlpExporterTest, OverTlsItTrustsTheGivenAuthorityAndNoOther) {
  const TestCertificate certificate;
  const TestCertificate other;
  TraceCollector collector(ReadWhole(certificate.certificate_file()), ReadWhole(certificate.key_file()));
  OtlpExporter::Options options = OptionsFor(collector.endpoint());
  options.ca_file = certificate.certificate_file();
  {
    OtlpExporter trusting(OtlpExporter::Prepare(options).value(), metrics_);
    Record(trusting.tracer(), "a.B/Call");
  }
  EXPECT_EQ(metrics_.spans_sent.value(), 1u);
  options.ca_file = other.certificate_file();
  {
    OtlpExporter distrusting(OtlpExporter::Prepare(options).value(), metrics_);
    Record(distrusting.tracer(), "a.B/Call");
  }
  EXPECT_EQ(metrics_.spans_sent.value(), 1u);
  EXPECT_EQ(metrics_.spans_dropped.value(), 1u);
}

TEST(OtlpEndpointTest, HasASchemeAHostAndAPort) {
  for (const char* good : {"http://collector:4317", "https://otel.example.com:443", "http://[::1]:4317/"}) {
    EXPECT_TRUE(OtlpExporter::IsEndpoint(good)) << good;
  }
  for (const char* bad : {"", "collector:4317", "http://collector", "http://:4317", "grpc://collector:4317",
                          "http://collector:0", "http://collector:70000", "http://collector:4317/v1/traces",
                          "http://user@collector:4317", "http://a b:4317", "https://"}) {
    EXPECT_FALSE(OtlpExporter::IsEndpoint(bad)) << bad;
  }
}

TEST(OtlpEndpointTest, AnUnreadableFileIsRefused) {
  OtlpExporter::Options options;
  options.endpoint = "https://collector:4317";
  options.ca_file = "/nonexistent/ca.pem";
  const auto prepared = OtlpExporter::Prepare(options);
  EXPECT_THAT(prepared, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(prepared.status().message()), HasSubstr("otlp-ca-file"));
}

}  // namespace
}  // namespace identity
