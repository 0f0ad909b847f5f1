#include "tests/bench/load.h"

#include <grpcpp/alarm.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "client/errors.h"
#include "identity/v1/identity_service.pb.h"
#include "server/base/mutex.h"

namespace identity::bench {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(10);
constexpr absl::Duration kLoadTimeout = absl::Seconds(20);
constexpr absl::Duration kDefaultRetryDelay = absl::Milliseconds(100);
// The first field of a CheckPermissionResponse, `decision`, with the value DECISION_ALLOWED.
constexpr char kAllowed[] = "\x08\x01";

// The results of one slot.
struct Tally {
  uint64_t failures = 0;
  uint64_t wrong = 0;
  std::map<int, uint64_t> failures_by_code;
  Histogram latency;
  absl::Duration max_age;
  absl::Time last_end = absl::InfinitePast();
};

std::string TextOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

bool BeginsWith(const grpc::ByteBuffer& buffer, absl::string_view prefix) {
  grpc::Slice slice;
  if (!buffer.TrySingleSlice(&slice).ok()) return absl::StartsWith(TextOf(buffer), prefix);
  return absl::StartsWith({reinterpret_cast<const char*>(slice.begin()), slice.size()}, prefix);
}

absl::Duration AgeOf(const grpc::ByteBuffer& buffer, absl::Time now) {
  v1::CheckPermissionResponse response;
  if (!response.ParseFromString(TextOf(buffer)) || !response.has_checked_at()) return absl::InfiniteDuration();
  return now -
         (absl::FromUnixSeconds(response.checked_at().seconds()) + absl::Nanoseconds(response.checked_at().nanos()));
}

bool IsAllowedBatch(const grpc::ByteBuffer& buffer) {
  v1::BatchCheckPermissionsResponse response;
  return response.ParseFromString(TextOf(buffer)) && !response.results().empty() &&
         std::all_of(response.results().begin(), response.results().end(),
                     [](const auto& result) { return result.response().decision() == v1::DECISION_ALLOWED; });
}

class Slot;

// Selects the next request and its time, and holds the idle slots. Thread-safe.
class Schedule {
 public:
  Schedule(const LoadOptions& options, const RequestFile& requests, absl::Time start)
      : options_(options),
        requests_(requests),
        measured_from_(start + options.warm_up),
        end_(start + options.warm_up + options.duration) {}

  const LoadOptions& options() const { return options_; }
  absl::Time end() const { return end_; }
  bool IsMeasured(absl::Time time) const { return time >= measured_from_ && time < end_; }
  // The duration of the measurement if the last call ended at `last_end`.
  absl::Duration Measured(absl::Time last_end) const { return std::min(end_, last_end) - measured_from_; }

  // The next request; false when no request is left.
  bool Next(std::minstd_rand& random, absl::string_view* request) {
    if (!options_.in_order) {
      *request = requests_[random() % requests_.size()];
      return true;
    }
    const size_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (options_.once && index >= requests_.size()) return false;
    *request = requests_[index % requests_.size()];
    return true;
  }

  // Adds an idle slot. In an open loop it may immediately begin a call that is overdue.
  void Rest(Slot* slot);
  // A call is due: an idle slot begins it now, or the next slot that becomes idle.
  void Due(absl::Time intended);
  // Waits until no call is due or running.
  void AwaitRest(size_t slots);

 private:
  const LoadOptions& options_;
  const RequestFile& requests_;
  const absl::Time measured_from_;
  const absl::Time end_;
  std::atomic<size_t> next_{0};
  absl::Mutex mutex_;
  std::vector<Slot*> resting_ ABSL_GUARDED_BY(mutex_);
  std::deque<absl::Time> due_ ABSL_GUARDED_BY(mutex_);
};

// Makes one call at a time. Each call begins on the thread on which gRPC ended the previous one.
class Slot {
 public:
  Slot(Schedule& schedule, grpc::GenericStub& stub, unsigned seed) : schedule_(schedule), stub_(stub), random_(seed) {}

  // Begins a call that was due at `intended`.
  void Begin(absl::Time intended);
  const Tally& tally() const { return tally_; }
  size_t request_bytes() const { return request_bytes_; }
  size_t response_bytes() const { return response_bytes_; }

 private:
  void End(const grpc::Status& status);
  void Record(const grpc::Status& status, absl::Time now);
  bool IsExpected() const;
  void Follow(const grpc::Status& status, absl::Time now);
  bool is_open_loop() const { return schedule_.options().rate > 0; }

  Schedule& schedule_;
  grpc::GenericStub& stub_;
  std::minstd_rand random_;
  std::unique_ptr<grpc::ClientContext> context_;
  grpc::Alarm alarm_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  absl::Time intended_;
  Tally tally_;
  size_t request_bytes_ = 0;
  size_t response_bytes_ = 0;
};

void Schedule::Rest(Slot* slot) {
  absl::Time intended;
  {
    MutexLock lock(mutex_);
    if (due_.empty()) {
      resting_.push_back(slot);
      return;
    }
    intended = due_.front();
    due_.pop_front();
  }
  slot->Begin(intended);
}

void Schedule::Due(absl::Time intended) {
  Slot* slot = nullptr;
  {
    MutexLock lock(mutex_);
    if (resting_.empty()) {
      due_.push_back(intended);
      return;
    }
    slot = resting_.back();
    resting_.pop_back();
  }
  slot->Begin(intended);
}

void Schedule::AwaitRest(size_t slots) {
  MutexLock lock(mutex_);
  const auto at_rest = [this, slots]()
                           ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return due_.empty() && resting_.size() == slots; };
  mutex_.Await(absl::Condition(&at_rest));
}

