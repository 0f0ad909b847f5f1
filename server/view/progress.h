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
#include "server/domain/role_graph.h"

namespace identity {

// What a replica knew when it last looked at the database. Immutable.
struct Position {
  ConsistencyToken token;      // all changes up to it have been applied
  absl::Time database_time;    // by the database's clock, when it was asked
  absl::Duration read_uptime;  // of this machine, just before it was asked
  std::shared_ptr<const RoleGraph> roles;
  uint64_t sequence = 0;  // of the view, while this is its position

  bool Reaches(const ConsistencyToken& other) const {
    return token.history == other.history && token.revision >= other.revision;
  }
  // How long ago the database was asked, at `uptime`.
  absl::Duration Age(absl::Duration uptime) const { return uptime - read_uptime; }
  // The moment of a decision at `uptime` on facts as of then.
  change_log::Moment Moment(absl::Duration uptime) const { return {token, database_time + Age(uptime), database_time}; }
};

// How far this replica's feed has come, and the meeting place of the feed with those who need more. Thread-safe.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Null before the first round of the feed.
  std::shared_ptr<const Position> Current() const;

  // Makes the feed look and waits until all up to `token` has been applied. FAILED_PRECONDITION /
  // CONSISTENCY_TOKEN_UNKNOWN when the database has no such revision; UNAVAILABLE / STORAGE_UNAVAILABLE at once while
  // it cannot be reached; DEADLINE_EXCEEDED.
  absl::Status WaitFor(const RequestContext& context, const ConsistencyToken& token);
  // The same up to whatever the database has when this is called.
  absl::Status CatchUp(const RequestContext& context);

  // Makes the feed connect anew, since another connection was to a database with another history.
  void DoubtConnection();

  // ---- For the feed.

  void Wake() const;
  // Readable once somebody waits; `BeginRound` makes it unreadable again.
  int wake_fd() const { return wake_fd_; }
  void BeginRound();
  // Ends a round in which everything went well.
  void EndRound();
  void Publish(std::shared_ptr<const Position> position);
  // Whether a round can be expected to end soon: while it cannot, nobody waits for one.
  void SetReachable(bool reachable);
  // Whether somebody doubted the connection since this was last asked.
  bool TakeDoubt();

 private:
  bool Reached(const ConsistencyToken& token) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Waits for the end of a round that begins after the call.
  absl::Status AwaitRound(const RequestContext& context) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const int wake_fd_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Position> position_ ABSL_GUARDED_BY(mutex_);
  int64_t begun_ ABSL_GUARDED_BY(mutex_) = 0;  // rounds
  int64_t ended_ ABSL_GUARDED_BY(mutex_) = 0;  // the latest of those that went well
  bool reachable_ ABSL_GUARDED_BY(mutex_) = true;
  bool doubted_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace identity

#endif  // IDENTITY_VIEW_PROGRESS_H_
