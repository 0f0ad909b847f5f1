#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "server/base/trace_context.h"
#include "tests/support/harness.h"
#include "tests/support/trace_collector.h"

namespace identity {
namespace {

using testing::SizeIs;

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kAuthenticate[] = "identity.v1.IdentityService/Authenticate";
constexpr char kCheck[] = "identity.v1.IdentityService/CheckPermission";

Metadata With(Metadata metadata, const std::string& traceparent) {
  metadata.emplace_back("traceparent", traceparent);
  return metadata;
}

std::string Traceparent(const std::string& flags = "01", const std::string& trace = kTrace) {
  return "00-" + trace + "-00f067aa0ba902b7-" + flags;
}

std::string TraceOf(const OtlpSpan& span) {
  TraceId id{};
  std::copy(span.trace_id().begin(), span.trace_id().end(), id.begin());
  return ToHex(id);
}

class TracingTest : public testing::Test {
 protected:
  void Start(double ratio) {
    server_ = std::make_unique<TestServer>([&](Config& config) {
      config.traces.endpoint = collector_.endpoint();
      config.traces.ratio = ratio;
      config.traces.interval = absl::Milliseconds(10);
    });
  }
  v1::AuthenticateResponse LogIn(const TestUser& user, const Metadata& metadata) {
    const auto request =
        Proto<v1::AuthenticateRequest>("password { login: '$0' password: '$1' }", user.username, user.password);
    return Must(server_->Call(&Identity::Authenticate, request, metadata));
  }
  grpc::Status CheckOwn(const std::string& token, const Metadata& metadata) {
    v1::CheckPermissionRequest request;
    request.set_access_token(token);
    request.set_permission("profile:read");
    return server_->Call(&Identity::CheckPermission, request, metadata).status;
  }
  // Ends the server, so that it sends all its spans. Returns those of the trace, by name.
  std::map<std::string, std::vector<OtlpSpan>> SpansOf(const std::string& trace,
                                                       const std::vector<std::string>& names) {
    server_.reset();
    std::map<std::string, std::vector<OtlpSpan>> spans;
    for (const OtlpSpan& span : collector_.Await(names)) {
      if (TraceOf(span) == trace) spans[span.name()].push_back(span);
    }
    return spans;
  }

  TraceCollector collector_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(TracingTest, ALoginIsTheWorkBelowItsCall) {
  Start(0);
  LogIn(server_->MakeUser(), With({}, Traceparent()));
  const auto spans = SpansOf(kTrace, {kAuthenticate});
  ASSERT_THAT(spans.at(kAuthenticate), SizeIs(1));
  const OtlpSpan& call = spans.at(kAuthenticate)[0];
  EXPECT_EQ(call.parent_span_id(), std::string("\x00\xf0\x67\xaa\x0b\xa9\x02\xb7", 8));
  for (const std::string name : {"queue", "hash", "transaction"}) {
    ASSERT_EQ(spans.count(name), 1u) << name;
    for (const OtlpSpan& span : spans.at(name)) {
      EXPECT_EQ(span.parent_span_id(), call.span_id()) << name;
      EXPECT_GE(span.start_time_unix_nano(), call.start_time_unix_nano()) << name;
      EXPECT_LE(span.end_time_unix_nano(), call.end_time_unix_nano()) << name;
    }
  }
  EXPECT_THAT(spans.at("queue"), SizeIs(1));
  EXPECT_THAT(spans.at("hash"), SizeIs(1));
}

TEST_F(TracingTest, TheFirstCheckOfAPrincipalLoadsItAndTheNextOnesDoNot) {
  Start(0);
  const std::string token = LogIn(server_->MakeUser(), {}).tokens().access_token();
  constexpr char kOther[] = "5bf92f3577b34da6a3ce929d0e0e4736";
  ASSERT_TRUE(CheckOwn(token, With(server_->root(), Traceparent())).ok());
  ASSERT_TRUE(CheckOwn(token, With(server_->root(), Traceparent("01", kOther))).ok());
  const auto first = SpansOf(kTrace, {kCheck, "view load"});
  ASSERT_THAT(first.at("view load"), SizeIs(1));
  EXPECT_EQ(first.at("view load")[0].parent_span_id(), first.at(kCheck)[0].span_id());
  EXPECT_EQ(first.at("transaction")[0].parent_span_id(), first.at("view load")[0].span_id());
  const auto second = SpansOf(kOther, {});
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_THAT(second.at(kCheck), SizeIs(1));
}

TEST_F(TracingTest, ACallerWithoutATraceContextIsRecordedByTheRatio) {
  Start(1);
  LogIn(server_->MakeUser(), {});
  server_.reset();
  for (const OtlpSpan& span : collector_.Await({kAuthenticate})) {
    EXPECT_EQ(span.parent_span_id().empty(), absl::StrContains(span.name(), "/")) << span.name();
  }
}

TEST_F(TracingTest, ACallerThatDoesNotSampleIsNotRecorded) {
  Start(1);
  const TestUser user = server_->MakeUser();
  LogIn(user, With({}, Traceparent("00")));
  EXPECT_THAT(SpansOf(kTrace, {"identity.v1.AdminService/CreateUser"}), SizeIs(0));
}

TEST_F(TracingTest, AMalformedTraceContextIsNone) {
  Start(0);
  const TestUser user = server_->MakeUser();
  LogIn(user, With({}, "nonsense"));
  LogIn(user, With({}, Traceparent("01", "6bf92f3577b34da6a3ce929d0e0e4736")));
  EXPECT_THAT(SpansOf(kTrace, {kAuthenticate}), SizeIs(0));
}

TEST_F(TracingTest, AFailedCallHasItsCode) {
  Start(0);
  v1::CheckPermissionRequest request;
  const Metadata metadata = With({}, Traceparent());
  EXPECT_FALSE(server_->Call(&Identity::CheckPermission, request, metadata).status.ok());
  const auto spans = SpansOf(kTrace, {kCheck});
  EXPECT_EQ(spans.at(kCheck)[0].attributes(3).key(), "rpc.grpc.status_code");
  EXPECT_EQ(spans.at(kCheck)[0].attributes(3).value().int_value(), grpc::StatusCode::UNAUTHENTICATED);
}

// A trace may be read by more people than the accounts are for.
TEST_F(TracingTest, SpansHoldNothingOfTheRequest) {
  Start(1);
  const TestUser user = server_->MakeUser();
  const std::string token = LogIn(user, With({}, Traceparent())).tokens().access_token();
  CheckOwn(token, server_->root());
  server_.reset();
  for (const OtlpSpan& span : collector_.Await({kAuthenticate, kCheck})) {
    const std::string text = span.DebugString();
    for (const std::string& secret : {user.id, user.username, user.email, user.password, token}) {
      EXPECT_EQ(text.find(secret), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace identity
