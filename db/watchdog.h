#ifndef IDENTITY_DB_WATCHDOG_H_
#define IDENTITY_DB_WATCHDOG_H_

#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/postgres.h"

namespace identity {

// Severs connections whose deadline has passed, with one thread. A living server ends its statements earlier, by its
// own timeouts. The watchdog frees threads that wait for a stopped server or across a broken network. Thread-safe.
class Watchdog {
 public:
  Watchdog();
  // All watches must have ended.
  ~Watchdog();

  // Watches one connection while this object exists. For one thread.
  class Watch {
   public:
    Watch(Watch&& other) noexcept;
    Watch& operator=(Watch&&) = delete;
    // Once it returns, the watchdog no longer severs the connection.
    ~Watch();
    // Replaces the deadline. Does nothing for a severed connection.
    void Extend(absl::Time deadline);

   private:
    friend class Watchdog;
    Watch(Watchdog& watchdog, Connection& connection, absl::Time deadline)
        : watchdog_(&watchdog), connection_(connection), deadline_(deadline) {}
    Watchdog* watchdog_;  // null when moved from
    Connection& connection_;
    absl::Time deadline_;
  };
  // Severs `connection`, which must outlive the watch, at `deadline`. At most one watch per connection.
  [[nodiscard]] Watch Start(Connection& connection, absl::Time deadline);
  // As Connection::Open, but watched: takes at most twice the connect timeout.
  absl::StatusOr<std::unique_ptr<Connection>> Open(const Connection::Options& options);

 private:
  using Entry = std::pair<absl::Time, Connection*>;
  void Add(const Entry& entry);
  void Remove(const Entry& entry);
  void Replace(const Entry& from, const Entry& to);
  // Wakes the thread if `deadline` is earlier than the one that it sleeps until.
  void WakeFor(absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();

  absl::Mutex mutex_;
  absl::CondVar wake_;
  std::set<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  absl::Time wake_time_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_DB_WATCHDOG_H_
