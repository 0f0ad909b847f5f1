#ifndef IDENTITY_VIEW_FEED_H_
#define IDENTITY_VIEW_FEED_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/base/metrics.h"
#include "server/base/readiness.h"
#include "server/base/run_for_value.h"
#include "server/view/view.h"

namespace identity {

// Keeps the view up to date. One thread with one connection reads the changes when the database notifies it, when a
// caller waits for them, and at each `interval`. So a lost notification costs at most one interval.
//
// The feed reads everything again when it cannot follow the changes one by one: there are too many, some were deleted,
// or the database has another history. For example, revisions may repeat after a failover.
class Feed {
 public:
  struct Options {
    Connection::Options connection;
    bool notifications = true;
    absl::Duration interval = absl::Milliseconds(500);
    // How many principals and how many API keys the feed reads ahead when it reads everything.
    int64_t warm_records = 100000;
    // Reads the signing keys. The feed's thread calls it when they changed, and when it reads everything. It runs in
    // the transaction of the other reads, and so before any caller can see the revision. May be empty.
    std::function<absl::Status(Transaction&)> read_signing_keys;
  };
  // The maximum difference between the clocks of this machine and of the database.
  static constexpr absl::Duration kMaxClockSkew = absl::Seconds(5);

  // When the history changes, `pool` drops its connections of the old one. The feed's thread sets two obstacles of
  // `readiness`: facts that are too old, and a clock that is too far off.
  Feed(const Options& options, Database& pool, View& view, Metrics& metrics, Readiness& readiness);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // UNAVAILABLE when the first round takes longer.
  absl::Status AwaitFirstRound(absl::Duration timeout);

  // As of the last round. Thread-safe.
  absl::Duration clock_skew() const { return absl::Nanoseconds(clock_skew_nanoseconds_.load()); }

 private:
  struct Reading;

  void Work();
  bool IsReplaced(const History& history) const;
  absl::Status SetUp(Connection& connection) const;
  // Runs rounds until the connection ends or is doubted (Progress::DoubtConnection). True when at least one round
  // succeeded.
  bool Serve(Connection& connection);
  absl::Status Round(Connection& connection);
  // The changes since `known`, or everything when they cannot be followed or `known` is null.
  absl::StatusOr<Reading> Read(Connection& connection, const Position* known) const;
  // nullopt: the changes since `known` cannot be followed.
  absl::StatusOr<absl::optional<Reading>> ReadChanges(Connection& connection, const Position& known) const;
  absl::StatusOr<absl::optional<Reading>> ReadSince(Transaction& transaction, int64_t revision) const;
  absl::StatusOr<Reading> ReadEverything(Connection& connection) const;
  absl::StatusOr<Reading> ReadAll(Transaction& transaction) const;
  // Sets the position of the reading's update to `position`, advanced to the revision that was read. Builds the role
  // graph. That must not happen in the transaction, which would be idle for long.
  static absl::StatusOr<Reading> WithPosition(Position position, Reading reading);
  template <typename Body>
  BodyResult<Transaction, Body> ReadWatched(Connection& connection, absl::Duration timeout, Body&& body) const;
  absl::Status ReadSigningKeys(Transaction& transaction) const;
  void Apply(const Position* known, Reading reading);
  void Report();
  bool stopping();
  void Pause(absl::Duration pause);

  const Options options_;
  Database& pool_;
  View& view_;
  Metrics& metrics_;
  Readiness& readiness_;
  // Only for the feed's thread.
  absl::Duration round_timeout_;  // of the next round
  absl::Time next_prune_ = absl::InfinitePast();

  std::atomic<int64_t> clock_skew_nanoseconds_ = 0;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool first_round_done_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_VIEW_FEED_H_
