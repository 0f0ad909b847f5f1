#include "server/app/change/commit_queue.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "db/change_log.h"
#include "db/stores/audit.h"
#include "server/app/change/mutation.h"
#include "server/base/error.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/base/trace.h"

namespace identity {
namespace {

// How often a change runs that loses against other transactions.
constexpr int kAttempts = 3;

absl::Status RequestEnded() {
  return Error(ErrorReason::kCommitInDoubt,
               "the request ended before its commit was confirmed: the change may or may not happen");
}

// Whether the error of a whole group may be the fault of one of its changes.
bool MayBeOfOne(const absl::Status& status) {
  const auto reason = ReasonOf(status);
  return reason != ErrorReason::kCommitInDoubt && reason != ErrorReason::kStorageUnavailable;
}

}  // namespace

// A call of `Run`. The mutex of the queue guards what is not constant. `context`, `caller` and `body` belong to the
// caller: they exist while it waits.
struct CommitQueue::Entry {
  enum class State {
    kIdle,  // it has changed nothing
    kRunning,
    kChanged,  // waits for the commit
    kEnded,
  };

  const RequestContext& context;
  const Caller& caller;
  const Body body;
  State state = State::kIdle;
  bool left = false;   // the caller no longer waits
  bool alone = false;  // to run it in a transaction of its own
  int conflicts = 0;
  absl::StatusOr<Done> result = RequestEnded();
};

// Runs changes one after the other in a transaction that holds the revision.
class ChangeRunner {
 public:
  ChangeRunner(Transaction& transaction, const change_log::Moment& first)
      : transaction_(transaction), facts_(transaction), next_(first) {}

  // Runs `body` as the next change. If it is `apart` and fails, the others are not affected.
  absl::StatusOr<CommitQueue::Done> Run(const RequestContext& context, const Caller& caller, CommitQueue::Body body,
                                        bool apart) {
    facts_.SetNow(next_);
    Mutation mutation(facts_, caller);
    const auto change = [&]() -> absl::Status {
      RETURN_IF_ERROR(mutation.RefreshCaller());
      return body(mutation);
    };
    const absl::Status status = apart ? transaction_.RunApart(context, change) : transaction_.RunFor(context, change);
    if (!status.ok() || mutation.discarded_) {
      facts_.ForgetAll();  // some may be of what was undone
      RETURN_IF_ERROR(status);
      return CommitQueue::Done{.token = BeforeNext(), .discarded = true};
    }
    return CommitQueue::Done{.token = Keep(mutation)};
  }

