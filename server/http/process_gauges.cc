#include "server/http/process_gauges.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace identity {
namespace {

constexpr double kUnreadable = std::numeric_limits<double>::quiet_NaN();

double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  if (!(file >> total_pages >> resident_pages)) return kUnreadable;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double CpuSeconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return kUnreadable;
  return absl::ToDoubleSeconds(absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime));
}

double OpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return kUnreadable;
  // One of them is the folder itself, which is open while it is read.
  return static_cast<double>(std::distance(begin(files), end(files)) - 1);
}

double MaxOpenFiles() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kUnreadable;
  return static_cast<double>(limit.rlim_cur);
}

// Clock ticks between the start of the machine and of this process: the 22nd field of stat in proc(5). The second field
// is the program's name in parentheses, which may contain any character.
double StartTicks() {
  std::ifstream file("/proc/self/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const std::vector<std::string> after_name = absl::StrSplit(text.substr(text.rfind(')') + 1), ' ', absl::SkipEmpty());
  constexpr size_t kStartTime = 22 - 3;
  double ticks = 0;
  if (after_name.size() <= kStartTime || !absl::SimpleAtod(after_name[kStartTime], &ticks)) return kUnreadable;
  return ticks;
}

double StartTime() {
  timespec since_boot{};
  if (clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) return kUnreadable;
  const absl::Time boot = absl::Now() - absl::DurationFromTimespec(since_boot);
  return absl::ToDoubleSeconds(boot - absl::UnixEpoch()) + StartTicks() / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

std::vector<Gauge> ProcessGauges() {
  return {
      {"process_resident_memory_bytes", "Resident memory size in bytes.", {}, ResidentBytes},
      {"process_cpu_seconds_total", "User and system CPU time in seconds.", {}, CpuSeconds, Gauge::Kind::kCounter},
      // Read once: the difference between the two clocks varies.
      {"process_start_time_seconds",
       "Start of the process, as Unix time.",
       {},
       [start = StartTime()] { return start; }},
      {"process_open_fds", "Open file descriptors.", {}, OpenFiles},
      {"process_max_fds", "Maximum number of open file descriptors.", {}, MaxOpenFiles},
  };
}

}  // namespace identity
