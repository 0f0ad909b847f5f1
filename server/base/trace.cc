#include "server/base/trace.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "server/base/mutex.h"
#include "server/base/random.h"

namespace identity {
namespace {

template <typename Id>
Id RandomId() {
  const std::string bytes = RandomBytes(Id{}.size());
  Id id{};
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

// Fills in a span of the trace of `parent` that begins now.
void BeginBelow(const TraceContext& parent, SpanRecord& span) {
  span.context = {parent.trace_id, RandomId<SpanId>(), true};
  span.parent_id = parent.span_id;
  span.start = absl::Now();
}

}  // namespace

std::shared_ptr<SpanRecord> Tracer::Begin(absl::string_view name, const absl::optional<TraceContext>& caller) {
  if (!Records(caller)) return nullptr;
  auto span = std::make_shared<SpanRecord>();
  BeginBelow(caller ? *caller : TraceContext{RandomId<TraceId>(), {}, true}, *span);
  span->name = name;
  span->kind = SpanRecord::Kind::kServer;
  return span;
}

bool Tracer::Records(const absl::optional<TraceContext>& caller) {
  if (caller && !caller->sampled) return false;
  return (caller && TakesChosen()) || RandomFraction() < ratio_;
}

bool Tracer::TakesChosen() {
  const int64_t second = absl::ToInt64Seconds(uptime_());
  MutexLock lock(mutex_);
  if (std::exchange(second_, second) != second) chosen_ = 0;
  return chosen_ < kMaxChosenByCallers && ++chosen_ > 0;
}

void Tracer::End(SpanRecord span) {
  span.end = absl::Now();
  MutexLock lock(mutex_);
  if (kept_.size() >= kMaxKept) {
    dropped_.Add();
    return;
  }
  kept_.push_back(span);
}

std::vector<SpanRecord> Tracer::Take(size_t enough, absl::Duration timeout) {
  MutexLock lock(mutex_);
  const auto full = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stopped_ || kept_.size() >= enough; };
  mutex_.AwaitWithTimeout(absl::Condition(&full), timeout);
  const auto end = kept_.begin() + static_cast<std::ptrdiff_t>(std::min(enough, kept_.size()));
  std::vector<SpanRecord> taken(kept_.begin(), end);
  kept_.erase(kept_.begin(), end);
  return taken;
}

void Tracer::StopWaiting() {
  MutexLock lock(mutex_);
  stopped_ = true;
}

TraceScope::Saved& TraceScope::OfThisThread() {
  thread_local Saved state;
  return state;
}

TraceScope::TraceScope(Tracer* tracer, const TraceContext& parent)
    : previous_(std::exchange(OfThisThread(), Saved{parent.sampled ? tracer : nullptr, parent})) {}

TraceScope::~TraceScope() { OfThisThread() = previous_; }

absl::optional<TraceContext> TraceScope::Current() {
  const Saved& state = OfThisThread();
  if (state.tracer == nullptr) return absl::nullopt;
  return state.parent;
}

Span::Span(absl::string_view name, SpanRecord::Kind kind) {
  TraceScope::Saved& state = TraceScope::OfThisThread();
  tracer_ = state.tracer;
  if (tracer_ == nullptr) return;
  BeginBelow(state.parent, record_);
  record_.name = name;
  record_.kind = kind;
  state.parent = record_.context;
}

Span::Span(absl::string_view name, absl::Time start) : Span(name) { record_.start = start; }

Span::~Span() {
  if (tracer_ == nullptr) return;
  TraceScope::OfThisThread().parent.span_id = record_.parent_id;
  tracer_->End(record_);
}

}  // namespace identity
