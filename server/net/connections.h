#ifndef IDENTITY_NET_CONNECTIONS_H_
#define IDENTITY_NET_CONNECTIONS_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"

namespace identity {

// How many connections may be open. 0: no limit. A value.
struct ConnectionLimits {
  size_t total = 10'000;
  // From one client address. It is at most half of `total`, so that no single client can take all connections.
  size_t per_address = 200;
};

// Counts the open connections, and admits new ones within the limits. Thread-safe.
//
// The owner of a connection closes it without telling this object. So an entry also holds the identity of its socket:
// once the descriptor refers to no file or to another one, the connection is closed.
class Connections {
 public:
  // kFiles: the process has no file descriptor left, so clients must wait. kHalfRequests: an open connection was
  // closed, because too many requests had arrived by half.
  enum class Refusal { kTotal, kAddress, kFiles, kHalfRequests };
  // The names of the refusals, in order, for metrics and logs.
  static std::vector<std::string> RefusalNames();
  static absl::string_view NameOf(Refusal refusal);

  explicit Connections(const ConnectionLimits& limits);

  // Counts the open socket `descriptor` from now on until somebody closes it, unless a limit forbids it. `address`: the
  // key of the client's address (AddressKey); without one only the total is limited.
  absl::optional<Refusal> Admit(int descriptor, const std::string& address);
  const ConnectionLimits& limits() const { return limits_; }
  // How many of the admitted connections are open.
  size_t open();

 private:
  struct Entry {
    dev_t device;
    ino_t inode;
    std::string address;
  };

  static bool IsOpen(int descriptor, const Entry& entry);
  absl::optional<Refusal> Exceeded(const std::string& address) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Remove(int descriptor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RemoveClosed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RemoveClosedIfDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ConnectionLimits limits_;
  absl::Mutex mutex_;
  absl::flat_hash_map<int, Entry> entries_ ABSL_GUARDED_BY(mutex_);  // by descriptor
  absl::flat_hash_map<std::string, size_t> by_address_ ABSL_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point next_removal_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity

#endif  // IDENTITY_NET_CONNECTIONS_H_
