#include "server/app/change/commit_queue.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <typeinfo>
#include <utility>

#include "db/change_log.h"
#include "db/stores/audit.h"
#include "server/app/change/mutation.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/base/trace.h"

namespace identity {
namespace {

absl::Status RequestEnded() {
  return Error(ErrorReason::kCommitInDoubt,
               "the request ended before its commit was confirmed: the change may or may not happen");
}

// Whether the records of a single change may have caused this error of the group.
bool MayComeFromOneChange(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) || absl::IsAlreadyExists(status) ||
         absl::IsInternal(status);
}

}  // namespace

// A call of `Run`. The caller owns `context`, `caller` and `body`, so they exist only while it waits. The mutex of the
// queue guards the members that change.
struct CommitQueue::Entry {
  enum class State {
    kUnchanged,  // it has not run, or was undone
    kRunning,
    kChanged,  // waits for the commit
    kEnded,
  };

  const RequestContext& context;
  const Caller& caller;
  const Body body;
  const TraceScope::Saved trace;
  State state = State::kUnchanged;
  bool begun = false;  // in the present transaction
  bool left = false;   // the caller no longer waits
  bool alone = false;  // to run it in a transaction of its own
  absl::StatusOr<Done> result = RequestEnded();
};

// Runs changes one after the other in a transaction that holds the revision.
class ChangeRunner {
 public:
  ChangeRunner(Transaction& transaction, const change_log::Moment& first)
      : transaction_(transaction), facts_(transaction), first_(first), next_(first.token) {}

  // Runs `body` as the next change. If it fails, the others are not affected.
  absl::StatusOr<CommitQueue::Done> RunApart(const RequestContext& context, const Caller& caller,
                                             CommitQueue::Body body) {
    Mutation mutation = Begin(caller);
    RETURN_IF_ERROR(Keep(mutation, transaction_.RunApart(context, [&] { return RunBody(mutation, body); })));
    return DoneBy(mutation);
  }

  // Runs `body` as the only change of the transaction.
  absl::StatusOr<CommitQueue::Done> RunAlone(const RequestContext& context, const Caller& caller,
                                             CommitQueue::Body body) {
    Mutation mutation = Begin(caller);
    RETURN_IF_ERROR(transaction_.RunFor(context, [&]() -> absl::Status {
      RETURN_IF_ERROR(Keep(mutation, RunBody(mutation, body)));
      return Finish();
    }));
    return DoneBy(mutation);
  }

