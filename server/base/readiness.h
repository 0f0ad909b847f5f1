#ifndef IDENTITY_BASE_READINESS_H_
#define IDENTITY_BASE_READINESS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace identity {

// Whether this replica should get calls: it should unless there is an obstacle. Thread-safe.
class Readiness {
 public:
  enum class Obstacle {
    kStarting,       // it has not read its first facts
    kDatabase,       // the start waits for the database
    kSchema,         // the start waits for a schema that fits
    kNoRecentFacts,  // its facts are older than max-staleness
    kClock,          // its clock differs too much from the database's clock
    kDraining,       // it is shutting down
  };
  // For operators, such as "no_recent_facts".
  static absl::string_view NameOf(Obstacle obstacle);

  // Adds or removes the obstacle. Logs it, and tells the observer, when that changes anything.
  void Set(Obstacle obstacle, bool exists);
  // In the order of the enumeration.
  std::vector<Obstacle> Obstacles() const;

  // Calls `observer` immediately, and whenever the obstacles change, on the thread that changes them. There is one
  // observer. It must not call this object.
  void Observe(std::function<void(const std::vector<Obstacle>& obstacles)> observer);

 private:
  std::vector<Obstacle> List() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void LogChange() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  uint32_t obstacles_ ABSL_GUARDED_BY(mutex_) = 1;  // one bit for each obstacle; at first kStarting
  std::function<void(const std::vector<Obstacle>&)> observer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity

#endif  // IDENTITY_BASE_READINESS_H_
