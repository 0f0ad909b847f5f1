#include "server/view/progress.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "server/base/error.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr absl::Duration kRetryWhenBehind = absl::Milliseconds(500);

}  // namespace

bool Position::Inherits(const ConsistencyToken& other) const {
  if (ancestors == nullptr) return false;
  return std::any_of(ancestors->begin(), ancestors->end(), [&](const Ancestor& ancestor) {
    return ancestor.history == other.history && ancestor.last_revision >= other.revision;
  });
}

Progress::Progress() : wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Progress::~Progress() { close(wake_fd_); }

std::shared_ptr<const Position> Progress::Current() const {
  MutexLock lock(mutex_);
  return position_;
}

absl::Status Progress::WaitFor(const RequestContext& context, const ConsistencyToken& token) {
  return WaitUntil(context, token, &Position::Includes);
}

absl::Status Progress::WaitForOwn(const RequestContext& context, const ConsistencyToken& token) {
  return WaitUntil(context, token, &Position::Reaches);
}

absl::Status Progress::WaitUntil(const RequestContext& context, const ConsistencyToken& token, Comparison reached) {
  MutexLock lock(mutex_);
  if (Holds(reached, token)) return absl::OkStatus();
  RETURN_IF_ERROR(AwaitRound(context));
  if (Holds(reached, token)) return absl::OkStatus();
  return Error(ErrorReason::kConsistencyTokenUnknown,
               "consistency.at_least_as_fresh: the database has no such revision; check fully_consistent");
}

absl::Status Progress::CatchUp(const RequestContext& context) {
  MutexLock lock(mutex_);
  return AwaitRound(context);
}

bool Progress::Holds(Comparison reached, const ConsistencyToken& token) const {
  return position_ != nullptr && (position_.get()->*reached)(token);
}

absl::Status Progress::AwaitRound(const RequestContext& context) {
  const int64_t wanted = begun_ + 1;
  const auto settled = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_ >= wanted || !reachable_; };
  Wake();
  const absl::Status status = AwaitWhileWanted(context, mutex_, absl::Condition(&settled));
  if (ReasonOf(status) == ErrorReason::kDeadlineExceeded) {
    return Error(ErrorReason::kDeadlineExceeded, "the deadline passed before this replica had caught up");
  }
  RETURN_IF_ERROR(status);
  if (ended_ >= wanted) return absl::OkStatus();
  return WithRetryDelay(
      Error(ErrorReason::kStorageUnavailable,
            "the database is unreachable, so this replica cannot know whether its facts are the newest"),
      kRetryWhenBehind);
}

// The feed has read a later timeline, or another database, that does not contain `token`.
bool Progress::HasLost(const ConsistencyToken& token) const {
  if (position_ == nullptr || Holds(&Position::Includes, token)) return false;
  const History& read = position_->token.history;
  return read.system_identifier != token.history.system_identifier || read.timeline > token.history.timeline;
}

Progress::Fate Progress::AwaitChange(const RequestContext& context, const ConsistencyToken& token) {
  const auto state = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (Holds(&Position::Includes, token)) return Fate::kKnown;
    return HasLost(token) ? Fate::kLost : Fate::kNotYet;
  };
  const auto settled = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return state() != Fate::kNotYet; };
  MutexLock lock(mutex_);
  if (settled()) return state();
  // The feed is still connected to the server that was the primary before the one with the change.
  if (position_ != nullptr && position_->token.history != token.history) doubted_ = true;
  Wake();
  AwaitWhileWanted(context, mutex_, absl::Condition(&settled)).IgnoreError();
  return state();
}

void Progress::DoubtConnection() {
  MutexLock lock(mutex_);
  doubted_ = true;
  Wake();
}

bool Progress::TakeDoubt() {
  MutexLock lock(mutex_);
  return std::exchange(doubted_, false);
}

void Progress::Wake() const { eventfd_write(wake_fd_, 1); }

void Progress::BeginRound() {
  MutexLock lock(mutex_);
  eventfd_t count;
  eventfd_read(wake_fd_, &count);
  ++begun_;
}

void Progress::EndRound() {
  MutexLock lock(mutex_);
  ended_ = begun_;
  reachable_ = true;
}

void Progress::Publish(std::shared_ptr<const Position> position) {
  MutexLock lock(mutex_);
  position_.swap(position);
}

void Progress::SetReachable(bool reachable) {
  MutexLock lock(mutex_);
  reachable_ = reachable;
}

}  // namespace identity
