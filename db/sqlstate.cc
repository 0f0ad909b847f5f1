#include "db/sqlstate.h"

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "server/base/error.h"
#include "server/base/log.h"

namespace identity::sqlstate {
namespace {

constexpr absl::Duration kRetryDelay = absl::Milliseconds(100);

absl::Status Conflict() {
  return WithRetryDelay(Error(ErrorReason::kConflict, "lost against concurrent changes"), kRetryDelay);
}

// The name of the constraint in a verbose message of libpq; "" for none. It follows all text that can contain a row's
// values.
std::string ConstraintName(const std::string& message) {
  constexpr absl::string_view kLabel = "\nCONSTRAINT NAME:  ";
  const size_t label = message.rfind(kLabel.data(), std::string::npos, kLabel.size());
  if (label == std::string::npos) return "";
  const size_t begin = label + kLabel.size();
  return message.substr(begin, message.find('\n', begin) - begin);
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

}  // namespace

bool EndsTheConnection(absl::string_view sqlstate) {
  return absl::StartsWith(sqlstate, "08") || sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03" ||
         sqlstate == "57P05" || sqlstate == "25P03" || sqlstate == "40003";
}

absl::Status Unavailable(absl::string_view message) {
  return WithRetryDelay(Error(ErrorReason::kStorageUnavailable, message), kRetryDelay);
}

absl::Status ConnectionLost(const char* statement, absl::string_view sqlstate) {
  LogFailure(LogLevel::kWarning, statement, sqlstate, "");
  return Unavailable("the connection to the database was lost");
}

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

}  // namespace identity::sqlstate
