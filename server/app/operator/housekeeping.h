#ifndef IDENTITY_APP_OPERATOR_HOUSEKEEPING_H_
#define IDENTITY_APP_OPERATOR_HOUSEKEEPING_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "server/app/access/credentials.h"

namespace identity {

// What must be done now and then, on a thread of its own: partitions ahead of time, what has expired, when keys were
// last used. Safe on any number of replicas at once. Failures are logged and tried again.
class Housekeeping {
 public:
  // Does everything once at the start, then at every `interval`.
  Housekeeping(Database& database, KeyUse& key_use, absl::Duration interval);
  // Does it once more, for the keys' last use, and ends the thread.
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void Work();
  void RunOnce();
  absl::Status WriteKeyUse(const RequestContext& context);

  Database& database_;
  KeyUse& key_use_;
  const absl::Duration interval_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_HOUSEKEEPING_H_
