#include "server/base/log.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "absl/base/const_init.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/base/enum_names.h"
#include "server/base/mutex.h"

namespace identity {
namespace {

std::atomic<LogLevel> least_level{LogLevel::kInfo};

constexpr EnumName<LogLevel> kLevels[] = {{LogLevel::kDebug, "debug"},
                                          {LogLevel::kInfo, "info"},
                                          {LogLevel::kWarning, "warning"},
                                          {LogLevel::kError, "error"}};
static_assert(NamesEach(kLevels, LogLevel::kError));

// Standard error may be a pipe that accepts a line in parts. The lock keeps the parts of a line together.
void WriteLine(const std::string& line) {
  static absl::Mutex mutex(absl::kConstInit);
  MutexLock lock(mutex);
  size_t written = 0;
  while (written < line.size()) {
    const ssize_t count = write(STDERR_FILENO, line.data() + written, line.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    written += static_cast<size_t>(count);
  }
}

}  // namespace

absl::string_view NameOf(LogLevel level) { return NameIn(kLevels, level); }

absl::optional<LogLevel> ParseLogLevel(absl::string_view name) { return FindByName(kLevels, name); }

std::vector<std::string> LevelNames() {
  std::vector<std::string> names;
  for (const EnumName<LogLevel>& level : kLevels) names.emplace_back(level.name);
  return names;
}

void Log(LogLevel level, absl::string_view event,
         std::initializer_list<std::pair<absl::string_view, std::string>> fields) {
  if (!LogEnabled(level)) return;
  nlohmann::ordered_json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  line["level"] = std::string(NameOf(level));
  line["event"] = std::string(event);
  for (const auto& [name, value] : fields) line[std::string(name)] = value;
  // Replaces bytes that are not UTF-8: a client's text must not prevent logging.
  WriteLine(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

void SetLogLevel(LogLevel level) { least_level.store(level, std::memory_order_relaxed); }

bool LogEnabled(LogLevel level) { return level >= least_level.load(std::memory_order_relaxed); }

}  // namespace identity