  // Writes what the changes have recorded. Discards the transaction if there was none.
  absl::Status Finish() {
    RETURN_IF_ERROR(transaction_.EndParts());
    if (kept_ == 0) {
      transaction_.Discard();
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(change_log::Record(transaction_, entries_, BeforeNext().revision));
    return audit::Append(transaction_, events_);
  }

  // For how long the revision has been held.
  absl::Duration held() const { return Uptime() - start_; }

 private:
  // The clock advances while earlier changes run, so that an expired credential does not count.
  Mutation Begin(const Caller& caller) {
    facts_.SetNow({next_, first_.time + held(), first_.as_of + held()});
    return Mutation(facts_, caller);
  }

  // On the thread of all changes, an exception must end only this one.
  static absl::Status RunBody(Mutation& mutation, CommitQueue::Body body) {
    try {
      RETURN_IF_ERROR(mutation.RefreshCaller());
      return body(mutation);
    } catch (const std::exception& fault) {
      Log(LogLevel::kError, "uncaught exception", {{"method", "a change"}, {"type", typeid(fault).name()}});
    } catch (...) {
      Log(LogLevel::kError, "uncaught exception", {{"method", "a change"}});
    }
    return Error(ErrorReason::kInternal, "internal error");
  }

  ConsistencyToken BeforeNext() const {
    ConsistencyToken token = next_;
    --token.revision;
    return token;
  }

  // The result of the change that was kept or discarded last.
  CommitQueue::Done DoneBy(const Mutation& mutation) const {
    return {.token = BeforeNext(), .discarded = mutation.discarded_};
  }

  // Takes what a change has recorded. Returns `status`, the result of its body.
  absl::Status Keep(Mutation& mutation, const absl::Status& status) {
    if (!status.ok() || mutation.discarded_) {
      facts_.ForgetAll();  // the body may have read its own writes, which are undone
      return status;
    }
    ++kept_;
    std::move(mutation.events_.begin(), mutation.events_.end(), std::back_inserter(events_));
    // A revision without an entry would look like a gap to replicas.
    if (mutation.changed_.empty()) return absl::OkStatus();
    for (auto& [kind, id] : mutation.changed_) {
      facts_.Forget(kind, id);  // the body may have read it once more
      entries_.push_back({next_.revision, kind, std::move(id)});
    }
    ++next_.revision;
    return absl::OkStatus();
  }

  Transaction& transaction_;
  StoredFacts facts_;
  const absl::Duration start_ = Uptime();
  const change_log::Moment first_;
  ConsistencyToken next_;  // of the next change
  int kept_ = 0;
  std::vector<change_log::Entry> entries_;
  std::vector<audit::Event> events_;
};

CommitQueue::CommitQueue(Database& database, absl::Duration max_hold)
    : database_(database), max_hold_(max_hold), thread_([this] { Work(); }) {}

CommitQueue::~CommitQueue() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::StatusOr<CommitQueue::Done> CommitQueue::Run(const RequestContext& context, const Caller& caller, Body body) {
  Span span("transaction", SpanRecord::Kind::kClient);  // with the wait for others
  absl::StatusOr<Done> done = Await(context, caller, body);
  span.SetCode(done.status().code());
  return done;
}

absl::StatusOr<CommitQueue::Done> CommitQueue::Await(const RequestContext& context, const Caller& caller, Body body) {
  const auto entry = std::make_shared<Entry>(Entry{context, caller, body, TraceScope::Save()});
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

absl::StatusOr<CommitQueue::Done> CommitQueue::RunAlone(Database& database, const RequestContext& context,
                                                        const Caller& caller, Body body) {
  return database.Write(context, [&](Transaction& transaction) -> absl::StatusOr<Done> {
    ASSIGN_OR_RETURN(const change_log::Moment first, change_log::Advance(transaction));
    return ChangeRunner(transaction, first).RunAlone(context, caller, body);
  });
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
  const absl::StatusOr<Results> results =
      database_.Write(RequestContext(), [this](Transaction& transaction) { return RunGroup(transaction); });
  const Group group = std::exchange(group_, {});
  if (!group.empty()) return End(group, results);
  // Without the revision, all that wait fail for the same reason. But nothing has run that could be in doubt: the next
  // transaction decides.
  if (!results.ok() && ReasonOf(results.status()) != ErrorReason::kCommitInDoubt) FailAll(results.status());
}

absl::StatusOr<CommitQueue::Results> CommitQueue::RunGroup(Transaction& transaction) {
  ReturnGroup();  // that of an attempt that failed
  ASSIGN_OR_RETURN(const change_log::Moment first, change_log::Advance(transaction));
  ChangeRunner runner(transaction, first);
  Results results;
  // Changes are taken one by one, because more arrive while the group waits and runs.
  bool apart = waiting() > 1;
  while ((results.empty() || runner.held() < max_hold_) && Take(apart)) {
    Entry& entry = *group_.back();
    apart = apart && !entry.alone;
    results.push_back(RunEntry(runner, entry, apart));
    if (transaction.failed() || (!apart && !results.back().ok())) return results.back().status();
    if (!apart) return results;
  }
  RETURN_IF_ERROR(runner.Finish());
  return results;
}

absl::StatusOr<CommitQueue::Done> CommitQueue::RunEntry(ChangeRunner& runner, Entry& entry, bool apart) {
  if (!BeginRun(entry)) return RequestEnded();
  const TraceScope scope(entry.trace);
  absl::StatusOr<Done> result = apart ? runner.RunApart(entry.context, entry.caller, entry.body)
                                      : runner.RunAlone(entry.context, entry.caller, entry.body);
  EndRun(entry, result);
  return result;
}

void CommitQueue::ReturnGroup() {
  MutexLock lock(mutex_);
  for (auto entry = group_.rbegin(); entry != group_.rend(); ++entry) {
    if (!(*entry)->left) PutBack(*entry);
  }
  group_.clear();
}

void CommitQueue::PutBack(const std::shared_ptr<Entry>& entry) {
  entry->state = Entry::State::kUnchanged;
  entry->begun = false;
  waiting_.push_front(entry);
}

bool CommitQueue::Take(bool apart) {
  MutexLock lock(mutex_);
  if (waiting_.empty() || group_.size() == (apart ? kMaxGroup : 1)) return false;
  if (waiting_.front()->alone && !group_.empty()) return false;
  group_.push_back(std::move(waiting_.front()));
  waiting_.pop_front();
  return true;
}

bool CommitQueue::BeginRun(Entry& entry) {
  MutexLock lock(mutex_);
  if (entry.left) return false;
  entry.begun = true;
  entry.state = Entry::State::kRunning;
  return true;
}

void CommitQueue::EndRun(Entry& entry, const absl::StatusOr<Done>& result) {
  MutexLock lock(mutex_);
  entry.state = result.ok() && !result->discarded ? Entry::State::kChanged : Entry::State::kUnchanged;
}

void CommitQueue::End(const Group& group, const absl::StatusOr<Results>& results) {
  const bool repeat_each = !results.ok() && group.size() > 1 && MayComeFromOneChange(results.status());
  bool may_be_the_cause = true;  // of the failure: the last one that has begun
  MutexLock lock(mutex_);
  // From the last to the first, since those to be repeated come to the front of the queue.
  for (size_t i = group.size(); i-- > 0;) {
    Entry& entry = *group[i];
    const bool cause = entry.begun && std::exchange(may_be_the_cause, false);
    if (entry.left) continue;
    const absl::StatusOr<Done> result = results.ok() ? (*results)[i] : results.status();
    const bool conflict = results.ok() && ReasonOf(result.status()) == ErrorReason::kConflict;
    // A change that has written nothing can run again in the next transaction.
    const bool untouched = !results.ok() && entry.state != Entry::State::kChanged && !cause;
    entry.alone = entry.alone || repeat_each || conflict;
    if (conflict) {
      entry.state = Entry::State::kUnchanged;
      waiting_.push_back(group[i]);  // not to the front: it may have to wait
    } else if (repeat_each || untouched) {
      PutBack(group[i]);
    } else {
      entry.result = result;
      entry.state = Entry::State::kEnded;
    }
  }
}

void CommitQueue::FailAll(const absl::Status& status) {
  MutexLock lock(mutex_);
  for (const std::shared_ptr<Entry>& entry : waiting_) {
    entry->result = status;
    entry->state = Entry::State::kEnded;
  }
  waiting_.clear();
}

}  // namespace identity
