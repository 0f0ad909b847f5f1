#include "db/postgres.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <limits>
#include <pqxx/pqxx>
#include <set>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/memory/memory.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/clock.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr absl::Duration kRetryDelay = absl::Milliseconds(100);

[[noreturn]] void ProgramFault(absl::string_view what, absl::string_view column) {
  Log(LogLevel::kError, "a row was read with a wrong column or type",
      {{"fault", std::string(what)}, {"column", std::string(column)}});
  std::abort();
}

absl::Status Unavailable(absl::string_view message) {
  return WithRetryDelay(Error(ErrorReason::kStorageUnavailable, message), kRetryDelay);
}

absl::Status Conflict() {
  return WithRetryDelay(Error(ErrorReason::kConflict, "lost against concurrent changes"), kRetryDelay);
}

// ---- Arrays: {"a","with \"quote\" and \\",NULL}

std::string EncodeTexts(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const std::string& text : texts) {
    absl::StrAppend(&array, array.size() == 1 ? "\"" : ",\"");
    for (const char c : text) {
      if (c == '"' || c == '\\') array.push_back('\\');
      array.push_back(c);
    }
    array.push_back('"');
  }
  array.push_back('}');
  return array;
}

// Removes one element from the front of `rest`. False when there is none.
bool TakeElement(absl::string_view* rest, std::string* element) {
  element->clear();
  const bool quoted = absl::ConsumePrefix(rest, "\"");
  while (!rest->empty()) {
    const char c = rest->front();
    if (quoted ? c == '"' : c == ',' || c == '}') break;
    rest->remove_prefix(1);
    if (c != '\\') {
      element->push_back(c);
      continue;
    }
    if (rest->empty()) return false;
    element->push_back(rest->front());
    rest->remove_prefix(1);
  }
  if (!quoted && *element == "NULL") element->clear();
  return !quoted || absl::ConsumePrefix(rest, "\"");
}

absl::optional<std::vector<std::string>> DecodeTexts(absl::string_view array) {
  std::vector<std::string> texts;
  if (array == "{}") return texts;
  if (!absl::ConsumePrefix(&array, "{")) return absl::nullopt;
  std::string element;
  do {
    // A bare brace is an array of arrays.
    if (absl::StartsWith(array, "{") || !TakeElement(&array, &element)) return absl::nullopt;
    texts.push_back(element);
  } while (absl::ConsumePrefix(&array, ","));
  if (array != "}") return absl::nullopt;
  return texts;
}

// ---- Bytes: \x00ff

// The signature of Abseil's own function differs between versions.
absl::optional<std::string> DecodeBytes(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "\\x") || text.size() % 2 != 0) return absl::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (; !text.empty(); text.remove_prefix(2)) {
    uint32_t byte = 0;
    if (!absl::SimpleHexAtoi(text.substr(0, 2), &byte)) return absl::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

// ---- Times: 2026-01-02 03:04:05.678901+00

std::string EncodeTime(absl::Time time) {
  if (time == absl::InfiniteFuture()) return "infinity";
  if (time == absl::InfinitePast()) return "-infinity";
  return absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S+00", time, absl::UTCTimeZone());
}

absl::optional<absl::Time> DecodeTime(absl::string_view text) {
  if (text == "infinity") return absl::InfiniteFuture();
  if (text == "-infinity") return absl::InfinitePast();
  absl::Time time;
  std::string error;
  if (!absl::ConsumeSuffix(&text, "+00") ||
      !absl::ParseTime("%Y-%m-%d %H:%M:%E*S", text, absl::UTCTimeZone(), &time, &error)) {
    return absl::nullopt;
  }
  return time;
}

// ---- The connection string

// `url` as "name='value' …", with `defaults` for the names that it omits. nullopt when it cannot be parsed.
absl::optional<std::string> WithDefaults(const std::string& url,
                                         const std::vector<std::pair<std::string, std::string>>& defaults) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(PQconninfoParse(url.c_str(), nullptr),
                                                                            PQconninfoFree);
  if (parsed == nullptr) return absl::nullopt;
  std::string conninfo;
  const auto append = [&conninfo](absl::string_view name, absl::string_view value) {
    absl::StrAppend(&conninfo, conninfo.empty() ? "" : " ", name, "='");
    for (const char c : value) {
      if (c == '\'' || c == '\\') conninfo.push_back('\\');
      conninfo.push_back(c);
    }
    conninfo.push_back('\'');
  };
  std::set<std::string> given;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    given.insert(option->keyword);
    append(option->keyword, option->val);
  }
  for (const auto& [name, value] : defaults) {
    if (given.count(name) == 0) append(name, value);
  }
  return conninfo;
}