  // Writes what the changes have recorded. Discards the transaction if there was no change.
  absl::Status Finish() {
    if (kept_ == 0) {
      transaction_.Discard();
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(change_log::Record(transaction_, entries_, BeforeNext().revision));
    return audit::Append(transaction_, events_);
  }

 private:
  ConsistencyToken BeforeNext() const {
    ConsistencyToken token = next_.token;
    --token.revision;
    return token;
  }

  ConsistencyToken Keep(Mutation& mutation) {
    const ConsistencyToken token = next_.token;
    for (auto& [kind, id] : mutation.changed_) entries_.push_back({token.revision, kind, std::move(id)});
    std::move(mutation.events_.begin(), mutation.events_.end(), std::back_inserter(events_));
    ++next_.token.revision;
    ++kept_;
    return token;
  }

  Transaction& transaction_;
  StoredFacts facts_;
  change_log::Moment next_;  // of the next change
  int kept_ = 0;
  std::vector<change_log::Entry> entries_;
  std::vector<audit::Event> events_;
};

CommitQueue::CommitQueue(Database& database) : database_(database), thread_([this] { Work(); }) {}

CommitQueue::~CommitQueue() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::StatusOr<CommitQueue::Done> CommitQueue::Run(const RequestContext& context, const Caller& caller, Body body) {
  const Span span("transaction", SpanRecord::Kind::kClient);  // with the wait for others
  const auto entry = std::make_shared<Entry>(Entry{context, caller, body});
  const auto ended = [&] { return entry->state == Entry::State::kEnded; };
  const auto halted = [&] { return entry->state != Entry::State::kRunning; };
  MutexLock lock(mutex_);
  waiting_.push_back(entry);
  absl::Status status = AwaitWhileWanted(context, mutex_, absl::Condition(&ended));
  mutex_.Await(absl::Condition(&halted));  // the body uses what belongs to this thread
  if (ended()) return std::move(entry->result);
  entry->left = true;
  if (entry->state == Entry::State::kChanged) return RequestEnded();
  const auto place = std::find(waiting_.begin(), waiting_.end(), entry);
  if (place != waiting_.end()) waiting_.erase(place);
  return status;
}

size_t CommitQueue::waiting() {
  MutexLock lock(mutex_);
  return waiting_.size();
}

void CommitQueue::Work() {
  pthread_setname_np(pthread_self(), "commits");
  while (true) {
    {
      const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || !waiting_.empty(); };
      MutexLock lock(mutex_);
      mutex_.Await(absl::Condition(&wanted));
      if (stopping_) return;
    }
    CommitNext();
  }
}

void CommitQueue::CommitNext() {
  Group group;
  // May be run again, then with the same group.
  const auto commit = [&](Transaction& transaction) { return RunGroup(transaction, group); };
  const absl::StatusOr<Results> results = database_.Write(RequestContext(), commit);
  if (group.empty()) group = Take();  // those that wait fail for the same reason
  End(std::move(group), results);
}

absl::StatusOr<CommitQueue::Results> CommitQueue::RunGroup(Transaction& transaction, Group& group) {
  ASSIGN_OR_RETURN(const change_log::Moment first, change_log::Advance(transaction));
  // Not earlier: more changes have come while another replica held the revision.
  if (group.empty()) group = Take();
  const bool apart = group.size() > 1;
  ChangeRunner runner(transaction, first);
  Results results;
  for (const std::shared_ptr<Entry>& entry : group) {
    results.emplace_back(RequestEnded());
    if (!BeginRun(*entry)) continue;
    results.back() = runner.Run(entry->context, entry->caller, entry->body, apart);
    EndRun(*entry, results.back());
    if (transaction.failed() || (!apart && !results.back().ok())) return results.back().status();
  }
  RETURN_IF_ERROR(runner.Finish());
  return results;
}

CommitQueue::Group CommitQueue::Take() {
  Group group;
  MutexLock lock(mutex_);
  while (!waiting_.empty() && group.size() < kMaxGroup) {
    const bool alone = waiting_.front()->alone;
    if (alone && !group.empty()) break;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    if (alone) break;
  }
  return group;
}

bool CommitQueue::BeginRun(Entry& entry) {
  MutexLock lock(mutex_);
  if (entry.left) return false;
  entry.state = Entry::State::kRunning;
  return true;
}

void CommitQueue::EndRun(Entry& entry, const absl::StatusOr<Done>& result) {
  MutexLock lock(mutex_);
  entry.state = result.ok() && !result->discarded ? Entry::State::kChanged : Entry::State::kIdle;
}

void CommitQueue::End(Group group, const absl::StatusOr<Results>& results) {
  const bool repeat_each = !results.ok() && group.size() > 1 && MayBeOfOne(results.status());
  MutexLock lock(mutex_);
  // From the last to the first, since those to be repeated come to the front of the queue.
  for (size_t i = group.size(); i-- > 0;) {
    Entry& entry = *group[i];
    if (entry.left) continue;
    absl::StatusOr<Done> result = results.ok() ? (*results)[i] : results.status();
    const bool conflict = group.size() > 1 && ReasonOf(result.status()) == ErrorReason::kConflict;
    if (repeat_each || (conflict && ++entry.conflicts < kAttempts)) {
      entry.alone = entry.alone || repeat_each;
      entry.state = Entry::State::kIdle;
      waiting_.push_front(std::move(group[i]));
      continue;
    }
    entry.result = std::move(result);
    entry.state = Entry::State::kEnded;
  }
}

}  // namespace identity
