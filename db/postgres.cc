#include "db/postgres.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <limits>
#include <pqxx/pqxx>
#include <set>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/memory/memory.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "db/conninfo.h"
#include "db/sqlstate.h"
#include "db/text_format.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

[[noreturn]] void ProgramFault(absl::string_view what, absl::string_view column) {
  Log(LogLevel::kError, "a row was read with a wrong column or type",
      {{"fault", std::string(what)}, {"column", std::string(column)}});
  std::abort();
}

absl::optional<std::string> Conninfo(const Connection::Options& options) {
  // libpq accepts whole seconds and treats 1 as 2.
  const int64_t connect_seconds =
      std::max<int64_t>(1, absl::ToInt64Seconds(absl::Ceil(options.connect_timeout, absl::Seconds(1))));
  const std::string peer_timeout = absl::StrCat(absl::ToInt64Milliseconds(options.statement_timeout));
  return conninfo::WithDefaults(options.url, {{"application_name", options.application_name},
                                              {"target_session_attrs", "read-write"},
                                              {"connect_timeout", absl::StrCat(connect_seconds)},
                                              {"tcp_user_timeout", peer_timeout},
                                              // Detect a vanished server while waiting for its answer.
                                              {"keepalives_idle", "2"},
                                              {"keepalives_interval", "1"},
                                              {"keepalives_count", "3"}});
}

// To compile a statement takes each new connection about 0.3 seconds of processor time, and ours are short: no JIT.
// A connection keeps its plans, also those of foreign key checks. A plan that was made for a small table reads all of
// it, and stays in use after the table has grown, until PostgreSQL analyzes it. So a statement scans a table only if no
// index fits. A standby does not know the WAL file that it would write. Only a URL that requests a standby can reach
// one.
std::string SessionSetup(const Connection::Options& options) {
  return absl::StrCat(
      "SET search_path = identity; SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET datestyle = 'ISO';"
      "SET intervalstyle = 'iso_8601'; SET bytea_output = 'hex'; SET client_min_messages = 'warning';"
      "SET jit = off; SET enable_seqscan = off;"
      "SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off;"
      "SET statement_timeout = ",
      absl::ToInt64Milliseconds(options.statement_timeout),
      "; SET lock_timeout = ", absl::ToInt64Milliseconds(options.lock_timeout),
      "; SET idle_in_transaction_session_timeout = 2000;"
      "SELECT system_identifier::text,"
      " CASE WHEN pg_is_in_recovery() THEN lpad(to_hex((SELECT timeline_id FROM pg_control_checkpoint())), 8, '0')"
      " ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END AS timeline"
      " FROM pg_control_system()");
}

absl::optional<History> ParseHistory(const Rows& rows) {
  History history;
  if (rows.size() != 1 || !absl::SimpleAtoi(rows[0].Text("system_identifier"), &history.system_identifier) ||
      !absl::SimpleHexAtoi(rows[0].Text("timeline"), &history.timeline)) {
    return absl::nullopt;
  }
  return history;
}

}  // namespace

// ---- Params

Params& Params::Add(absl::string_view text) {
  values_.emplace_back(std::string(text));
  return *this;
}

Params& Params::Add(bool value) { return Add(absl::string_view(value ? "t" : "f")); }

Params& Params::Add(int64_t value) { return Add(absl::string_view(absl::StrCat(value))); }

Params& Params::Add(absl::Time time) { return Add(absl::string_view(text_format::EncodeTime(time))); }

Params& Params::Add(absl::Duration span) {
  return Add(absl::string_view(absl::StrCat(absl::ToInt64Microseconds(span), " microseconds")));
}

Params& Params::Add(const Uuid& id) { return Add(absl::string_view(id.ToString())); }

Params& Params::AddNull() {
  values_.emplace_back(absl::nullopt);
  return *this;
}

Params& Params::AddBytes(absl::string_view bytes) { return Add(absl::string_view(text_format::EncodeBytes(bytes))); }

