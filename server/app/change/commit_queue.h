#ifndef IDENTITY_APP_CHANGE_COMMIT_QUEUE_H_
#define IDENTITY_APP_CHANGE_COMMIT_QUEUE_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "server/app/access/caller.h"
#include "server/base/request_context.h"
#include "server/domain/consistency_token.h"

namespace identity {

class ChangeRunner;
class Mutation;

// Commits changes together. A commit waits for the disk, and only one transaction at a time can hold the revision. So
// one thread takes the changes that are waiting, runs them one after the other in one transaction, and commits once.
// Each change has its own revision, rules and result. One that fails is undone, and the others are not affected. A
// change that is the only one waiting has a transaction of its own. Thread-safe.
class CommitQueue {
 public:
  // The maximum number of changes in one transaction. PostgreSQL remembers 64 subtransactions of a transaction in
  // shared memory; with more, every other transaction would have to look them up.
  static constexpr size_t kMaxGroup = 60;
  // `max_hold`: a transaction that has held the revision for so long begins no further change.
  explicit CommitQueue(Database& database, absl::Duration max_hold = absl::Milliseconds(100));
  // No call of `Run` may be running.
  ~CommitQueue();
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;

  struct Done {
    ConsistencyToken token;
    bool discarded = false;  // nothing was changed: `token` is the latest one
  };
  using Body = absl::FunctionRef<absl::Status(Mutation&)>;
  // Waits until the queue has run `body`, maybe more than once, and has committed its change. Returns the errors of
  // `body`, and of Database::Write. When the request ends between the body and its commit: UNKNOWN / COMMIT_IN_DOUBT.
  absl::StatusOr<Done> Run(const RequestContext& context, const Caller& caller, Body body);
  // The same without a queue, on this thread.
  static absl::StatusOr<Done> RunAlone(Database& database, const RequestContext& context, const Caller& caller,
                                       Body body);

  // How many changes no transaction has taken yet.
  size_t waiting();

 private:
  struct Entry;
  using Group = std::vector<std::shared_ptr<Entry>>;
  using Results = std::vector<absl::StatusOr<Done>>;

  absl::StatusOr<Done> Await(const RequestContext& context, const Caller& caller, Body body);
  void Work();
  void CommitNext();
  // Runs changes in a transaction that holds the revision, and moves them from the queue to the group. Returns the
  // result of each. May run again, after a conflict or on a dead connection.
  absl::StatusOr<Results> RunGroup(Transaction& transaction);
  absl::StatusOr<Done> RunEntry(ChangeRunner& runner, Entry& entry, bool apart);
  // Moves the group back to the front of the queue.
  void ReturnGroup();
  void PutBack(const std::shared_ptr<Entry>& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Moves the first waiting change to the group. False: none waits, the group is full, or the change must run alone.
  bool Take(bool apart);
  // Marks `entry` as running: its caller waits until `EndRun`. False: its caller has left.
  bool BeginRun(Entry& entry);
  void EndRun(Entry& entry, const absl::StatusOr<Done>& result);
  void End(const Group& group, const absl::StatusOr<Results>& results);
  void FailAll(const absl::Status& status);

  Database& database_;
  const absl::Duration max_hold_;
  absl::Mutex mutex_;
  std::deque<std::shared_ptr<Entry>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Group group_;  // the changes of the present transaction; only `thread_` uses it
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_APP_CHANGE_COMMIT_QUEUE_H_
