#include "server/base/trace.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

namespace identity {
namespace {

using testing::SizeIs;

constexpr char kTraceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContextTest, ReadsAndWritesTheHeader) {
  const auto context = TraceContext::Parse(kTraceparent);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(ToHex(context->trace_id), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->ToString(), kTraceparent);
}

TEST(TraceContextTest, OnlyTheFirstFlagCounts) {
  EXPECT_FALSE(TraceContext::Parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02")->sampled);
  EXPECT_TRUE(TraceContext::Parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff")->sampled);
  EXPECT_FALSE(TraceContext::Parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")->sampled);
}

TEST(TraceContextTest, ReadsWhatItKnowsOfALaterVersion) {
  EXPECT_TRUE(TraceContext::Parse("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more").has_value());
  EXPECT_TRUE(TraceContext::Parse("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").has_value());
}

TEST(TraceContextTest, RefusesAMalformedHeader) {
  for (const char* bad : {
           "",
           "00",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
           "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01",
           "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-g1",
       }) {
    EXPECT_FALSE(TraceContext::Parse(bad).has_value()) << bad;
  }
}

class TracerTest : public testing::Test {
 protected:
  std::vector<SpanRecord> Taken() { return tracer_.Take(100, absl::ZeroDuration()); }

  const TraceContext caller_ = *TraceContext::Parse(kTraceparent);
  Counter dropped_;
  Tracer tracer_{0, dropped_};
};

TEST_F(TracerTest, TheCallerDecidesWhetherItsCallIsRecorded) {
  TraceContext other = caller_;
  other.sampled = false;
  Tracer everything(1, dropped_);
  EXPECT_EQ(everything.Begin("call", other), nullptr);
  const auto span = tracer_.Begin("call", caller_);
  ASSERT_NE(span, nullptr);
  EXPECT_EQ(span->context.trace_id, caller_.trace_id);
  EXPECT_EQ(span->parent_id, caller_.span_id);
  EXPECT_NE(span->context.span_id, caller_.span_id);
}

TEST_F(TracerTest, WithoutACallerTheRatioDecides) {
  EXPECT_EQ(tracer_.Begin("call", absl::nullopt), nullptr);
  Tracer everything(1, dropped_);
  const auto first = everything.Begin("call", absl::nullopt);
  const auto second = everything.Begin("call", absl::nullopt);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->parent_id, SpanId{});
  EXPECT_NE(first->context.trace_id, second->context.trace_id);
  Tracer half(0.5, dropped_);
  int recorded = 0;
  for (int i = 0; i < 10'000; ++i) recorded += half.Begin("call", absl::nullopt) != nullptr ? 1 : 0;
  EXPECT_NEAR(recorded, 5'000, 500);  // ten standard deviations
}

TEST_F(TracerTest, CallersChooseABoundedNumberOfCallsInASecond) {
  absl::Duration uptime = absl::Seconds(5);
  Tracer tracer(0, dropped_, [&] { return uptime; });
  const auto recorded = [&] {
    int count = 0;
    for (int i = 0; i < Tracer::kMaxChosenByCallers + 10; ++i)
      count += tracer.Begin("call", caller_) != nullptr ? 1 : 0;
    return count;
  };
  EXPECT_EQ(recorded(), Tracer::kMaxChosenByCallers);
  EXPECT_EQ(recorded(), 0);
  uptime += absl::Seconds(1);
  EXPECT_EQ(recorded(), Tracer::kMaxChosenByCallers);
}

TEST_F(TracerTest, BeyondWhatCallersChooseTheRatioDecides) {
  Tracer everything(1, dropped_, [] { return absl::Seconds(5); });
  for (int i = 0; i < Tracer::kMaxChosenByCallers + 10; ++i) EXPECT_NE(everything.Begin("call", caller_), nullptr);
}

TEST_F(TracerTest, SpansNest) {
  {
    const TraceScope scope(&tracer_, caller_);
    const Span outer("outer");
    { const Span first("first"); }
    const Span second("second", SpanRecord::Kind::kClient);
  }
  const std::vector<SpanRecord> spans = Taken();
  ASSERT_THAT(spans, SizeIs(3));  // by their ends
  EXPECT_EQ(spans[0].name, "first");
  EXPECT_EQ(spans[1].name, "second");
  EXPECT_EQ(spans[2].name, "outer");
  EXPECT_EQ(spans[0].parent_id, spans[2].context.span_id);
  EXPECT_EQ(spans[1].parent_id, spans[2].context.span_id);
  EXPECT_EQ(spans[2].parent_id, caller_.span_id);
  EXPECT_EQ(spans[1].kind, SpanRecord::Kind::kClient);
  for (const SpanRecord& span : spans) EXPECT_EQ(span.context.trace_id, caller_.trace_id);
}

TEST_F(TracerTest, OutsideOfAScopeNothingIsRecorded) {
  { const Span span("work"); }
  { const TraceScope scope(&tracer_, caller_); }
  { const Span span("work"); }
  EXPECT_THAT(Taken(), SizeIs(0));
  EXPECT_EQ(TraceScope::Current(), absl::nullopt);
}

TEST_F(TracerTest, AnInnerScopeHidesTheOuterOne) {
  TraceContext unsampled = caller_;
  unsampled.sampled = false;
  const TraceScope outer(&tracer_, caller_);
  {
    const TraceScope inner(&tracer_, unsampled);
    const Span span("hidden");
    EXPECT_FALSE(TraceScope::Current().has_value());
  }
  EXPECT_EQ(TraceScope::Current()->ToString(), kTraceparent);
  EXPECT_THAT(Taken(), SizeIs(0));
}

TEST_F(TracerTest, AScopeIsOfItsThread) {
  const TraceScope scope(&tracer_, caller_);
  std::thread([] { const Span span("work"); }).join();
  EXPECT_THAT(Taken(), SizeIs(0));
}

TEST_F(TracerTest, ASpanMayHaveBegunEarlier) {
  const absl::Time earlier = absl::UnixEpoch() + absl::Hours(1);
  {
    const TraceScope scope(&tracer_, caller_);
    const Span span("wait", earlier);
  }
  EXPECT_EQ(Taken().at(0).start, earlier);
}

TEST_F(TracerTest, KeepsABoundedNumberAndCountsTheRest) {
  const auto span = tracer_.Begin("call", caller_);
  for (size_t i = 0; i < Tracer::kMaxKept + 7; ++i) tracer_.End(*span);
  EXPECT_EQ(dropped_.value(), 7u);
  EXPECT_THAT(tracer_.Take(Tracer::kMaxKept, absl::InfiniteDuration()), SizeIs(Tracer::kMaxKept));
  tracer_.End(*span);
  EXPECT_EQ(dropped_.value(), 7u);
}

TEST_F(TracerTest, TakeWaitsForEnoughSpans) {
  const auto span = tracer_.Begin("call", caller_);
  std::thread ending([&] {
    for (int i = 0; i < 10; ++i) tracer_.End(*span);
  });
  EXPECT_THAT(tracer_.Take(10, absl::InfiniteDuration()), SizeIs(10));
  ending.join();
  std::thread stopping([&] { tracer_.StopWaiting(); });
  EXPECT_THAT(tracer_.Take(10, absl::InfiniteDuration()), SizeIs(0));
  stopping.join();
}

}  // namespace
}  // namespace identity