Params& Params::AddTexts(const std::vector<std::string>& texts) {
  return Add(absl::string_view(text_format::EncodeTexts(texts)));
}

// ---- Rows

const absl::optional<std::string>& Rows::Row::Value(absl::string_view column) const {
  const auto found = std::find(rows_.columns_.begin(), rows_.columns_.end(), column);
  if (found == rows_.columns_.end()) ProgramFault("no such column", column);
  return rows_.values_.at(index_)[static_cast<size_t>(found - rows_.columns_.begin())];
}

bool Rows::Row::IsNull(absl::string_view column) const { return !Value(column).has_value(); }

std::string Rows::Row::Text(absl::string_view column) const { return Value(column).value_or(""); }

int64_t Rows::Row::Int(absl::string_view column) const {
  int64_t value = 0;
  if (!absl::SimpleAtoi(Text(column), &value)) ProgramFault("not an integer", column);
  return value;
}

bool Rows::Row::Bool(absl::string_view column) const {
  const std::string text = Text(column);
  if (text != "t" && text != "f" && !text.empty()) ProgramFault("not a boolean", column);
  return text == "t";
}

absl::Time Rows::Row::Time(absl::string_view column) const {
  const auto time = text_format::DecodeTime(Text(column));
  if (!time) ProgramFault("not a time", column);
  return *time;
}

absl::optional<absl::Time> Rows::Row::OptionalTime(absl::string_view column) const {
  if (IsNull(column)) return absl::nullopt;
  return Time(column);
}

Uuid Rows::Row::Id(absl::string_view column) const {
  const auto id = Uuid::Parse(Text(column));
  if (!id) ProgramFault("not a UUID", column);
  return *id;
}

std::string Rows::Row::Bytes(absl::string_view column) const {
  if (IsNull(column)) return "";
  auto bytes = text_format::DecodeBytes(Text(column));
  if (!bytes) ProgramFault("not bytes", column);
  return *std::move(bytes);
}

std::vector<std::string> Rows::Row::Texts(absl::string_view column) const {
  if (IsNull(column)) return {};
  auto texts = text_format::DecodeTexts(Text(column));
  if (!texts) ProgramFault("not an array of text", column);
  return *std::move(texts);
}

// ---- Connection

namespace {

// A second descriptor of a socket, owned by this object. libpq closes its own as soon as it finds the connection
// broken, and the same number may then belong to another socket.
class SecondDescriptor {
 public:
  explicit SecondDescriptor(int socket) : fd_(::fcntl(socket, F_DUPFD_CLOEXEC, 0)) {
    if (fd_ < 0) throw pqxx::broken_connection("no file descriptor is left");
  }
  ~SecondDescriptor() { ::close(fd_); }
  SecondDescriptor(const SecondDescriptor&) = delete;
  SecondDescriptor& operator=(const SecondDescriptor&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

// Waits until one of the two is readable or broken, or a signal arrives. Returns whether it is `wake_fd`.
bool Poll(int socket, int wake_fd, absl::Duration timeout) {
  pollfd files[] = {{socket, POLLIN, 0}, {wake_fd, POLLIN, 0}};
  const int64_t milliseconds = absl::ToInt64Milliseconds(absl::Ceil(timeout, absl::Milliseconds(1)));
  const int64_t longest = std::numeric_limits<int>::max();
  ::poll(files, 2, static_cast<int>(std::min(milliseconds, longest)));
  return files[1].revents != 0;
}

}  // namespace

struct Connection::Driver {
  explicit Driver(const std::string& conninfo);

  // Consumes the notifications that have arrived. Returns how many.
  int TakeNotifications() { return connection.get_notifs(); }
  void Prepare(const Statement& statement);
  pqxx::result Execute(const char* name, const std::vector<absl::optional<std::string>>& values);
  pqxx::result Run(const std::string& sql);

