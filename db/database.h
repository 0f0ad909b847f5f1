#ifndef IDENTITY_DB_DATABASE_H_
#define IDENTITY_DB_DATABASE_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/postgres.h"
#include "server/base/request_context.h"

namespace identity {

// A transaction that `Database` began and will end. For the one thread that runs the body it was given to.
class Transaction {
 public:
  // DEADLINE_EXCEEDED or CANCELLED when the request has ended; else as Connection::Execute. After an error the
  // transaction can only be ended: return the error.
  absl::StatusOr<Rows> Execute(const Statement& statement, const Params& params = {});
  const History& history() const { return connection_.history(); }

 private:
  friend class Database;
  Transaction(Connection& connection, const RequestContext& context, absl::Duration limit)
      : connection_(connection), context_(context), limit_(limit) {}
  // Before each statement: is it still wanted, and may it take as long as the server was told?
  absl::Status Prepare();
  // A statement was sent and the connection broke: what came of it is not known.
  bool lost() const { return sent_ && connection_.broken(); }

  Connection& connection_;
  const RequestContext& context_;
  absl::Duration limit_;  // of a statement, as the server knows it
  bool sent_ = false;
  absl::Status failure_;  // of the first statement that failed
};

// A pool of connections, and the one way to run a transaction. Thread-safe.
//
// Session settings and prepared statements live on the connections, so a transaction-mode pooler (PgBouncer) in between
// is not supported. While the database is away, at most one thread at a time tries to reach it, at growing and jittered
// intervals (50 ms to 2 s); all others fail at once with UNAVAILABLE and a retry delay.
class Database {
 public:
  struct Options {
    Connection::Options connection;
    size_t connections = 8;
  };
  explicit Database(const Options& options);
  ~Database();

  // Runs `body` in a READ COMMITTED transaction and commits when it returns OK, else rolls back and returns its error.
  // `body` is run again, up to 3 times in all and within the deadline, when it lost against others (ABORTED /
  // CONFLICT), and once more when the connection was found dead before its first statement: it must keep nothing from
  // one run to the next. A connection lost at COMMIT, or after a statement was sent, is UNKNOWN / COMMIT_IN_DOUBT and
  // not repeated.
  absl::Status Write(const RequestContext& context, absl::FunctionRef<absl::Status(Transaction&)> body);
  // Runs `body` in a REPEATABLE READ, READ ONLY transaction: all that it reads is true at one moment. A lost connection
  // is UNAVAILABLE.
  absl::Status Read(const RequestContext& context, absl::FunctionRef<absl::Status(Transaction&)> body);

 private:
  class Lease;
  enum class Mode { kRead, kWrite };
  absl::Status RunOnce(const RequestContext& context, Mode mode, absl::FunctionRef<absl::Status(Transaction&)> body,
                       bool* dead_on_arrival);
  absl::Status Run(const RequestContext& context, Mode mode, absl::FunctionRef<absl::Status(Transaction&)> body);
  absl::StatusOr<std::unique_ptr<Connection>> Acquire(const RequestContext& context);
  absl::Status MayReconnect() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::unique_ptr<Connection>> Open(bool after_failure);
  // Null: it was closed.
  void Release(std::unique_ptr<Connection> connection);
  void DropIdle();

  const Options options_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
  size_t open_ ABSL_GUARDED_BY(mutex_) = 0;  // idle ones, those in use, and those being opened
  bool connecting_after_failure_ ABSL_GUARDED_BY(mutex_) = false;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;  // in a row
  absl::Time next_attempt_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace identity

#endif  // IDENTITY_DB_DATABASE_H_
