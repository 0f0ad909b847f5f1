#ifndef IDENTITY_VIEW_FEED_H_
#define IDENTITY_VIEW_FEED_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/change_log.h"
#include "db/database.h"
#include "server/base/metrics.h"
#include "server/view/view.h"

namespace identity {

// Keeps the view true: one thread with one connection, which reads what changed when the database tells of it, when
// somebody waits for it, and at each `interval` anyhow, so that a notification that is lost costs no more than that.
//
// What cannot be followed is read anew as a whole: too many changes, some that were cleaned away, or a database with
// another history, as after a failover, where revisions may repeat.
class Feed {
 public:
  struct Options {
    Connection::Options connection;
    bool notifications = true;
    absl::Duration interval = absl::Milliseconds(500);
    // How many principals are read ahead when everything is.
    int64_t warm_principals = 100000;
    // Reads the signing keys, when they changed and when everything is read: on the feed's thread, in the transaction
    // that reads the rest, and so before their revision is known to anyone. Not called when empty.
    std::function<absl::Status(Transaction&)> read_signing_keys;
  };
  // How far the clocks of this machine and the database may be apart.
  static constexpr absl::Duration kMaxClockSkew = absl::Seconds(5);

  // `pool`: told of another history, so that it drops connections of the old one. `report` is called from the feed's
  // thread with whether this replica can answer truly: its facts are not too old, nor its clock too far off.
  Feed(const Options& options, Database& pool, View& view, Metrics& metrics, std::function<void(bool)> report);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // UNAVAILABLE when it has not come by then.
  absl::Status AwaitFirstRound(absl::Duration timeout);

  // As of the last round. Thread-safe.
  absl::Duration clock_skew() const { return absl::Nanoseconds(clock_skew_nanoseconds_.load()); }

 private:
  void Work();
  bool IsReplaced(const History& history) const;
  absl::Status Listen(Connection& connection);
  absl::Status ReadWatched(Connection& connection, const RequestContext& context,
                           absl::FunctionRef<absl::Status(Transaction&)> body) const;
  // Until the connection ends or is doubted. True when at least one round went well.
  bool Serve(Connection& connection);
  absl::Status Round(Connection& connection);
  // Reads what changed since `known`. False when that cannot be followed.
  absl::StatusOr<bool> ReadChanges(Connection& connection, const Position& known, ViewUpdate& update);
  absl::Status ReadEverything(Connection& connection, ViewUpdate& update) const;
  absl::Status ReadSigningKeys(Transaction& transaction) const;
  void Apply(const Position* known, ViewUpdate update);
  void Report();
  bool stopping();
  void Pause(absl::Duration pause);

  const Options options_;
  Database& pool_;
  View& view_;
  Metrics& metrics_;
  const std::function<void(bool)> report_;
  // Of the feed's thread alone.
  std::vector<absl::Time> commit_times_;  // of what the current round applies
  bool fit_ = true;                       // what was reported last
  absl::Duration round_timeout_;          // of the next round
  absl::Time next_prune_ = absl::InfinitePast();

  std::atomic<int64_t> clock_skew_nanoseconds_ = 0;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool first_round_done_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_VIEW_FEED_H_
