#include "tests/bench/slots.h"

#include <sched.h>

#include <algorithm>

#include "absl/time/clock.h"

namespace identity::bench {

bool Schedule::Next(std::minstd_rand& random, absl::string_view* request) {
  if (!options_.in_order) {
    *request = requests_[random() % requests_.size()];
    return true;
  }
  const size_t index = next_.fetch_add(1, std::memory_order_relaxed);
  if (options_.once && index >= requests_.size()) return false;
  *request = requests_[index % requests_.size()];
  return true;
}

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

void Schedule::Pace() {
  const absl::Duration step = absl::Seconds(1) / options_.rate;
  for (int64_t i = 0;; ++i) {
    const absl::Time intended = start_ + i * step;
    if (intended >= end_) return;
    absl::SleepFor(intended - absl::Now());
    Due(intended);
  }
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
  tally_.request_bytes = request.size();
  Send(request);
}

void Slot::End(const CallEnd& end, absl::Time now) {
  ++tally_.all_calls;
  if (schedule_.IsMeasured(schedule_.is_open_loop() ? intended_ : now)) Record(end, now);
  Follow(end, now);
}

void Slot::Record(const CallEnd& end, absl::Time now) {
  tally_.last_end = now;
  if (end.code != 0) {
    ++tally_.failures;
    ++tally_.failures_by_code[end.code];
    return;
  }
  tally_.latency.Add(now - intended_);
  tally_.response_bytes = end.response_bytes;
  if (!end.is_expected) ++tally_.wrong;
  tally_.max_age = std::max(tally_.max_age, end.age);
}

void Slot::Follow(const CallEnd& end, absl::Time now) {
  if (schedule_.is_open_loop()) return schedule_.Rest(this);
  if (now + end.retry_delay >= schedule_.end()) return schedule_.Rest(this);
  if (end.retry_delay == absl::ZeroDuration()) return Begin(now);
  alarm_.Set(absl::ToChronoTime(now + end.retry_delay), [this](bool) { Begin(absl::Now()); });
}

absl::Status PreemptNobody() {
  const sched_param none{};
  if (sched_setscheduler(0, SCHED_BATCH, &none) == 0) return absl::OkStatus();
  return absl::InternalError("the kernel refuses SCHED_BATCH");
}

void BeginCalls(Schedule& schedule, const std::vector<std::unique_ptr<Slot>>& slots) {
  for (const auto& slot : slots) {
    if (schedule.is_open_loop()) {
      schedule.Rest(slot.get());
    } else {
      slot->Begin(schedule.start());
    }
  }
  if (schedule.is_open_loop()) schedule.Pace();
}

LoadResult Sum(const Schedule& schedule, const std::vector<std::unique_ptr<Slot>>& slots) {
  LoadResult result;
  absl::Time last_end = absl::InfinitePast();
  for (const auto& slot : slots) {
    const Tally& tally = slot->tally();
    result.all_calls += tally.all_calls;
    result.failures += tally.failures;
    result.wrong += tally.wrong;
    for (const auto& [code, count] : tally.failures_by_code) result.failures_by_code[code] += count;
    result.latency.Add(tally.latency);
    result.max_age = std::max(result.max_age, tally.max_age);
    last_end = std::max(last_end, tally.last_end);
    result.request_bytes = std::max(result.request_bytes, tally.request_bytes);
    result.response_bytes = std::max(result.response_bytes, tally.response_bytes);
  }
  result.calls = result.latency.count();
  if (result.calls > 0) {
    result.calls_per_second = static_cast<double>(result.calls) / absl::ToDoubleSeconds(schedule.Measured(last_end));
  }
  return result;
}

}  // namespace identity::bench