absl::optional<std::string> Conninfo(const Connection::Options& options) {
  // libpq accepts whole seconds and treats 1 as 2.
  const int64_t connect_seconds =
      std::max<int64_t>(1, absl::ToInt64Seconds(absl::Ceil(options.connect_timeout, absl::Seconds(1))));
  const std::string peer_timeout = absl::StrCat(absl::ToInt64Milliseconds(options.statement_timeout));
  return WithDefaults(options.url, {{"application_name", options.application_name},
                                    {"target_session_attrs", "read-write"},
                                    {"connect_timeout", absl::StrCat(connect_seconds)},
                                    {"tcp_user_timeout", peer_timeout},
                                    // Detect a vanished server while waiting for its answer.
                                    {"keepalives_idle", "2"},
                                    {"keepalives_interval", "1"},
                                    {"keepalives_count", "3"}});
}

// A standby, which only a url that asks for one can reach, does not know the WAL file that it would write.
std::string SessionSetup(const Connection::Options& options) {
  return absl::StrCat(
      "SET search_path = identity; SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET datestyle = 'ISO';"
      "SET intervalstyle = 'iso_8601'; SET bytea_output = 'hex'; SET client_min_messages = 'error';"
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

// ---- Errors

// The constraint in a verbose message of libpq, which names it after all text that can contain a row's values. "" for
// none.
std::string ConstraintName(const std::string& message) {
  constexpr absl::string_view kLabel = "\nCONSTRAINT NAME:  ";
  const size_t label = message.rfind(kLabel.data(), std::string::npos, kLabel.size());
  if (label == std::string::npos) return "";
  const size_t begin = label + kLabel.size();
  return message.substr(begin, message.find('\n', begin) - begin);
}

bool EndsTheConnection(absl::string_view sqlstate) {
  return absl::StartsWith(sqlstate, "08") || sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03" ||
         sqlstate == "57P05" || sqlstate == "25P03" || sqlstate == "40003";
}

void LogFailure(LogLevel level, const char* statement, absl::string_view sqlstate, const std::string& constraint) {
  Log(level, "statement failed",
      {{"statement", statement}, {"sqlstate", std::string(sqlstate)}, {"constraint", constraint}});
}

// The log level of a refusal. Errors that callers can cause are not errors of the server.
LogLevel SeverityOf(absl::string_view sqlstate) {
  for (const char* expected : {"40001", "40P01", "55P03", "23505", "23503", "23514", "22021", "22P05"}) {
    if (sqlstate == expected) return LogLevel::kDebug;
  }
  return sqlstate == "57014" || absl::StartsWith(sqlstate, "53") ? LogLevel::kWarning : LogLevel::kError;
}

// The status of a statement that the server refused. Drops the driver's text, which may quote the values of a row.
absl::Status RefusedByServer(const char* statement, absl::string_view sqlstate, const std::string& message) {
  const std::string constraint = ConstraintName(message);
  LogFailure(SeverityOf(sqlstate), statement, sqlstate, constraint);
  if (sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03") return Conflict();
  if (sqlstate == "23505") return Error(ErrorReason::kAlreadyExists, constraint);
  if (sqlstate == "23503" || sqlstate == "23514") return absl::FailedPreconditionError(constraint);
  if (sqlstate == "57014") return Error(ErrorReason::kDeadlineExceeded, "the database took too long");
  if (sqlstate == "22021" || sqlstate == "22P05") return Error(ErrorReason::kInvalidField, "text is not valid UTF-8");
  if (absl::StartsWith(sqlstate, "53")) return Unavailable("the database is out of resources");
  return Error(ErrorReason::kInternal, "the database refused a statement");
}

}  // namespace

// ---- Params

Params& Params::Add(absl::string_view text) {
  values_.emplace_back(std::string(text));
  return *this;
}

Params& Params::Add(bool value) { return Add(absl::string_view(value ? "t" : "f")); }

Params& Params::Add(int64_t value) { return Add(absl::string_view(absl::StrCat(value))); }

Params& Params::Add(absl::Time time) { return Add(absl::string_view(EncodeTime(time))); }

Params& Params::Add(absl::Duration span) {
  return Add(absl::string_view(absl::StrCat(absl::ToInt64Microseconds(span), " microseconds")));
}

Params& Params::Add(const Uuid& id) { return Add(absl::string_view(id.ToString())); }

Params& Params::AddNull() {
  values_.emplace_back(absl::nullopt);
  return *this;
}

Params& Params::AddBytes(absl::string_view bytes) {
  return Add(absl::string_view(absl::StrCat("\\x", absl::BytesToHexString(bytes))));
}

Params& Params::AddTexts(const std::vector<std::string>& texts) { return Add(absl::string_view(EncodeTexts(texts))); }

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
  const auto time = DecodeTime(Text(column));
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
  auto bytes = DecodeBytes(Text(column));
  if (!bytes) ProgramFault("not bytes", column);
  return *std::move(bytes);
}

std::vector<std::string> Rows::Row::Texts(absl::string_view column) const {
  if (IsNull(column)) return {};
  auto texts = DecodeTexts(Text(column));
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
  absl::Status Lost(const char* statement, absl::string_view sqlstate);

  pqxx::connection connection;
  const SecondDescriptor socket{connection.sock()};
#if PQXX_VERSION_MAJOR < 7
  pqxx::quiet_errorhandler quiet{connection};
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
  connection.set_notice_handler([](pqxx::zview) {});
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

absl::Status Connection::Driver::Lost(const char* statement, absl::string_view sqlstate) {
  lost = true;
  LogFailure(LogLevel::kWarning, statement, sqlstate, "");
  return Unavailable("the connection to the database was lost");
}

absl::Status Connection::Driver::Try(const char* statement, absl::FunctionRef<void()> talk) {
  if (lost) return Unavailable("the connection to the database was lost earlier");
  std::string sqlstate;
  std::string message;
  try {
    talk();
    return absl::OkStatus();
  } catch (const pqxx::serialization_failure&) {
    sqlstate = "40001";
  } catch (const pqxx::deadlock_detected&) {
    sqlstate = "40P01";
  } catch (const pqxx::statement_completion_unknown&) {
    sqlstate = "40003";
  } catch (const pqxx::broken_connection&) {
    sqlstate = "08006";
  } catch (const pqxx::sql_error& error) {
    sqlstate = error.sqlstate();
    message = error.what();
  } catch (const std::exception&) {
    sqlstate = "";
  }
  if (!connection.is_open() || EndsTheConnection(sqlstate)) return Lost(statement, sqlstate);
  return RefusedByServer(statement, sqlstate, message);
}

Connection::Connection(std::unique_ptr<Driver> driver, absl::Duration statement_timeout)
    : driver_(std::move(driver)), statement_timeout_(statement_timeout) {}

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
    return absl::WrapUnique(new Connection(std::make_unique<Driver>(*conninfo), options.statement_timeout));
  } catch (const std::exception& error) {
    // The text of libpq contains the host, the user and the server's reason, but no password.
    Log(LogLevel::kWarning, "cannot connect to the database", {{"error", error.what()}});
    return Unavailable("the database is unreachable");
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
    int taken = 0;
    // Also before the wait: a notification that came with an earlier answer does not make the socket readable.
    RETURN_IF_ERROR(driver_->Try("(notifications)", [&] { taken = driver_->TakeNotifications(); }));
    if (broken()) return driver_->Lost("(notifications)", "");
    const absl::Duration left = end - Uptime();
    if (taken > 0 || woken || left <= absl::ZeroDuration()) return absl::OkStatus();
    woken = Poll(driver_->socket.fd(), wake_fd, left);
  }
}

// shutdown() acts on the socket, so libpq sees the end of its input. It has no effect on a closed socket.
void Connection::Sever() {
  severed_ = true;
  ::shutdown(driver_->socket.fd(), SHUT_RDWR);
}

bool Connection::broken() const { return driver_->lost || !driver_->connection.is_open(); }

}  // namespace identity
