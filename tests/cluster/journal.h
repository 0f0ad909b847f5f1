#ifndef IDENTITY_TESTS_CLUSTER_JOURNAL_H_
#define IDENTITY_TESTS_CLUSTER_JOURNAL_H_

#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/bench/histogram.h"
#include "tests/cluster/objects.h"

namespace identity::cluster {

// The outcome of a change. The service may have applied a change whose outcome is unknown.
enum class Outcome { kAcknowledged, kFailed, kUnknown };
absl::string_view NameOf(Outcome outcome);
Outcome OutcomeOf(const absl::Status& status);

// What the load has done: a file with one JSON object a line, and the sums. Thread-safe.
//
// Each line has `event`: `change`, `check_failed` or `check_wrong`. Times are seconds since 1970. The lines of changes
// hold the secrets of the objects, so only the owner can read the file.
class Journal {
 public:
  // Replaces the file.
  static absl::StatusOr<std::unique_ptr<Journal>> Create(const std::string& file);

  // `create`: the object was created. Otherwise it was revoked.
  void Change(const Object& object, bool create, absl::Time begin, const absl::Status& status);
  void Check(absl::Duration latency);
  // `check` describes the check.
  void CheckFailed(const nlohmann::json& check, absl::Time begin, const absl::Status& status);
  void CheckWrong(const nlohmann::json& check, absl::Time begin);
  // A check without a consistency token saw the state before a change that was acknowledged `age` before.
  void CheckStale(absl::Duration age);

  nlohmann::json Summary() const;
  // One line for people about the time since the last call.
  std::string Progress();

 private:
  explicit Journal(const std::string& file) : out_(file), start_(absl::Now()), last_success_(start_) {}
  void Write(nlohmann::json line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::ofstream out_ ABSL_GUARDED_BY(mutex_);
  const absl::Time start_;
  bench::Histogram latency_ ABSL_GUARDED_BY(mutex_);
  int64_t failed_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t wrong_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t stale_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration longest_stale_ ABSL_GUARDED_BY(mutex_);
  std::map<Outcome, int64_t> changes_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> codes_ ABSL_GUARDED_BY(mutex_);  // of failed calls
  absl::Time last_success_ ABSL_GUARDED_BY(mutex_);               // of a change
  absl::Duration longest_gap_ ABSL_GUARDED_BY(mutex_);
  int64_t shown_checks_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t shown_changes_ ABSL_GUARDED_BY(mutex_) = 0;
};

// An object of a journal, with the state that it must have now.
struct Entry {
  enum class Expected { kAllowed, kDenied, kEither };
  Object object;
  Expected expected = Expected::kEither;
};

// The objects of a journal by their numbers.
absl::StatusOr<std::map<int64_t, Entry>> ReadJournal(const std::string& file);

}  // namespace identity::cluster

#endif  // IDENTITY_TESTS_CLUSTER_JOURNAL_H_
