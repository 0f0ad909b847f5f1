#ifndef IDENTITY_VIEW_PROGRESS_H_
#define IDENTITY_VIEW_PROGRESS_H_

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/change_log.h"
#include "server/base/request_context.h"
#include "server/domain/consistency_token.h"
#include "server/domain/external/workloads.h"
#include "server/domain/role_graph.h"

namespace identity {

// The point that a replica had reached when it last read the database. Immutable.
struct Position {
  ConsistencyToken token;      // all changes up to it have been applied
  absl::Time database_time;    // of the read, by the database's clock
  absl::Duration read_uptime;  // of this machine, just before the read
  std::shared_ptr<const RoleGraph> roles;
  std::shared_ptr<const Workloads> workloads = std::make_shared<const Workloads>();
  std::shared_ptr<const std::vector<Ancestor>> ancestors;  // of the history of `token`; may be null
  uint64_t sequence = 0;                                   // of the view, while this is its position

  bool Reaches(const ConsistencyToken& other) const {
    return token.history == other.history && token.revision >= other.revision;
  }
  // As Reaches, also for a token of a history that this one continues.
  bool Includes(const ConsistencyToken& other) const { return Reaches(other) || Inherits(other); }
  // The age of the read at `uptime`.
  absl::Duration Age(absl::Duration uptime) const { return uptime - read_uptime; }
  // The moment of a decision at `uptime` on the facts of this position.
  change_log::Moment Moment(absl::Duration uptime) const { return {token, database_time + Age(uptime), database_time}; }

 private:
  bool Inherits(const ConsistencyToken& other) const;
};

// The progress of this replica's feed. Callers that need newer facts wait here for the feed. Thread-safe.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Null before the first round of the feed.
  std::shared_ptr<const Position> Current() const;

  // Wakes the feed and waits until it has applied all changes up to `token`. The token comes from a client, so its
  // history may be one that the database continues. Errors:
  // - FAILED_PRECONDITION / CONSISTENCY_TOKEN_UNKNOWN when the database has no such revision,
  // - UNAVAILABLE / STORAGE_UNAVAILABLE immediately while the database is unreachable,
  // - DEADLINE_EXCEEDED.
  absl::Status WaitFor(const RequestContext& context, const ConsistencyToken& token);
  // The same for a token that another connection of this process has just read. Unknown unless its history is the
  // feed's: a server that has been replaced may return old facts with a revision that its successor has, too.
  absl::Status WaitForOwn(const RequestContext& context, const ConsistencyToken& token);
  // Waits for all changes that the database has at the time of the call.
  absl::Status CatchUp(const RequestContext& context);
  enum class Fate { kKnown, kLost, kNotYet };
  // Waits for a change that another connection of this process has committed or read, also while the database is
  // unreachable: a failover ends that, and the new primary has the change or has lost it. kNotYet when the context ends
  // before that.
  Fate AwaitChange(const RequestContext& context, const ConsistencyToken& token);

  // Makes the feed connect again: another connection of this process met a database with another history.
  void DoubtConnection();

  // ---- For the feed.

  void Wake() const;
  // Readable once a caller waits; `BeginRound` makes it unreadable again.
  int wake_fd() const { return wake_fd_; }
  void BeginRound();
  // Ends a round that succeeded.
  void EndRound();
  void Publish(std::shared_ptr<const Position> position);
  // Whether the feed can reach the database. While it cannot, callers do not wait for a round.
  void SetReachable(bool reachable);
  // Whether DoubtConnection was called since the last TakeDoubt.
  bool TakeDoubt();

 private:
  using Comparison = bool (Position::*)(const ConsistencyToken& token) const;
  absl::Status WaitUntil(const RequestContext& context, const ConsistencyToken& token, Comparison reached);
  bool Holds(Comparison reached, const ConsistencyToken& token) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool HasLost(const ConsistencyToken& token) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Waits for the end of a round that begins after the call.
  absl::Status AwaitRound(const RequestContext& context) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const int wake_fd_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Position> position_ ABSL_GUARDED_BY(mutex_);
  int64_t begun_ ABSL_GUARDED_BY(mutex_) = 0;  // rounds
  int64_t ended_ ABSL_GUARDED_BY(mutex_) = 0;  // the latest round that succeeded
  bool reachable_ ABSL_GUARDED_BY(mutex_) = true;
  bool doubted_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace identity

#endif  // IDENTITY_VIEW_PROGRESS_H_