void Slot::Begin(absl::Time intended) {
  absl::string_view request;
  if (!schedule_.Next(random_, &request)) return schedule_.Rest(this);
  intended_ = intended;
  request_bytes_ = request.size();
  const grpc::Slice slice(request.data(), request.size(), grpc::Slice::STATIC_SLICE);
  request_ = grpc::ByteBuffer(&slice, 1);
  response_.Clear();
  context_ = std::make_unique<grpc::ClientContext>();
  context_->set_deadline(absl::ToChronoTime(absl::Now() + kLoadTimeout));
  if (!schedule_.options().authorization.empty()) {
    context_->AddMetadata("authorization", schedule_.options().authorization);
  }
  stub_.UnaryCall(context_.get(), schedule_.options().method, grpc::StubOptions(), &request_, &response_,
                  [this](grpc::Status status) { End(status); });
}

void Slot::End(const grpc::Status& status) {
  const absl::Time now = absl::Now();
  if (schedule_.IsMeasured(is_open_loop() ? intended_ : now)) Record(status, now);
  Follow(status, now);
}

void Slot::Record(const grpc::Status& status, absl::Time now) {
  tally_.last_end = now;
  if (!status.ok()) {
    ++tally_.failures;
    ++tally_.failures_by_code[status.error_code()];
    return;
  }
  tally_.latency.Add(now - intended_);
  response_bytes_ = response_.Length();
  if (!IsExpected()) ++tally_.wrong;
  if (schedule_.options().track_age) tally_.max_age = std::max(tally_.max_age, AgeOf(response_, now));
}

bool Slot::IsExpected() const {
  const LoadOptions& options = schedule_.options();
  if (options.expect_allowed) return BeginsWith(response_, kAllowed);
  if (options.expect_allowed_batch && tally_.latency.count() == 1) return IsAllowedBatch(response_);
  return true;
}

void Slot::Follow(const grpc::Status& status, absl::Time now) {
  if (is_open_loop()) return schedule_.Rest(this);
  absl::Duration delay;
  if (!status.ok() && schedule_.options().honor_retry_info) {
    delay = RetryInfoOf(FromGrpcStatus(status)).value_or(kDefaultRetryDelay);
  }
  if (now + delay >= schedule_.end()) return schedule_.Rest(this);
  if (delay == absl::ZeroDuration()) return Begin(now);
  alarm_.Set(absl::ToChronoTime(now + delay), [this](bool) { Begin(absl::Now()); });
}

// Begins the calls of an open loop at their due times.
void Pace(Schedule& schedule, absl::Time start) {
  const absl::Duration step = absl::Seconds(1) / schedule.options().rate;
  for (int64_t i = 0;; ++i) {
    const absl::Time intended = start + i * step;
    if (intended >= schedule.end()) return;
    absl::SleepFor(intended - absl::Now());
    schedule.Due(intended);
  }
}

absl::StatusOr<std::vector<std::unique_ptr<grpc::GenericStub>>> Connect(const LoadOptions& options) {
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (size_t i = 0; i < options.connections; ++i) {
    const std::shared_ptr<grpc::Channel> channel = NewConnection(options.address);
    if (!channel->WaitForConnected(absl::ToChronoTime(absl::Now() + kConnectTimeout))) {
      return absl::UnavailableError(absl::StrCat("cannot connect to ", options.address));
    }
    stubs.push_back(std::make_unique<grpc::GenericStub>(channel));
  }
  return stubs;
}

LoadResult Sum(const std::vector<std::unique_ptr<Slot>>& slots, const Schedule& schedule) {
  LoadResult result;
  absl::Time last_end = absl::InfinitePast();
  for (const auto& slot : slots) {
    const Tally& tally = slot->tally();
    result.failures += tally.failures;
    result.wrong += tally.wrong;
    for (const auto& [code, count] : tally.failures_by_code) result.failures_by_code[code] += count;
    result.latency.Add(tally.latency);
    result.max_age = std::max(result.max_age, tally.max_age);
    last_end = std::max(last_end, tally.last_end);
    result.request_bytes = std::max(result.request_bytes, slot->request_bytes());
    result.response_bytes = std::max(result.response_bytes, slot->response_bytes());
  }
  result.calls = result.latency.count();
  if (result.calls > 0) {
    result.calls_per_second = static_cast<double>(result.calls) / absl::ToDoubleSeconds(schedule.Measured(last_end));
  }
  return result;
}

}  // namespace

std::shared_ptr<grpc::Channel> NewConnection(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

absl::StatusOr<LoadResult> RunLoad(const LoadOptions& options, const RequestFile& requests) {
  auto stubs = Connect(options);
  if (!stubs.ok()) return stubs.status();
  const absl::Time start = absl::Now();
  Schedule schedule(options, requests, start);
  std::vector<std::unique_ptr<Slot>> slots;
  for (size_t i = 0; i < options.connections * options.in_flight; ++i) {
    slots.push_back(std::make_unique<Slot>(schedule, *(*stubs)[i % options.connections], static_cast<unsigned>(i + 1)));
  }
  for (const auto& slot : slots) {
    if (options.rate > 0) {
      schedule.Rest(slot.get());
    } else {
      slot->Begin(start);
    }
  }
  if (options.rate > 0) Pace(schedule, start);
  schedule.AwaitRest(slots.size());
  return Sum(slots, schedule);
}

}  // namespace identity::bench
