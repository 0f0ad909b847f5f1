#ifndef IDENTITY_ROUTES_ROUTES_FILE_H_
#define IDENTITY_ROUTES_ROUTES_FILE_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/metrics.h"
#include "server/routes/route_rules.h"

namespace identity {

// The text of a file with route rules. INVALID_ARGUMENT (field "routes") when it cannot be read, is no regular file, or
// has more than RouteRules::kMaxFileBytes.
absl::StatusOr<std::string> ReadRoutesFile(const std::string& path);

// Finds out when a text that is read again and again has changed and no longer changes. Not thread-safe.
class SettledText {
 public:
  // `text`: of the first read, which counts as settled.
  explicit SettledText(const std::string& text) : read_(text), settled_(text) {}
  // `text`: of the next read. True when two reads in a row have found it, and it is not the last one that settled.
  bool Next(std::string text);
  // The next read failed. The text of later reads must settle again, even if it is the old one.
  void Fail();
  // The last one that settled. There must be one since the last failure.
  const std::string& text() const { return *settled_; }

 private:
  absl::optional<std::string> read_;
  absl::optional<std::string> settled_;
};

// The route rules of a file. Reads it again at each interval, on a separate thread, so that changed rules need no
// restart. While the file cannot be used, the last rules that could stay in force. The log and a gauge show the fault.
// It uses a new text when two reads in a row have found it: while somebody writes the file, rules lack their last
// lines. Thread-safe.
class RoutesFile {
 public:
  // Reads the file. Errors as ReadRoutesFile and RouteRules::Parse.
  static absl::StatusOr<std::unique_ptr<RoutesFile>> Start(const std::string& path,
                                                           absl::Duration interval = absl::Seconds(1));
  ~RoutesFile();
  RoutesFile(const RoutesFile&) = delete;
  RoutesFile& operator=(const RoutesFile&) = delete;

  // Those in force now. Never null.
  std::shared_ptr<const RouteRules> rules() const;
  // How many rules are in force, and whether the file holds others that cannot be used. For readers that end before
  // this object.
  std::vector<Gauge> Gauges() const;

 private:
  RoutesFile(const std::string& path, absl::Duration interval, const std::string& text)
      : path_(path), interval_(interval), text_(text) {}
  void Work();
  // Waits for the interval. False when the thread must stop.
  bool AwaitTurn();
  // The outcome of the last read that failed, or of the use of the last text that settled.
  absl::Status Reload();
  absl::Status Use(const std::string& text);
  void Report(const absl::Status& reloaded);

  const std::string path_;
  const absl::Duration interval_;
  std::atomic<bool> failed_{false};
  mutable absl::Mutex mutex_;
  std::shared_ptr<const RouteRules> rules_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Used only by the thread.
  SettledText text_;
  absl::Status outcome_;
  std::string failure_;  // the last that was logged; "" after a success
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_ROUTES_ROUTES_FILE_H_
