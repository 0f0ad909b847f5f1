#include "db/watchdog.h"

#include "absl/time/clock.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"

namespace identity {

Watchdog::Watchdog() : thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    wake_.Signal();
  }
  thread_.join();
}

Watchdog::Watch::Watch(Watch&& other) noexcept
    : watchdog_(std::exchange(other.watchdog_, nullptr)), connection_(other.connection_), deadline_(other.deadline_) {}

Watchdog::Watch::~Watch() {
  if (watchdog_ != nullptr) watchdog_->Remove({deadline_, &connection_});
}

void Watchdog::Watch::Extend(absl::Time deadline) {
  watchdog_->Replace({deadline_, &connection_}, {deadline, &connection_});
  deadline_ = deadline;
}

Watchdog::Watch Watchdog::Start(Connection& connection, absl::Time deadline) {
  Add({deadline, &connection});
  return Watch(*this, connection, deadline);
}

absl::StatusOr<std::unique_ptr<Connection>> Watchdog::Open(const Connection::Options& options) {
  ASSIGN_OR_RETURN(auto connection, Connection::Connect(options));
  const Watch watch = Start(*connection, absl::Now() + options.connect_timeout);
  RETURN_IF_ERROR(connection->SetUp(options));
  return connection;
}

void Watchdog::Add(const Entry& entry) {
  MutexLock lock(mutex_);
  entries_.insert(entry);
  WakeFor(entry.first);
}

void Watchdog::Remove(const Entry& entry) {
  MutexLock lock(mutex_);
  entries_.erase(entry);
}

void Watchdog::Replace(const Entry& from, const Entry& to) {
  MutexLock lock(mutex_);
  auto node = entries_.extract(from);
  if (node.empty()) return;
  node.value() = to;
  entries_.insert(std::move(node));
  WakeFor(to.first);
}

void Watchdog::WakeFor(absl::Time deadline) {
  if (deadline >= wake_time_) return;
  wake_time_ = deadline;
  wake_.Signal();
}

void Watchdog::Run() {
  MutexLock lock(mutex_);
  while (!ending_) {
    const absl::Time now = absl::Now();
    // Under the lock, since `Sever` does not block: once `Remove` returns, the connection is not severed any more.
    for (; !entries_.empty() && entries_.begin()->first <= now; entries_.erase(entries_.begin())) {
      entries_.begin()->second->Sever();
    }
    wake_time_ = entries_.empty() ? absl::InfiniteFuture() : entries_.begin()->first;
    wake_.WaitWithDeadline(&mutex_, wake_time_);
  }
}

}  // namespace identity
