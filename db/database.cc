#include "db/database.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr int kAttempts = 3;
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
// How often one that waits for a connection looks whether it is still wanted.
constexpr absl::Duration kCancellationPoll = absl::Milliseconds(50);
// How far a statement may outlast the deadline because the limit was set by an earlier one.
constexpr absl::Duration kLimitSlack = absl::Milliseconds(20);

absl::Status CommitInDoubt() {
  return Error(ErrorReason::kCommitInDoubt, "the connection was lost: the change may or may not have happened");
}

absl::Duration PauseAfter(int failures) {
  absl::BitGen random;
  const absl::Duration pause = std::min(kFirstPause * (1 << std::min(failures - 1, 10)), kLongestPause);
  return pause * absl::Uniform(random, 0.5, 1.0);
}

std::string SetLimit(absl::Duration limit) {
  // Zero would mean none.
  const int64_t milliseconds = std::max<int64_t>(1, absl::ToInt64Milliseconds(limit));
  return absl::StrCat("SET LOCAL statement_timeout = ", milliseconds);
}

}  // namespace

absl::StatusOr<Rows> Transaction::Execute(const Statement& statement, const Params& params) {
  RETURN_IF_ERROR(failure_);
  failure_ = Prepare();
  RETURN_IF_ERROR(failure_);
  sent_ = true;
  auto rows = connection_.Execute(statement, params);
  failure_ = rows.status();
  return rows;
}

// The limit was right for the statements that came at once; one that comes late gets a shorter one.
absl::Status Transaction::Prepare() {
  RETURN_IF_ERROR(context_.Check());
  const absl::Duration left = context_.TimeLeft();
  if (left + kLimitSlack >= limit_) return absl::OkStatus();
  limit_ = left;
  sent_ = true;
  return connection_.Run(SetLimit(limit_)).status();
}

// A connection for one transaction. Unless `Keep` is called it is closed: nobody knows what state it is in.
class Database::Lease {
 public:
  Lease(Database& database, std::unique_ptr<Connection> connection)
      : database_(database), connection_(std::move(connection)) {}
  ~Lease() {
    // Closed before its place is given away.
    if (!keep_) connection_.reset();
    database_.Release(std::move(connection_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Connection& connection() { return *connection_; }
  void Keep() { keep_ = true; }

 private:
  Database& database_;
  std::unique_ptr<Connection> connection_;
  bool keep_ = false;
};

Database::Database(const Options& options) : options_(options) {}

Database::~Database() = default;

absl::Status Database::Write(const RequestContext& context, absl::FunctionRef<absl::Status(Transaction&)> body) {
  return Run(context, Mode::kWrite, body);
}

absl::Status Database::Read(const RequestContext& context, absl::FunctionRef<absl::Status(Transaction&)> body) {
  return Run(context, Mode::kRead, body);
}

absl::Status Database::Run(const RequestContext& context, Mode mode,
                           absl::FunctionRef<absl::Status(Transaction&)> body) {
  bool found_dead = false;
  int conflicts = 0;
  while (true) {
    bool dead_on_arrival = false;
    absl::Status status = RunOnce(context, mode, body, &dead_on_arrival);
    if (dead_on_arrival && !found_dead) {
      found_dead = true;
      DropIdle();
      continue;
    }
    if (ReasonOf(status) != ErrorReason::kConflict || ++conflicts == kAttempts) return status;
  }
}

absl::Status Database::RunOnce(const RequestContext& context, Mode mode,
                               absl::FunctionRef<absl::Status(Transaction&)> body, bool* dead_on_arrival) {
  ASSIGN_OR_RETURN(auto acquired, Acquire(context));
  Lease lease(*this, std::move(acquired));
  Connection& connection = lease.connection();
  RETURN_IF_ERROR(context.Check());
  Transaction transaction(connection, context, std::min(context.TimeLeft(), options_.connection.statement_timeout));
  const char* begin = mode == Mode::kRead ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                                          : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ";
  const absl::Status begun = connection.Run(absl::StrCat(begin, SetLimit(transaction.limit_))).status();
  *dead_on_arrival = connection.broken();
  RETURN_IF_ERROR(begun);

  absl::Status status = body(transaction);
  // A body that made light of an error must not end in a COMMIT, which the server would turn into a rollback and not
  // say so.
  if (status.ok()) status = transaction.failure_;
  if (status.ok()) status = context.Check();
  const bool committing = status.ok();
  const absl::Status ended = connection.Run(committing ? "COMMIT" : "ROLLBACK").status();
  if (!connection.broken()) {
    if (committing || ended.ok()) lease.Keep();
    return committing ? ended : status;
  }
  if (mode == Mode::kWrite && (committing || transaction.lost())) return CommitInDoubt();
  return committing ? ended : status;
}

absl::StatusOr<std::unique_ptr<Connection>> Database::Acquire(const RequestContext& context) {
  bool after_failure = false;
  {
    absl::MutexLock lock(&mutex_);
    while (idle_.empty() && open_ >= options_.connections) {
      RETURN_IF_ERROR(context.Check());
      const auto available = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !idle_.empty() || open_ < options_.connections;
      };
      mutex_.AwaitWithTimeout(absl::Condition(&available), std::min(context.TimeLeft(), kCancellationPoll));
    }
    RETURN_IF_ERROR(context.Check());
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    after_failure = failures_ > 0;
    if (after_failure) RETURN_IF_ERROR(MayReconnect());
    ++open_;
  }
  return Open(after_failure);
}

absl::Status Database::MayReconnect() {
  const absl::Duration pause = std::max(next_attempt_ - absl::Now(), absl::ZeroDuration());
  if (connecting_after_failure_ || pause > absl::ZeroDuration()) {
    return WithRetryDelay(Error(ErrorReason::kStorageUnavailable, "the database cannot be reached"),
                          std::max(pause, kFirstPause));
  }
  connecting_after_failure_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Connection>> Database::Open(bool after_failure) {
  auto connection = Connection::Open(options_.connection);
  absl::MutexLock lock(&mutex_);
  if (after_failure) connecting_after_failure_ = false;
  if (connection.ok()) {
    failures_ = 0;
    return connection;
  }
  --open_;
  // Of those that tried at once and failed together, one counts.
  if (after_failure || failures_ == 0) {
    ++failures_;
    next_attempt_ = absl::Now() + PauseAfter(failures_);
  }
  return connection;
}

void Database::Release(std::unique_ptr<Connection> connection) {
  absl::MutexLock lock(&mutex_);
  if (connection == nullptr) {
    --open_;
    return;
  }
  idle_.push_back(std::move(connection));
}

// One connection found dead means in all likelihood that the server was restarted, and the others are dead too.
void Database::DropIdle() {
  std::vector<std::unique_ptr<Connection>> dropped;
  absl::MutexLock lock(&mutex_);
  open_ -= idle_.size();
  dropped.swap(idle_);
}

}  // namespace identity
