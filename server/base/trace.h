#ifndef IDENTITY_BASE_TRACE_H_
#define IDENTITY_BASE_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/clock.h"
#include "server/base/metrics.h"
#include "server/base/trace_context.h"

// Distributed traces, as OpenTelemetry defines them. A trace is a tree of spans, which several programs record. Here a
// span has a name, times and a code, and nothing of the request: no ids, names or addresses.
//
// A call has a span. Parts of its work on the same thread are child spans: `Span span("transaction");` records one
// until the end of its block. It costs almost nothing when the call is not recorded.
namespace identity {

// A span that runs or has ended. A value.
struct SpanRecord {
  enum class Kind { kInternal = 1, kServer = 2, kClient = 3 };  // the values of OTLP

  TraceContext context;    // its own
  SpanId parent_id{};      // zero: it has no parent
  absl::string_view name;  // lives as long as the program
  Kind kind = Kind::kInternal;
  absl::Time start;
  absl::Time end;
  absl::StatusCode code = absl::StatusCode::kOk;
};

// Decides which calls are recorded, and keeps finished spans until they are sent. Never waits for their sending: it
// drops spans when too many are kept. Thread-safe.
class Tracer {
 public:
  // The maximum number of kept spans; each takes about 100 bytes.
  static constexpr size_t kMaxKept = 8192;

  // A caller that sends a trace context decides itself whether its call is recorded. But callers are strangers: they
  // get at most this many calls recorded in a second. Beyond it, and for calls without a context, the ratio decides.
  static constexpr int kMaxChosenByCallers = 1000;

  // `ratio`: a fraction of calls, from 0 to 1. `uptime`: a clock that nobody can set. `dropped` counts spans and must
  // outlive the object.
  Tracer(double ratio, Counter& dropped, std::function<absl::Duration()> uptime = Uptime)
      : ratio_(ratio), dropped_(dropped), uptime_(std::move(uptime)) {}

  // The span of a call that begins now. Null: the call is not recorded.
  std::shared_ptr<SpanRecord> Begin(absl::string_view name, const absl::optional<TraceContext>& caller);
  // Keeps a span that ends now.
  void End(SpanRecord span);

  // Waits until `enough` spans are kept, at most for `timeout`. Returns at most that many, the oldest first.
  std::vector<SpanRecord> Take(size_t enough, absl::Duration timeout);
  // Ends the wait of `Take` early, now and later.
  void StopWaiting();

 private:
  bool Records(const absl::optional<TraceContext>& caller);
  // Whether this second has room for one more call that its caller has chosen.
  bool TakesChosen();

  const double ratio_;
  Counter& dropped_;
  const std::function<absl::Duration()> uptime_;
  absl::Mutex mutex_;
  int64_t second_ ABSL_GUARDED_BY(mutex_) = 0;
  int chosen_ ABSL_GUARDED_BY(mutex_) = 0;  // calls in that second
  std::deque<SpanRecord> kept_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

// While it exists, the spans of this thread belong to `parent`. Scopes nest.
class TraceScope {
 public:
  // What a thread has in its scope. Another thread can continue it while the first one waits.
  struct Saved {
    Tracer* tracer = nullptr;
    TraceContext parent;
  };
  static Saved Save() { return OfThisThread(); }
  explicit TraceScope(const Saved& saved) : previous_(std::exchange(OfThisThread(), saved)) {}

  // `tracer` must outlive the object. Null, or a context that is not sampled: spans of this thread are not recorded.
  TraceScope(Tracer* tracer, const TraceContext& parent);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

  // What the spans of this thread belong to. nullopt: they are not recorded.
  static absl::optional<TraceContext> Current();

 private:
  friend class Span;
  static Saved& OfThisThread();

  const Saved previous_;
};

// Work on this thread, from the construction of this object to its destruction.
class Span {
 public:
  // `name` lives as long as the program. `start`: the work began earlier, on another thread.
  explicit Span(absl::string_view name, SpanRecord::Kind kind = SpanRecord::Kind::kInternal);
  Span(absl::string_view name, absl::Time start);
  ~Span();
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  void SetCode(absl::StatusCode code) { record_.code = code; }

 private:
  Tracer* tracer_ = nullptr;  // null: not recorded
  SpanRecord record_;
};

}  // namespace identity

#endif  // IDENTITY_BASE_TRACE_H_