  static Rows ToRows(const pqxx::result& result);
  // Calls `talk` and turns an exception of libpqxx into a status.
  absl::Status Try(const char* statement, absl::FunctionRef<void()> talk);
  absl::Status Lost(const char* statement, absl::string_view code);

  pqxx::connection connection;
  const SecondDescriptor socket{connection.sock()};
  int64_t warnings = 0;
#if PQXX_VERSION_MAJOR < 7
  struct WarningCounter : pqxx::errorhandler {
    explicit WarningCounter(Driver& owner) : pqxx::errorhandler(owner.connection), driver(owner) {}
    // Returns false: nobody else sees the text.
    bool operator()(const char[]) noexcept override {
      ++driver.warnings;
      return false;
    }
    Driver& driver;
  };
  WarningCounter counter{*this};
#endif
  std::set<std::string> prepared;
  bool lost = false;
};

// The one place where the versions of libpqxx differ. Verbose messages name the constraint.
#if PQXX_VERSION_MAJOR < 7

Connection::Driver::Driver(const std::string& conninfo) : connection(conninfo) {
  connection.set_verbosity(pqxx::connection_base::verbose);
  // Version 6 reconnects silently, without our session's settings. The only way to forbid it is marked as deprecated,
  // since version 7 never reconnects.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

pqxx::result Connection::Driver::Execute(const char* name, const std::vector<absl::optional<std::string>>& values) {
  std::vector<const char*> params;
  params.reserve(values.size());
  for (const auto& value : values) params.push_back(value ? value->c_str() : nullptr);
  pqxx::nontransaction work(connection);
  return work.exec_prepared(name, pqxx::prepare::make_dynamic_params(params));
}

#else

Connection::Driver::Driver(const std::string& conninfo) : connection(conninfo) {
  connection.set_verbosity(pqxx::error_verbosity::verbose);
  connection.set_notice_handler([this](pqxx::zview) { ++warnings; });
}

pqxx::result Connection::Driver::Execute(const char* name, const std::vector<absl::optional<std::string>>& values) {
  pqxx::params params;
  params.reserve(values.size());
  for (const auto& value : values) {
    if (value) {
      params.append(*value);
    } else {
      params.append();
    }
  }
  pqxx::nontransaction work(connection);
  return work.exec(pqxx::prepped{name}, params);
}

#endif

void Connection::Driver::Prepare(const Statement& statement) {
  if (prepared.count(statement.name) > 0) return;
  connection.prepare(statement.name, statement.sql);
  prepared.insert(statement.name);
}

pqxx::result Connection::Driver::Run(const std::string& sql) {
  pqxx::nontransaction work(connection);
  return work.exec(sql);
}

Rows Connection::Driver::ToRows(const pqxx::result& result) {
  Rows rows;
  rows.affected_ = static_cast<int64_t>(result.affected_rows());
  for (pqxx::row_size_type column = 0; column < result.columns(); ++column) {
    rows.columns_.emplace_back(result.column_name(column));
  }
  rows.values_.reserve(static_cast<size_t>(result.size()));
  for (const auto& row : result) {
    auto& values = rows.values_.emplace_back();
    values.reserve(rows.columns_.size());
    for (const auto& field : row) {
      if (field.is_null()) {
        values.emplace_back(absl::nullopt);
      } else {
        values.emplace_back(std::string(field.c_str(), field.size()));
      }
    }
  }
  return rows;
}

absl::Status Connection::Driver::Lost(const char* statement, absl::string_view code) {
  lost = true;
  return sqlstate::ConnectionLost(statement, code);
}

absl::Status Connection::Driver::Try(const char* statement, absl::FunctionRef<void()> talk) {
  if (lost) return sqlstate::Unavailable("the connection to the database was lost earlier");
  std::string code;
  std::string message;
  try {
    talk();
    return absl::OkStatus();
  } catch (const pqxx::serialization_failure&) {
    code = "40001";
  } catch (const pqxx::deadlock_detected&) {
    code = "40P01";
  } catch (const pqxx::statement_completion_unknown&) {
    code = "40003";
  } catch (const pqxx::broken_connection&) {
    code = "08006";
  } catch (const pqxx::sql_error& error) {
    code = error.sqlstate();
    message = error.what();
  } catch (const std::exception&) {
    code = "";
  }
  if (!connection.is_open() || sqlstate::EndsTheConnection(code)) return Lost(statement, code);
  return sqlstate::RefusedByServer(statement, code, message);
}

Connection::Connection(std::unique_ptr<Driver> driver, const Options& options)
    : driver_(std::move(driver)), statement_timeout_(options.statement_timeout), lock_timeout_(options.lock_timeout) {}

Connection::~Connection() = default;

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Options& options) {
  ASSIGN_OR_RETURN(auto connection, Connect(options));
  RETURN_IF_ERROR(connection->SetUp(options));
  return connection;
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Connect(const Options& options) {
  const auto conninfo = Conninfo(options);
  if (!conninfo) return Error(ErrorReason::kInternal, "the database's connection string cannot be parsed");
  try {
    return absl::WrapUnique(new Connection(std::make_unique<Driver>(*conninfo), options));
  } catch (const std::exception& error) {
    // The text of libpq contains the host, the user and the server's reason, but no password.
    Log(LogLevel::kWarning, "cannot connect to the database", {{"error", error.what()}});
    return sqlstate::Unavailable("the database is unreachable");
  }
}

absl::Status Connection::SetUp(const Options& options) {
  ASSIGN_OR_RETURN(const Rows rows, Run(SessionSetup(options)));
  const auto history = ParseHistory(rows);
  if (!history) return Error(ErrorReason::kInternal, "the database did not return its system identifier and timeline");
  history_ = *history;
  return absl::OkStatus();
}

absl::StatusOr<Rows> Connection::Execute(const Statement& statement, const Params& params) {
  for (const auto& value : params.values()) {
    if (value && value->find('\0') != std::string::npos) {
      return Error(ErrorReason::kInvalidField, "text must not contain a NUL character");
    }
  }
  Rows rows;
  RETURN_IF_ERROR(driver_->Try(statement.name, [&] {
    driver_->Prepare(statement);
    rows = Driver::ToRows(driver_->Execute(statement.name, params.values()));
  }));
  return rows;
}

absl::StatusOr<Rows> Connection::Run(const std::string& sql) {
  Rows rows;
  RETURN_IF_ERROR(driver_->Try("(script)", [&] { rows = Driver::ToRows(driver_->Run(sql)); }));
  return rows;
}

absl::Status Connection::WaitForNotification(int wake_fd, absl::Duration timeout) {
  const absl::Duration end = Uptime() + timeout;  // not the time of day, which may be set back
  bool woken = false;
  while (true) {
    int received = 0;
    // Also before the wait: a notification that came with an earlier answer does not make the socket readable.
    RETURN_IF_ERROR(driver_->Try("(notifications)", [&] { received = driver_->TakeNotifications(); }));
    if (broken()) return driver_->Lost("(notifications)", "");
    const absl::Duration left = end - Uptime();
    if (received > 0 || woken || left <= absl::ZeroDuration()) return absl::OkStatus();
    woken = Poll(driver_->socket.fd(), wake_fd, left);
  }
}

// shutdown() acts on the socket, so libpq sees the end of its input. It has no effect on a closed socket.
void Connection::Sever() {
  severed_ = true;
  ::shutdown(driver_->socket.fd(), SHUT_RDWR);
}

bool Connection::quiet() const {
  char byte = 0;
  const ssize_t received = ::recv(driver_->socket.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool Connection::broken() const { return driver_->lost || !driver_->connection.is_open(); }

int64_t Connection::warnings() const { return driver_->warnings; }

}  // namespace identity
