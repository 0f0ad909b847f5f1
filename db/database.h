#ifndef IDENTITY_DB_DATABASE_H_
#define IDENTITY_DB_DATABASE_H_

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/postgres.h"
#include "db/watchdog.h"
#include "server/base/request_context.h"
#include "server/base/run_for_value.h"

namespace identity {

// A transaction that `Database` begins and ends. Only for the thread that runs its body.
class Transaction {
 public:
  // DEADLINE_EXCEEDED or CANCELLED when the request has ended; else as Connection::Execute. After an error the
  // transaction can only be rolled back: return the error.
  absl::StatusOr<Rows> Execute(const Statement& statement, const Params& params = {});
  const History& history() const { return connection_.history(); }
  // Rolls the transaction back even when the body succeeds. In `RunApart`: undoes only that part.
  void Discard() { discarded_ = true; }

  // For a transaction that serves several requests: runs `body` for the one of `context`. Until it returns, that
  // request's deadline and cancellation count instead of the transaction's own.
  absl::Status RunFor(const RequestContext& context, absl::FunctionRef<absl::Status()> body);
  // The same in a savepoint: if `body` fails or discards, everything that it did is undone, and the transaction
  // continues. Returns the error of `body`; ABORTED / CONFLICT when it would have to wait more than 200 ms for a lock.
  // When the connection is lost, `failed` is true afterwards.
  absl::Status RunApart(const RequestContext& context, absl::FunctionRef<absl::Status()> body);
  // Ends what `RunApart` has set: later statements wait as long for locks as those of other transactions.
  absl::Status EndParts();
  // True after an error that the transaction cannot outlive: return the error.
  bool failed() const { return !failure_.ok(); }

 private:
  friend class Database;
  enum class Mode { kRead, kWrite };
  // `watch` may be null if the caller has its own watch.
  Transaction(Connection& connection, const RequestContext& context, Mode mode, Watchdog::Watch* watch);
  absl::Status Begin();
  absl::Status Commit();
  // Returns `error`, or COMMIT_IN_DOUBT when a write may have been committed.
  absl::Status RollBack(absl::Status error);
  // Begins, runs `body`, and commits when it returns OK and did not call `Discard`; else rolls back.
  absl::Status Run(absl::FunctionRef<absl::Status(Transaction&)> body);
  // Before each statement: checks that the request has not ended, and sets the statement timeout to the time that is
  // left.
  absl::Status Prepare();
  absl::Status BeginPart();
  // Runs a statement that controls the transaction.
  absl::Status Control(const std::string& sql);
  // The latest time at which a living server answers a statement that begins now.
  static absl::Time LatestAnswer(const Connection& connection, const RequestContext& context);
  // Replaces the error of a severed connection by DEADLINE_EXCEEDED.
  absl::Status Explain(absl::Status status) const;

  Connection& connection_;
  const RequestContext* context_;   // of the statements
  const RequestContext* patience_;  // how long the watchdog waits for their answers
  const Mode mode_;
  Watchdog::Watch* const watch_;
  absl::Duration limit_;  // the statement timeout that is set in the session
  bool sent_ = false;
  bool discarded_ = false;
  enum class Savepoint { kNone, kFresh, kUsed } savepoint_ = Savepoint::kNone;
  bool dead_on_arrival_ = false;
  bool ended_ = false;    // cleanly: the connection can be used again
  absl::Status failure_;  // the error of the first statement that failed
};

// A pool of connections, and the one way to run a transaction. Thread-safe; outlives all calls of its methods.
//
// Session settings and prepared statements live on the connections, so a transaction-mode pooler (PgBouncer) in between
// is not supported.
//
// One thread opens the connections one by one, while callers wait and the pool is below its maximum size. It opens none
// in advance. Callers wait at most until their deadline. After a failed attempt, callers that are waiting, or find no
// idle connection, fail immediately with UNAVAILABLE / STORAGE_UNAVAILABLE and a retry delay. Meanwhile the thread
// retries at growing, jittered intervals (50 ms to 2 s) until it has a connection.
//
// A watchdog watches every transaction. It severs the connection when the server has not answered 50 ms after the
// caller's deadline or the last statement's timeout. The error is then DEADLINE_EXCEEDED, not the UNAVAILABLE of a lost
// connection.
class Database {
 public:
  struct Options {
    Connection::Options connection;
    size_t connections = 8;
  };
  // Opens no connection yet.
  explicit Database(const Options& options);
  // May take the connect timeout while an attempt to connect is running.
  ~Database();

