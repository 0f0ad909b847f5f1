#ifndef IDENTITY_DB_POSTGRES_H_
#define IDENTITY_DB_POSTGRES_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/domain/consistency_token.h"
#include "server/domain/ids.h"

// The rest of db/ uses libpqxx only through this file, which hides the differences between its major versions. Values
// are sent and received as text.
namespace identity {

// A statement that each connection prepares at its first use. `name` is unique in the program. Both are literals.
struct Statement {
  const char* name;
  const char* sql;  // with $1, $2 …
};

// The values of $1, $2 … in order.
class Params {
 public:
  // PostgreSQL cannot store NUL: `Execute` refuses text that contains it with INVALID_ARGUMENT.
  Params& Add(absl::string_view text);
  Params& Add(const char* text) { return Add(absl::string_view(text)); }
  Params& Add(const std::string& text) { return Add(absl::string_view(text)); }
  Params& Add(bool value);
  Params& Add(int64_t value);
  // InfiniteFuture and InfinitePast become 'infinity' and '-infinity'. Other times are rounded down to a microsecond.
  Params& Add(absl::Time time);
  // As an interval.
  Params& Add(absl::Duration span);
  Params& Add(const Uuid& id);
  template <typename Kind>
  Params& Add(const Id<Kind>& id) {
    return Add(id.uuid());
  }
  template <typename T>
  Params& Add(const absl::optional<T>& value) {
    return value ? Add(*value) : AddNull();
  }
  Params& AddNull();
  // A bytea.
  Params& AddBytes(absl::string_view bytes);
  // A text[].
  Params& AddTexts(const std::vector<std::string>& texts);

  const std::vector<absl::optional<std::string>>& values() const { return values_; }

 private:
  std::vector<absl::optional<std::string>> values_;
};

// The result of a statement. A value. Reading a missing column, or reading a value as the wrong type, is a bug and
// aborts the program.
class Rows {
 public:
  class Row {
   public:
    bool IsNull(absl::string_view column) const;
    std::string Text(absl::string_view column) const;  // "" when null
    int64_t Int(absl::string_view column) const;
    bool Bool(absl::string_view column) const;  // false when null
    // InfiniteFuture for 'infinity'. The column is a timestamptz.
    absl::Time Time(absl::string_view column) const;
    absl::optional<absl::Time> OptionalTime(absl::string_view column) const;
    Uuid Id(absl::string_view column) const;
    std::string Bytes(absl::string_view column) const;               // "" when null
    std::vector<std::string> Texts(absl::string_view column) const;  // of a text[]; empty when null

   private:
    friend class Rows;
    Row(const Rows& rows, size_t index) : rows_(rows), index_(index) {}
    const absl::optional<std::string>& Value(absl::string_view column) const;
    const Rows& rows_;
    const size_t index_;
  };

  size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  // Valid while this object exists.
  Row operator[](size_t index) const { return Row(*this, index); }
  // How many rows a statement changed.
  int64_t affected() const { return affected_; }

 private:
  friend class Connection;
  std::vector<std::string> columns_;
  std::vector<std::vector<absl::optional<std::string>>> values_;
  int64_t affected_ = 0;
};

// One connection to PostgreSQL, for one thread at a time. It never reconnects: a broken connection stays broken.
//
// Errors of all methods:
// - ALREADY_EXISTS for a unique violation; the message is only the name of the constraint,
// - FAILED_PRECONDITION for a foreign key or check violation,
// - ABORTED / CONFLICT for serialization failures, deadlocks and lock timeouts,
// - DEADLINE_EXCEEDED for the statement timeout,
// - INVALID_ARGUMENT for text that the database's encoding refuses,
// - UNAVAILABLE / STORAGE_UNAVAILABLE with a retry delay when the connection is lost, or the server shuts down or
//   accepts no more connections,
// - INTERNAL for everything else.
// A status never contains text from the driver.
class Connection {
 public:
  struct Options {
    // A libpq connection string or URI; may name several hosts. May contain a password: never logged.
    std::string url;
    std::string application_name = "identityd";
    absl::Duration connect_timeout = absl::Seconds(3);
    absl::Duration statement_timeout = absl::Seconds(5);
    absl::Duration lock_timeout = absl::Seconds(2);
  };
  // Connects to a server that accepts writes, unless `url` says otherwise. Sets up the session: search_path "identity",
  // UTC, ISO dates, the timeouts, idle_in_transaction_session_timeout and tcp_user_timeout.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Options& options);
  // The same in two steps. The connect timeout limits the first step. Nothing limits the second: a caller that must not
  // block on a silent server needs a watch.
  static absl::StatusOr<std::unique_ptr<Connection>> Connect(const Options& options);
  absl::Status SetUp(const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs a prepared statement.
  absl::StatusOr<Rows> Execute(const Statement& statement, const Params& params);
  // Runs one or more statements without parameters in one round trip: transaction control, session settings,
  // migrations. Returns the rows of the last.
  absl::StatusOr<Rows> Run(const std::string& sql);

  // Waits until a notification arrives (after `Run` of a LISTEN), `wake_fd` is readable, or `timeout` has passed.
  // Returns OK for each of them. Does not read from `wake_fd`; -1 for none. Consumes all notifications that have
  // arrived, including those that came with the answer to an earlier statement. UNAVAILABLE when the connection is
  // lost.
  absl::Status WaitForNotification(int wake_fd, absl::Duration timeout);

  // Shuts the connection down: a call that waits for the server fails immediately with UNAVAILABLE, and so do all later
  // calls. The only method that any thread may call, at any time before the destructor begins. Does not block.
  void Sever();
  bool severed() const { return severed_; }

  bool broken() const;
  // False when the server has sent something unasked, or has closed the connection. Does not block.
  bool quiet() const;
  // How many warnings the server has sent.
  int64_t warnings() const;
  // The database's history at the time of the connection.
  const History& history() const { return history_; }
  // The timeouts that the session was opened with.
  absl::Duration statement_timeout() const { return statement_timeout_; }
  absl::Duration lock_timeout() const { return lock_timeout_; }

 private:
  struct Driver;
  Connection(std::unique_ptr<Driver> driver, const Options& options);
  std::unique_ptr<Driver> driver_;
  const absl::Duration statement_timeout_;
  const absl::Duration lock_timeout_;
  History history_;
  std::atomic<bool> severed_{false};
};

}  // namespace identity

#endif  // IDENTITY_DB_POSTGRES_H_
