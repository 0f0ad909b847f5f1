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

// Severs connections whose time is up, with one thread. The server's own timeouts come first as long as it lives; this
// frees the thread that waits for one that was stopped, or whose network is gone. Thread-safe.
class Watchdog {
 public:
  Watchdog();
  // After all watches.
  ~Watchdog();

  // Watches over one connection for as long as it lives. For one thread.
  class Watch {
   public:
    Watch(Watch&& other) noexcept;
    Watch& operator=(Watch&&) = delete;
    // The connection is severed before this returns, or never.
    ~Watch();
    // From now on until `deadline`. Nothing for a connection that was severed.
    void Extend(absl::Time deadline);

   private:
    friend class Watchdog;
    Watch(Watchdog& watchdog, Connection& connection, absl::Time deadline)
        : watchdog_(&watchdog), connection_(connection), deadline_(deadline) {}
    Watchdog* watchdog_;  // null when moved from
    Connection& connection_;
    absl::Time deadline_;
  };
  // Severs `connection`, which must outlive the watch, at `deadline`. At most one watch a connection.
  [[nodiscard]] Watch Start(Connection& connection, absl::Time deadline);
  // As Connection::Open, watched over: takes the connect timeout twice at most.
  absl::StatusOr<std::unique_ptr<Connection>> Open(const Connection::Options& options);

 private:
  using Entry = std::pair<absl::Time, Connection*>;
  void Add(const Entry& entry);
  void Remove(const Entry& entry);
  void Replace(const Entry& from, const Entry& to);
  // The thread sleeps until the earliest deadline that it knew of; it is woken for an earlier one alone.
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
