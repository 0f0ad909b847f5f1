#ifndef IDENTITY_BASE_LOG_H_
#define IDENTITY_BASE_LOG_H_

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
// The name in log lines and options, such as "info".
absl::string_view NameOf(LogLevel level);
// nullopt when no level has `name`.
absl::optional<LogLevel> ParseLogLevel(absl::string_view name);
// The names of all levels, from the least severe on.
std::vector<std::string> LevelNames();

// Writes one line of JSON to standard error: {"time": RFC 3339 UTC, "level", "event", then the fields}. `event` is a
// short fixed phrase; variable parts belong in `fields`. A Secret cannot be converted to a field. Safe from any thread;
// lines never mix.
void Log(LogLevel level, absl::string_view event,
         std::initializer_list<std::pair<absl::string_view, std::string>> fields = {});

// Drops lines below `level`. The default is kInfo.
void SetLogLevel(LogLevel level);
// Whether a line of `level` is written. Ask before you make costly fields.
bool LogEnabled(LogLevel level);

}  // namespace identity

#endif  // IDENTITY_BASE_LOG_H_
