#ifndef IDENTITY_APP_OPERATOR_HOUSEKEEPING_H_
#define IDENTITY_APP_OPERATOR_HOUSEKEEPING_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "server/app/access/key_use.h"
#include "server/base/request_context.h"
#include "server/base/sealed_box.h"

namespace identity {

// Periodic work on a separate thread. It maintains partitions, deletes expired rows and retired signing keys, activates
// the first key of an algorithm, and writes when API keys were last used. Any number of replicas may run it at the same
// time. Failures are logged; the next round retries.
class Housekeeping {
 public:
  // Runs one round immediately and another after every `interval`. `master_keys` seal new signing keys.
  Housekeeping(Database& database, const MasterKeys& master_keys, KeyUse& key_use, absl::Duration interval);
  // Writes the last use of API keys once more and ends the thread.
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void Work();
  void RunOnce();
  absl::Status WriteKeyUse(const RequestContext& context);

  Database& database_;
  const MasterKeys& master_keys_;
  KeyUse& key_use_;
  const absl::Duration interval_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_HOUSEKEEPING_H_
