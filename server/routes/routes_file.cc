#include "server/routes/routes_file.h"

#include <pthread.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr size_t kMaxLoggedWarnings = 10;

absl::Status RefusedFile(const std::string& path, absl::string_view rule) {
  return InvalidField("routes", absl::StrCat(path, " ", rule));
}

// The error of the text of the file.
absl::Status AtFile(const std::string& path, const absl::Status& error) {
  return InvalidField("routes", absl::StrCat(path, ": ", error.message()));
}

void LogWarnings(const std::string& path, const std::vector<std::string>& warnings) {
  for (size_t i = 0; i < std::min(warnings.size(), kMaxLoggedWarnings); ++i) {
    Log(LogLevel::kWarning, "route rule is doubtful", {{"file", path}, {"warning", warnings[i]}});
  }
}

}  // namespace

absl::StatusOr<std::string> ReadRoutesFile(const std::string& path) {
  std::error_code ignored;
  // Opening a pipe could block forever.
  if (!std::filesystem::is_regular_file(path, ignored)) return RefusedFile(path, "is not a file that can be read");
  std::ifstream in(path, std::ios::binary);
  std::string text(RouteRules::kMaxFileBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.eof()) {
    return RefusedFile(path, in ? absl::StrCat("must be at most ", RouteRules::kMaxFileBytes, " bytes")
                                : "is not a file that can be read");
  }
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

bool SettledText::Next(std::string text) {
  const bool is_stable = read_ == text;
  read_ = std::move(text);
  if (!is_stable || settled_ == read_) return false;
  settled_ = read_;
  return true;
}

void SettledText::Fail() {
  read_.reset();
  settled_.reset();
}

absl::StatusOr<std::unique_ptr<RoutesFile>> RoutesFile::Start(const std::string& path, absl::Duration interval) {
  ASSIGN_OR_RETURN(const std::string text, ReadRoutesFile(path));
  auto file = absl::WrapUnique(new RoutesFile(path, interval, text));
  if (const absl::Status used = file->Use(text); !used.ok()) return AtFile(path, used);
  file->thread_ = std::thread([file = file.get()] { file->Work(); });
  return file;
}

RoutesFile::~RoutesFile() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const RouteRules> RoutesFile::rules() const {
  MutexLock lock(mutex_);
  return rules_;
}

std::vector<Gauge> RoutesFile::Gauges() const {
  return {
      {"identity_routes_rules", "Route rules in force.", {}, [this] { return static_cast<double>(rules()->size()); }},
      {"identity_routes_reload_failed",
       "1 while the file of route rules cannot be used and the previous rules are in force.",
       {},
       [this] { return failed_ ? 1.0 : 0.0; }}};
}

void RoutesFile::Work() {
  pthread_setname_np(pthread_self(), "routes");
  while (AwaitTurn()) Report(Reload());
}

bool RoutesFile::AwaitTurn() {
  MutexLock lock(mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), interval_);
}

absl::Status RoutesFile::Reload() {
  absl::StatusOr<std::string> text = ReadRoutesFile(path_);
  if (!text.ok()) {
    text_.Fail();
    outcome_ = text.status();
  } else if (text_.Next(*std::move(text))) {
    outcome_ = Use(text_.text());
  }
  return outcome_;
}

absl::Status RoutesFile::Use(const std::string& text) {
  ASSIGN_OR_RETURN(RouteRules parsed, RouteRules::Parse(text));
  const auto rules = std::make_shared<const RouteRules>(std::move(parsed));
  {
    MutexLock lock(mutex_);
    rules_ = rules;
  }
  Log(LogLevel::kInfo, "route rules loaded",
      {{"file", path_},
       {"rules", absl::StrCat(rules->size())},
       {"authzen_rules", absl::StrCat(rules->authzen().size())},
       {"warnings", absl::StrCat(rules->Warnings().size())}});
  LogWarnings(path_, rules->Warnings());
  return absl::OkStatus();
}

// Logs a fault once, not at every interval.
void RoutesFile::Report(const absl::Status& reloaded) {
  failed_ = !reloaded.ok();
  if (!reloaded.ok() && reloaded.message() != failure_) {
    Log(LogLevel::kError, "route rules not reloaded", {{"file", path_}, {"fault", std::string(reloaded.message())}});
  }
  failure_ = std::string(reloaded.message());
}

}  // namespace identity
