#ifndef IDENTITY_BASE_METRICS_H_
#define IDENTITY_BASE_METRICS_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/trace_context.h"

// Numbers that the service counts about itself. Recording takes a few nanoseconds and no lock. Only the duration of a
// traced call takes a lock, to keep its exemplar. server/http presents the numbers.
namespace identity {

// The alignment of instruments, so that threads that write two of them do not contend for one cache line.
inline constexpr size_t kCacheLineBytes = 64;

// A number that only grows. Thread-safe.
class alignas(kCacheLineBytes) Counter {
 public:
  void Add(uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// One counter for each name of a fixed list, by its index in the list. Thread-safe.
class NamedCounters {
 public:
  explicit NamedCounters(std::vector<std::string> names) : names_(std::move(names)), counters_(names_.size()) {}

  void Add(size_t index) { counters_[index].Add(); }
  uint64_t value(size_t index) const { return counters_[index].value(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  const std::vector<std::string> names_;
  std::vector<Counter> counters_;
};

// Counts durations in buckets from 10 µs to 10 s, three per decade. Thread-safe.
class alignas(kCacheLineBytes) DurationHistogram {
 public:
  // A negative duration, which the clocks of two machines can produce, counts as zero.
  // `trace_id`: of a call that is traced, which becomes the exemplar of its bucket; else null.
  void Record(absl::Duration duration, const TraceId* trace_id = nullptr);

  // One of the durations in a bucket, with the trace that shows how it came about.
  struct Exemplar {
    TraceId trace_id;
    absl::Duration duration;
    absl::Time time;
  };
  struct Bucket {
    absl::Duration upper_bound;  // infinite for the last one
    uint64_t count;              // of the durations up to upper_bound
    absl::optional<Exemplar> exemplar;
  };
  // The buckets and the count are of one moment. The sum may already include durations that are being recorded.
  struct Snapshot {
    std::vector<Bucket> buckets;
    uint64_t count = 0;
    absl::Duration sum;
  };
  Snapshot Read() const;

 private:
  static constexpr std::array<int64_t, 19> kBoundsNanoseconds = {
      10'000,      20'000,        50'000,        100'000,       200'000,       500'000,     1'000'000,
      2'000'000,   5'000'000,     10'000'000,    20'000'000,    50'000'000,    100'000'000, 200'000'000,
      500'000'000, 1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000};

  static constexpr size_t kBuckets = kBoundsNanoseconds.size() + 1;  // the last is for longer durations
  static size_t BucketOf(absl::Duration duration);

  std::array<std::atomic<uint64_t>, kBuckets> counts_{};  // not cumulative
  std::atomic<int64_t> sum_nanoseconds_{0};
  mutable absl::Mutex mutex_;
  std::array<absl::optional<Exemplar>, kBuckets> exemplars_ ABSL_GUARDED_BY(mutex_);
};

// For each method of a fixed list, by its index in the list: the number of calls by code, and their durations.
// Thread-safe.
class RpcMetrics {
 public:
  // The canonical codes, from OK to UNAUTHENTICATED.
  static constexpr size_t kCodes = 17;

  explicit RpcMetrics(std::vector<std::string> methods);

  // nullopt when the list does not contain `method`.
  absl::optional<size_t> IndexOf(absl::string_view method) const;
  // A code that is not canonical counts as UNKNOWN.
  // `trace_id`: null when the call is not traced.
  void Record(size_t method, absl::StatusCode code, absl::Duration duration, const TraceId* trace_id = nullptr);

  const std::vector<std::string>& methods() const { return methods_; }
  uint64_t count(size_t method, absl::StatusCode code) const;
  const DurationHistogram& duration(size_t method) const { return calls_[method].duration; }

 private:
  struct Calls {
    std::array<Counter, kCodes> by_code;
    DurationHistogram duration;
  };

  const std::vector<std::string> methods_;
  absl::flat_hash_map<std::string, size_t> indices_;
  std::vector<Calls> calls_;
};

// Everything that the service counts. Thread-safe.
struct Metrics {
  // `methods`: the displayed name of every RPC. `reasons`: of decisions, in the order of identity::Reason. `limits`: in
  // the order of Throttle::Limit. `refusals`: in the order of Connections::Refusal.
  Metrics(std::vector<std::string> methods, std::vector<std::string> reasons, std::vector<std::string> limits = {},
          std::vector<std::string> refusals = {})
      : rpcs(std::move(methods)),
        decisions(std::move(reasons)),
        rate_limited(std::move(limits)),
        connections_refused(std::move(refusals)) {}

  RpcMetrics rpcs;
  Counter calls_refused;  // the worker queue was full

  NamedCounters decisions;
  NamedCounters rate_limited;         // refusals, by the limit
  NamedCounters connections_refused;  // likewise

  DurationHistogram hash_duration;  // on a thread of the hash pool, without the wait for it
  Counter hash_work;                // of logins, in KiB that Argon2id fills in one pass
  Counter logins_refused;           // the hash pool was full

  Counter calls_inline;     // answered inline, from facts in the view
  Counter calls_by_worker;  // handed to a worker: the view lacked a fact, or there were many signatures
  Counter view_loads;       // records read from the database

  Counter feed_rounds;                 // reads of the changes
  Counter feed_reconnects;             // attempts to connect to the database after the first
  Counter feed_reloads;                // reads of everything, including the one at the start
  Counter feed_changes;                // changes applied
  DurationHistogram feed_apply_delay;  // from a change's commit until this replica applied it

  Counter mails_sent;       // accepted by the mail server
  Counter mails_failed;     // attempts that failed
  Counter mails_abandoned;  // the server rejected them, or the last attempt failed

  Counter spans_sent;     // accepted by the collector
  Counter spans_dropped;  // too many were kept, or they could not be sent
};

// A number that is read from its owner when the metrics are read.
struct Gauge {
  enum class Kind { kGauge, kCounter };  // kCounter: only grows, and its name ends in _total

  std::string name;
  std::string help;
  std::vector<std::pair<std::string, std::string>> labels;
  std::function<double()> read;  // from any thread; must neither block nor throw
  Kind kind = Kind::kGauge;
};

// Measures a duration by a clock that nobody can set.
class Stopwatch {
 public:
  absl::Duration elapsed() const { return absl::FromChrono(std::chrono::steady_clock::now() - start_); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace identity

#endif  // IDENTITY_BASE_METRICS_H_
