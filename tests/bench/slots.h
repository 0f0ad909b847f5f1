#ifndef IDENTITY_TESTS_BENCH_SLOTS_H_
#define IDENTITY_TESTS_BENCH_SLOTS_H_

#include <grpcpp/alarm.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"
#include "tests/bench/histogram.h"
#include "tests/bench/load.h"
#include "tests/bench/request_file.h"

// Loads over gRPC and over HTTP share this code. It decides when calls begin, and records how they end.
namespace identity::bench {

class Slot;

// Selects the next request and its time, and holds the idle slots. Thread-safe.
class Schedule {
 public:
  Schedule(const LoadOptions& options, const RequestFile& requests, absl::Time start)
      : options_(options),
        requests_(requests),
        start_(start),
        measured_from_(start + options.warm_up),
        end_(start + options.warm_up + options.duration) {}

  const LoadOptions& options() const { return options_; }
  absl::Time start() const { return start_; }
  absl::Time end() const { return end_; }
  bool is_open_loop() const { return options_.rate > 0; }
  bool IsMeasured(absl::Time time) const { return time >= measured_from_ && time < end_; }
  // The duration of the measurement if the last call ended at `last_end`.
  absl::Duration Measured(absl::Time last_end) const { return std::min(end_, last_end) - measured_from_; }

  // The next request; false when no request is left.
  bool Next(std::minstd_rand& random, absl::string_view* request);
  // Adds an idle slot. In an open loop it may immediately begin a call that is overdue.
  void Rest(Slot* slot);
  // Begins the calls of an open loop at their due times.
  void Pace();
  // Waits until no call is due or running.
  void AwaitRest(size_t slots);

 private:
  // A call is due: an idle slot begins it now, or the next slot that becomes idle.
  void Due(absl::Time intended);

  const LoadOptions& options_;
  const RequestFile& requests_;
  const absl::Time start_;
  const absl::Time measured_from_;
  const absl::Time end_;
  std::atomic<size_t> next_{0};
  absl::Mutex mutex_;
  std::vector<Slot*> resting_ ABSL_GUARDED_BY(mutex_);
  std::deque<absl::Time> due_ ABSL_GUARDED_BY(mutex_);
};

// The results of one slot.
struct Tally {
  uint64_t all_calls = 0;
  uint64_t failures = 0;
  uint64_t wrong = 0;
  std::map<int, uint64_t> failures_by_code;
  Histogram latency;
  absl::Duration max_age;
  absl::Time last_end = absl::InfinitePast();
  size_t request_bytes = 0;
  size_t response_bytes = 0;
};

// The end of a call.
struct CallEnd {
  int code = 0;             // of gRPC, or the status of HTTP; 0: success
  bool is_expected = true;  // if it succeeded
  size_t response_bytes = 0;
  absl::Duration age;  // of the facts
  absl::Duration retry_delay;
};

// Makes one call at a time. Each call begins on the thread on which the previous one ended.
class Slot {
 public:
  Slot(Schedule& schedule, unsigned seed) : schedule_(schedule), random_(seed) {}
  virtual ~Slot() = default;
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  // Begins a call that was due at `intended`.
  void Begin(absl::Time intended);
  const Tally& tally() const { return tally_; }

 protected:
  // Sends a request, whose bytes stay valid, and reports its end by `End`.
  virtual void Send(absl::string_view request) = 0;
  void End(const CallEnd& end, absl::Time now);
  const LoadOptions& options() const { return schedule_.options(); }

 private:
  void Record(const CallEnd& end, absl::Time now);
  void Follow(const CallEnd& end, absl::Time now);

  Schedule& schedule_;
  std::minstd_rand random_;
  grpc::Alarm alarm_;
  absl::Time intended_;
  Tally tally_;
};

// This thread, and each that it starts later, no longer takes the processor from a running thread when it wakes
// (SCHED_BATCH). Otherwise each answer interrupts the server that has just sent it, as clients on other machines
// cannot. It is for closed loops: in an open loop, a call must begin when it is due.
// INTERNAL when the kernel refuses.
absl::Status PreemptNobody();

// Begins the first calls. In an open loop it returns when the last call has begun.
void BeginCalls(Schedule& schedule, const std::vector<std::unique_ptr<Slot>>& slots);
LoadResult Sum(const Schedule& schedule, const std::vector<std::unique_ptr<Slot>>& slots);

}  // namespace identity::bench

#endif  // IDENTITY_TESTS_BENCH_SLOTS_H_
