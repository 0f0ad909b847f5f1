#ifndef IDENTITY_APP_ACCESS_KEY_USE_H_
#define IDENTITY_APP_ACCESS_KEY_USE_H_

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "server/domain/ids.h"

namespace identity {

// Collects the API keys that were used, until housekeeping stores their last use. Thread-safe.
class KeyUse {
 public:
  void Note(const ApiKeyId& id);
  // Returns the keys that were noted since the last call.
  absl::flat_hash_set<ApiKeyId> Take();

 private:
  absl::Mutex mutex_;
  absl::flat_hash_set<ApiKeyId> used_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_KEY_USE_H_