  // A body takes the Transaction and returns absl::Status or absl::StatusOr<T>; the function that runs it returns the
  // same type. A body returns its results and writes to nothing outside itself, since it may run more than once.

  // Runs `body` in a READ COMMITTED transaction. Commits and returns its value when it succeeds, else rolls back and
  // returns its error. Retries within the deadline: up to 3 runs when `body` loses against other transactions (ABORTED
  // / CONFLICT). One more run when the connection was dead before the first statement. A connection that is lost at
  // COMMIT, or at a statement of the body, gives UNKNOWN / COMMIT_IN_DOUBT without a retry. Somebody may
  // cancel the wait of a COMMIT for a synchronous standby. The error is then the same: the primary has committed, and a
  // failover may undo it.
  template <typename Body>
  BodyResult<Transaction, Body> Write(const RequestContext& context, Body&& body) {
    return RunForValue<Transaction>(body, [&](absl::FunctionRef<absl::Status(Transaction&)> run_body) {
      return Run(context, Transaction::Mode::kWrite, run_body);
    });
  }
  // As `Write` with a body that runs `statement`. Takes one round trip instead of three when the request has a second
  // or more. Then COMMIT_IN_DOUBT, not DEADLINE_EXCEEDED, when the database does not answer in time.
  absl::StatusOr<Rows> Execute(const RequestContext& context, const Statement& statement, const Params& params);
  // Runs `body` in a REPEATABLE READ, READ ONLY transaction: all its reads see the database at one moment. A lost
  // connection gives UNAVAILABLE.
  template <typename Body>
  BodyResult<Transaction, Body> Read(const RequestContext& context, Body&& body) {
    return RunForValue<Transaction>(body, [&](absl::FunctionRef<absl::Status(Transaction&)> run_body) {
      return Run(context, Transaction::Mode::kRead, run_body);
    });
  }

  // As `Read`, without retries, on a connection that the caller owns. The caller must watch it with `watchdog()`.
  template <typename Body>
  static BodyResult<Transaction, Body> ReadOn(Connection& connection, const RequestContext& context, Body&& body) {
    return RunForValue<Transaction>(body, [&](absl::FunctionRef<absl::Status(Transaction&)> run_body) {
      return RunOn(connection, context, run_body);
    });
  }
  Watchdog& watchdog() { return watchdog_; }

  // Closes the connections to a history other than `history`, the current one. Connections in use are closed when they
  // return to the pool. Keeps connections to a later timeline.
  void DropOlder(const History& history);

  struct Stats {
    size_t open = 0;  // in use or idle
    size_t idle = 0;
    size_t waiting = 0;  // callers
  };
  Stats stats();

 private:
  class Lease;
  absl::Status RunOnce(const RequestContext& context, Transaction::Mode mode,
                       absl::FunctionRef<absl::Status(Transaction&)> body, bool* dead_on_arrival);
  absl::Status Run(const RequestContext& context, Transaction::Mode mode,
                   absl::FunctionRef<absl::Status(Transaction&)> body);
  // nullopt: nothing was done, and `Write` may succeed.
  absl::StatusOr<absl::optional<Rows>> ExecuteAlone(const RequestContext& context, const Statement& statement,
                                                    const Params& params);
  static absl::Status RunOn(Connection& connection, const RequestContext& context,
                            absl::FunctionRef<absl::Status(Transaction&)> body);
  absl::StatusOr<std::unique_ptr<Connection>> Acquire(const RequestContext& context);
  absl::Status Unreachable() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The connector's thread: opens connections until the destructor ends it.
  void Connect();
  // Waits until a connection is needed. False: the destructor has begun.
  bool AwaitTurn();
  void Take(absl::StatusOr<std::unique_ptr<Connection>> opened);
  bool IsWelcome(const Connection& connection) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release(std::unique_ptr<Connection> connection);
  void CountClosed();
  void DropIdle();

  const Options options_;
  Watchdog watchdog_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
  size_t open_ ABSL_GUARDED_BY(mutex_) = 0;  // in use or idle
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;                 // consecutive failed attempts to connect
  absl::Duration pause_ ABSL_GUARDED_BY(mutex_);             // before the next attempt
  absl::optional<History> history_ ABSL_GUARDED_BY(mutex_);  // of the last DropOlder
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread connector_;
};

}  // namespace identity

#endif  // IDENTITY_DB_DATABASE_H_
