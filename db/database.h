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

// A transaction that `Database` began and will end. For the one thread that runs the body it was given to.
class Transaction {
 public:
  // DEADLINE_EXCEEDED or CANCELLED when the request has ended; else as Connection::Execute. After an error the
  // transaction can only be ended: return the error.
  absl::StatusOr<Rows> Execute(const Statement& statement, const Params& params = {});
  const History& history() const { return connection_.history(); }
  // The body succeeds and changes nothing: the transaction is rolled back.
  void Discard() { discarded_ = true; }

 private:
  friend class Database;
  enum class Mode { kRead, kWrite };
  // `watch` may be null: the caller has one of its own.
  Transaction(Connection& connection, const RequestContext& context, Mode mode, Watchdog::Watch* watch);
  absl::Status Begin();
  absl::Status Commit();
  // Returns `error`, or what is worse.
  absl::Status RollBack(absl::Status error);
  // All of it: begins, runs `body`, commits when it returns OK and discarded nothing, else rolls back.
  absl::Status Run(absl::FunctionRef<absl::Status(Transaction&)> body);
  // Before each statement: is it still wanted, and may it take as long as the server was told?
  absl::Status Prepare();
  // By when the server has answered a statement that begins now, if it lives.
  static absl::Time LatestAnswer(const Connection& connection, const RequestContext& context);
  // A connection that was severed did not break by itself.
  absl::Status Explain(absl::Status status) const;

  Connection& connection_;
  const RequestContext& context_;
  const Mode mode_;
  Watchdog::Watch* const watch_;
  absl::Duration limit_;  // of a statement, as the server knows it
  bool sent_ = false;
  bool discarded_ = false;
  bool dead_on_arrival_ = false;
  bool ended_ = false;    // and the connection is as good as before
  absl::Status failure_;  // of the first statement that failed
};

// A pool of connections, and the one way to run a transaction. Thread-safe; outlives all calls of its methods.
//
// Session settings and prepared statements live on the connections, so a transaction-mode pooler (PgBouncer) in between
// is not supported.
//
// A thread of its own opens the connections, one after the other, while callers wait for one and the limit allows; none
// is opened unasked. Callers wait until their deadline at most. Once an attempt has failed, who waits or comes and
// finds no idle connection fails at once with UNAVAILABLE / STORAGE_UNAVAILABLE and a retry delay, while the thread
// tries again by itself, at growing and jittered intervals (50 ms to 2 s), until it has one.
//
// Every transaction is watched: when the server has not answered 50 ms after the caller's deadline, or 50 ms after the
// statement timeout counted from the last statement's begin, its connection is severed. That is DEADLINE_EXCEEDED where
// a lost connection would be UNAVAILABLE.
class Database {
 public:
  struct Options {
    Connection::Options connection;
    size_t connections = 8;
  };
  // Connects to nothing yet.
  explicit Database(const Options& options);
  // May take the connect timeout while an attempt to connect is under way.
  ~Database();

  // Bodies are called with the Transaction and return absl::Status or absl::StatusOr<T>; so do the functions that run
  // them. A body returns its results and writes to nothing outside itself, since it may run more than once.

  // Runs `body` in a READ COMMITTED transaction. Commits and returns its value when it succeeds, else rolls back and
  // returns its error. Runs `body` again, up to 3 times in all and within the deadline, when it lost against other
  // transactions (ABORTED / CONFLICT), and once more when the connection was dead before its first statement. A
  // connection lost at COMMIT, or at a statement of the body, is UNKNOWN / COMMIT_IN_DOUBT, and `body` is not repeated.
  template <typename Body>
  BodyResult<Transaction, Body> Write(const RequestContext& context, Body&& body) {
    return RunForValue<Transaction>(body, [&](absl::FunctionRef<absl::Status(Transaction&)> run_body) {
      return Run(context, Transaction::Mode::kWrite, run_body);
    });
  }
  // Runs `body` in a REPEATABLE READ, READ ONLY transaction: all that it reads is true at one moment. A lost connection
  // is UNAVAILABLE.
  template <typename Body>
  BodyResult<Transaction, Body> Read(const RequestContext& context, Body&& body) {
    return RunForValue<Transaction>(body, [&](absl::FunctionRef<absl::Status(Transaction&)> run_body) {
      return Run(context, Transaction::Mode::kRead, run_body);
    });
  }

  // As `Read`, once, on a connection that the caller owns and `watchdog()` watches.
  template <typename Body>
  static BodyResult<Transaction, Body> ReadOn(Connection& connection, const RequestContext& context, Body&& body) {
    return RunForValue<Transaction>(body, [&](absl::FunctionRef<absl::Status(Transaction&)> run_body) {
      return RunOn(connection, context, run_body);
    });
  }
  Watchdog& watchdog() { return watchdog_; }

  // The database's history is `history` now: closes the connections that are of another, those in use when they are
  // given back. Connections that turn out to be of a later timeline than that are kept.
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
  static absl::Status RunOn(Connection& connection, const RequestContext& context,
                            absl::FunctionRef<absl::Status(Transaction&)> body);
  absl::StatusOr<std::unique_ptr<Connection>> Acquire(const RequestContext& context);
  absl::Status Unreachable() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The connector's thread: opens connections until the end.
  void Connect();
  // Waits until a connection shall be opened. False: never again.
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
  size_t open_ ABSL_GUARDED_BY(mutex_) = 0;  // idle ones and those in use
  size_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;                 // of attempts to connect, in a row
  absl::Duration pause_ ABSL_GUARDED_BY(mutex_);             // before the next attempt
  absl::optional<History> history_ ABSL_GUARDED_BY(mutex_);  // of the last DropOlder
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread connector_;
};

}  // namespace identity

#endif  // IDENTITY_DB_DATABASE_H_
