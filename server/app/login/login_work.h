#ifndef IDENTITY_APP_LOGIN_LOGIN_WORK_H_
#define IDENTITY_APP_LOGIN_LOGIN_WORK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "server/base/mutex.h"
#include "server/base/secret.h"
#include "server/domain/password.h"

namespace identity {

// Makes all wrong passwords cost the same processor time, whatever hash an account has and whether there is an account.
// So the time of an answer reveals neither which accounts exist nor how old or from which system they are. Thread-safe.
//
// Their cost is that of a hash with our own parameters, or of the most expensive hash that was verified here, up to 4
// times our own. An account with a more expensive hash takes longer than others until it gets a hash of ours.
class LoginWork {
 public:
  // Otherwise one extreme hash would make all wrong passwords extremely expensive for the server.
  static constexpr int64_t kMaxFactor = 4;
  // The work of a step, as PasswordHash::work. Short, so that the time hardly exceeds the wanted one.
  static constexpr uint64_t kStep = 1024;

  // How the work is measured and done. Tests replace it.
  struct Meter {
    std::function<absl::Duration()> time;  // of the processor for the calling thread
    std::function<void()> step;            // does kStep
  };
  static Meter RealMeter();

  explicit LoginWork(const Argon2Parameters& own, Meter meter = RealMeter());

  struct Verified {
    bool right = false;
    uint64_t work = 0;  // that was done, as PasswordHash::work
  };
  // Verifies the password. When it is wrong, does steps until the call has cost as much as the others.
  Verified Verify(const PasswordHash& hash, const Secret& password);

 private:
  // Notes how long the hash took. Returns the time that a wrong password must cost.
  absl::Duration Learn(const PasswordHash& hash, absl::Duration time);

  const Meter meter_;
  const std::string own_class_;
  absl::Mutex mutex_;
  // The moving average for each class of hashes, which have the same function and about the same work. The ratio of the
  // work of two functions differs between machines, so only the measured time decides.
  absl::flat_hash_map<std::string, absl::Duration> times_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_LOGIN_WORK_H_
