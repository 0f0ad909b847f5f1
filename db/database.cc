#include "db/database.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/base/trace.h"

namespace identity {
namespace {

constexpr int kAttempts = 3;
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
// How long a statement may outlast the deadline because its timeout was set for an earlier statement.
constexpr absl::Duration kLimitSlack = absl::Milliseconds(20);
// A request with less time gets the three round trips that set its statement timeout.
constexpr absl::Duration kTimeToExecuteAlone = absl::Seconds(1);
// How long a part of a transaction waits for a lock.
constexpr absl::Duration kPartLockTimeout = absl::Milliseconds(200);
// The extra time for a living server to end a statement at its timeout.
constexpr absl::Duration kAnswerSlack = absl::Milliseconds(50);

absl::Status CommitInDoubt() {
  return Error(ErrorReason::kCommitInDoubt, "the connection was lost: the change may or may not have happened");
}

absl::Status NotReplicated() {
  Log(LogLevel::kWarning, "a change was committed, but no standby has confirmed it");
  return Error(ErrorReason::kCommitInDoubt, "no standby has the change yet: a failover may lose it");
}

absl::Duration PauseAfter(int failures) {
  absl::BitGen random;
  const absl::Duration pause = std::min(kFirstPause * (1 << std::min(failures - 1, 10)), kLongestPause);
  return pause * absl::Uniform(random, 0.5, 1.0);
}

std::string SetLimit(absl::Duration limit) {
  // Zero would mean no timeout.
  const int64_t milliseconds = std::max<int64_t>(1, absl::ToInt64Milliseconds(limit));
  return absl::StrCat("SET LOCAL statement_timeout = ", milliseconds);
}

std::string SetLockTimeout(absl::Duration limit) {
  return absl::StrCat("SET LOCAL lock_timeout = ", absl::ToInt64Milliseconds(limit));
}

}  // namespace

Transaction::Transaction(Connection& connection, const RequestContext& context, Mode mode, Watchdog::Watch* watch)
    : connection_(connection),
      context_(&context),
      patience_(&context),
      mode_(mode),
      watch_(watch),
      limit_(std::min(context.TimeLeft(), connection.statement_timeout())) {}

absl::Time Transaction::LatestAnswer(const Connection& connection, const RequestContext& context) {
  return std::min(context.deadline, absl::Now() + connection.statement_timeout()) + kAnswerSlack;
}

absl::Status Transaction::Explain(absl::Status status) const {
  if (!absl::IsUnavailable(status) || !connection_.severed()) return status;
  return Error(ErrorReason::kDeadlineExceeded, "the database did not answer in time");
}

absl::StatusOr<Rows> Transaction::Execute(const Statement& statement, const Params& params) {
  RETURN_IF_ERROR(failure_);
  failure_ = Prepare();
  RETURN_IF_ERROR(failure_);
  sent_ = true;
  auto rows = connection_.Execute(statement, params);
  failure_ = Explain(rows.status());
  RETURN_IF_ERROR(failure_);
  return rows;
}

absl::Status Transaction::Prepare() {
  RETURN_IF_ERROR(context_->Check());
  if (watch_ != nullptr) watch_->Extend(LatestAnswer(connection_, *patience_));
  // In a part at least the slack, so that ROLLBACK TO SAVEPOINT has time under this timeout.
  const absl::Duration least = context_ == patience_ ? absl::ZeroDuration() : kLimitSlack;
  const absl::Duration wanted = std::max(std::min(context_->TimeLeft(), connection_.statement_timeout()), least);
  if (absl::AbsDuration(wanted - limit_) <= kLimitSlack) return absl::OkStatus();
  limit_ = wanted;
  sent_ = true;
  return Explain(connection_.Run(SetLimit(limit_)).status());
}

absl::Status Transaction::Control(const std::string& sql) {
  if (watch_ != nullptr) watch_->Extend(LatestAnswer(connection_, *patience_));
  sent_ = true;
  failure_ = Explain(connection_.Run(sql).status());
  return failure_;
}

absl::Status Transaction::RunFor(const RequestContext& context, absl::FunctionRef<absl::Status()> body) {
  RETURN_IF_ERROR(failure_);
  const RequestContext* const whole = std::exchange(context_, &context);
  patience_ = &context;
  absl::Status status = body();
  if (status.ok()) status = failure_;
  if (status.ok()) status = context.Check();
  context_ = whole;
  patience_ = whole;
  return status;
}

absl::Status Transaction::BeginPart() {
  const Savepoint last = std::exchange(savepoint_, Savepoint::kUsed);
  if (last == Savepoint::kFresh) return absl::OkStatus();
  // A part that waits for a lock must not delay the other parts, or deadlock with their locks.
  if (last == Savepoint::kNone) return Control(absl::StrCat(SetLockTimeout(kPartLockTimeout), "; SAVEPOINT part"));
  // One round trip releases the last savepoint, restores the timeout (RELEASE would keep it), and sets the next one.
  const absl::Duration whole = std::min(patience_->TimeLeft(), connection_.statement_timeout());
  std::string reset;
  if (whole - limit_ > kLimitSlack) {
    limit_ = whole;
    reset = absl::StrCat(SetLimit(limit_), "; ");
  }
  return Control(absl::StrCat("RELEASE SAVEPOINT part; ", reset, "SAVEPOINT part"));
}

absl::Status Transaction::EndParts() {
  RETURN_IF_ERROR(failure_);
  if (std::exchange(savepoint_, Savepoint::kNone) == Savepoint::kNone) return absl::OkStatus();
  return Control(absl::StrCat("RELEASE SAVEPOINT part; ", SetLockTimeout(connection_.lock_timeout())));
}

absl::Status Transaction::RunApart(const RequestContext& context, absl::FunctionRef<absl::Status()> body) {
  RETURN_IF_ERROR(failure_);
  RETURN_IF_ERROR(context.Check());
  RETURN_IF_ERROR(BeginPart());
  const absl::Duration limit = limit_;
  // The watchdog keeps the deadline of the whole transaction: one short deadline must not cut the connection of all.
  const RequestContext* const whole = std::exchange(context_, &context);
  absl::Status status = body();
  context_ = whole;
  if (status.ok()) status = failure_;
  if (status.ok() && !discarded_) return absl::OkStatus();
  discarded_ = false;
  RETURN_IF_ERROR(Control("ROLLBACK TO SAVEPOINT part"));
  limit_ = limit;
  savepoint_ = Savepoint::kFresh;
  return status;
}

absl::Status Transaction::Begin() {
  const char* begin = mode_ == Mode::kRead ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                                           : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ";
  const absl::Status begun = connection_.Run(absl::StrCat(begin, SetLimit(limit_))).status();
  dead_on_arrival_ = connection_.broken() && !connection_.severed();
  return Explain(begun);
}

absl::Status Transaction::Commit() {
  if (watch_ != nullptr) watch_->Extend(LatestAnswer(connection_, *patience_));
  const int64_t warnings = connection_.warnings();
  const absl::Status committed = connection_.Run("COMMIT").status();
  ended_ = !connection_.broken();
  if (mode_ == Mode::kRead) return Explain(committed);
  if (!ended_) return CommitInDoubt();
  // If somebody cancels the wait for a synchronous standby (pg_cancel_backend), COMMIT succeeds with a warning.
  if (committed.ok() && connection_.warnings() != warnings) return NotReplicated();
  return Explain(committed);
}

absl::Status Transaction::RollBack(absl::Status error) {
  const bool in_doubt = mode_ == Mode::kWrite && sent_ && connection_.broken();
  ended_ = connection_.Run("ROLLBACK").ok();
  return in_doubt ? CommitInDoubt() : std::move(error);
}

absl::Status Transaction::Run(absl::FunctionRef<absl::Status(Transaction&)> body) {
  RETURN_IF_ERROR(Begin());
  absl::Status status = body(*this);
  // A body that ignored an error must not end in COMMIT: the server would silently roll back.
  if (status.ok()) status = failure_;
  if (status.ok() && discarded_) {
    // The result stands, whatever becomes of the rollback or of the deadline: nothing was written.
    ended_ = connection_.Run("ROLLBACK").ok();
    return absl::OkStatus();
  }
  if (status.ok()) status = context_->Check();
  return status.ok() ? Commit() : RollBack(std::move(status));
}

// A connection for one transaction. Closes it unless `Keep` is called, because its state is unknown.
class Database::Lease {
 public:
  Lease(Database& database, std::unique_ptr<Connection> connection)
      : database_(database), connection_(std::move(connection)) {}
  ~Lease() {
    if (keep_) {
      database_.Release(std::move(connection_));
      return;
    }
    // Closes the connection before another may take its place in the pool.
    connection_.reset();
    database_.CountClosed();
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

Database::Database(const Options& options) : options_(options), connector_([this] { Connect(); }) {}

Database::~Database() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  connector_.join();
}

absl::Status Database::RunOn(Connection& connection, const RequestContext& context,
                             absl::FunctionRef<absl::Status(Transaction&)> body) {
  RETURN_IF_ERROR(context.Check());
  Transaction transaction(connection, context, Transaction::Mode::kRead, nullptr);
  return transaction.Run(body);
}

absl::Status Database::Run(const RequestContext& context, Transaction::Mode mode,
                           absl::FunctionRef<absl::Status(Transaction&)> body) {
  bool found_dead = false;
  int conflicts = 0;
  while (true) {
    bool dead_on_arrival = false;
    Span span("transaction", SpanRecord::Kind::kClient);  // with the wait for a connection
    absl::Status status = RunOnce(context, mode, body, &dead_on_arrival);
    span.SetCode(status.code());
    if (dead_on_arrival && !found_dead) {
      found_dead = true;
      DropIdle();
      continue;
    }
    if (ReasonOf(status) != ErrorReason::kConflict || ++conflicts == kAttempts) return status;
  }
}

absl::Status Database::RunOnce(const RequestContext& context, Transaction::Mode mode,
                               absl::FunctionRef<absl::Status(Transaction&)> body, bool* dead_on_arrival) {
  ASSIGN_OR_RETURN(auto acquired, Acquire(context));
  Lease lease(*this, std::move(acquired));
  Connection& connection = lease.connection();
  absl::optional<Watchdog::Watch> watch(watchdog_.Start(connection, Transaction::LatestAnswer(connection, context)));
  Transaction transaction(connection, context, mode, &*watch);
  absl::Status status = transaction.Run(body);
  *dead_on_arrival = transaction.dead_on_arrival_;
  watch.reset();  // from here on the watchdog does not sever it
  if (transaction.ended_ && !connection.severed()) lease.Keep();
  return status;
}

absl::StatusOr<Rows> Database::Execute(const RequestContext& context, const Statement& statement,
                                       const Params& params) {
  // The session has another statement timeout. So only the watchdog keeps the deadline, and severs the connection.
  if (context.TimeLeft() >= kTimeToExecuteAlone) {
    ASSIGN_OR_RETURN(absl::optional<Rows> rows, ExecuteAlone(context, statement, params));
    if (rows) return *std::move(rows);
  }
  return Write(context, [&](Transaction& transaction) { return transaction.Execute(statement, params); });
}

absl::StatusOr<absl::optional<Rows>> Database::ExecuteAlone(const RequestContext& context, const Statement& statement,
                                                            const Params& params) {
  Span span("transaction", SpanRecord::Kind::kClient);  // with the wait for a connection
  ASSIGN_OR_RETURN(auto acquired, Acquire(context));
  Lease lease(*this, std::move(acquired));
  Connection& connection = lease.connection();
  if (context.TimeLeft() < kTimeToExecuteAlone) {  // the wait for the connection has taken it
    lease.Keep();
    return absl::optional<Rows>();
  }
  // On a dead connection the outcome would be in doubt.
  if (!connection.quiet()) return absl::optional<Rows>();
  absl::optional<Watchdog::Watch> watch(watchdog_.Start(connection, Transaction::LatestAnswer(connection, context)));
  const int64_t warnings = connection.warnings();
  absl::StatusOr<Rows> rows = connection.Execute(statement, params);
  watch.reset();
  span.SetCode(rows.status().code());
  if (connection.broken()) {
    if (!connection.severed()) DropIdle();  // severing one says nothing about the others
    return CommitInDoubt();
  }
  if (!connection.severed()) lease.Keep();
  if (ReasonOf(rows.status()) == ErrorReason::kConflict) return absl::optional<Rows>();
  RETURN_IF_ERROR(rows.status());
  if (connection.warnings() != warnings) return NotReplicated();
  return absl::optional<Rows>(*std::move(rows));
}

absl::StatusOr<std::unique_ptr<Connection>> Database::Acquire(const RequestContext& context) {
  MutexLock lock(mutex_);
  const auto decided = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !idle_.empty() || failures_ > 0; };
  ++waiting_;
  absl::Status status = context.Check();
  if (status.ok()) status = AwaitWhileWanted(context, mutex_, absl::Condition(&decided));
  if (status.ok()) status = context.Check();
  --waiting_;
  RETURN_IF_ERROR(status);
  if (idle_.empty()) return Unreachable();
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

absl::Status Database::Unreachable() {
  return WithRetryDelay(Error(ErrorReason::kStorageUnavailable, "the database is unreachable"),
                        std::max(pause_, kFirstPause));
}

void Database::Connect() {
  while (AwaitTurn()) Take(watchdog_.Open(options_.connection));
}

bool Database::AwaitTurn() {
  MutexLock lock(mutex_);
  // After a failure the thread retries after each pause, whether or not callers wait.
  mutex_.AwaitWithTimeout(absl::Condition(&ending_), pause_);
  const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return ending_ || failures_ > 0 || (waiting_ > idle_.size() && open_ < options_.connections);
  };
  mutex_.Await(absl::Condition(&wanted));
  return !ending_;
}

void Database::Take(absl::StatusOr<std::unique_ptr<Connection>> opened) {
  MutexLock lock(mutex_);
  // A server with an older timeline has been replaced by another server, and does not know it yet.
  if (opened.ok() && IsWelcome(**opened)) {
    failures_ = 0;
    pause_ = absl::ZeroDuration();
    ++open_;
    idle_.push_back(*std::move(opened));
    return;
  }
  ++failures_;
  pause_ = PauseAfter(failures_);
}

bool Database::IsWelcome(const Connection& connection) const {
  if (!history_) return true;
  const History& history = connection.history();
  return history == *history_ ||
         (history.system_identifier == history_->system_identifier && history.timeline > history_->timeline);
}

void Database::Release(std::unique_ptr<Connection> connection) {
  {
    MutexLock lock(mutex_);
    if (IsWelcome(*connection)) {
      idle_.push_back(std::move(connection));
      return;
    }
  }
  connection.reset();
  CountClosed();
}

void Database::CountClosed() {
  MutexLock lock(mutex_);
  --open_;
}

// When one connection is dead, the server has probably restarted, and the others are dead too.
void Database::DropIdle() {
  std::vector<std::unique_ptr<Connection>> dropped;
  MutexLock lock(mutex_);
  open_ -= idle_.size();
  dropped.swap(idle_);
}

void Database::DropOlder(const History& history) {
  std::vector<std::unique_ptr<Connection>> dropped;
  MutexLock lock(mutex_);
  history_ = history;
  const auto kept = std::partition(idle_.begin(), idle_.end(),
                                   [this](const std::unique_ptr<Connection>& connection)
                                       ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return IsWelcome(*connection); });
  dropped.assign(std::make_move_iterator(kept), std::make_move_iterator(idle_.end()));
  idle_.erase(kept, idle_.end());
  open_ -= dropped.size();
}

Database::Stats Database::stats() {
  MutexLock lock(mutex_);
  return {open_, idle_.size(), waiting_};
}

}  // namespace identity
