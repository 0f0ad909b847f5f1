#ifndef IDENTITY_APP_LOGIN_LOGIN_WORK_H_
#define IDENTITY_APP_LOGIN_LOGIN_WORK_H_

#include <cstdint>
#include <functional>

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
  static constexpr uint64_t kMaxFactor = 4;
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
  // The most expensive hash that was verified here, up to the limit.
  struct Reference {
    uint64_t work = 0;
    absl::Duration time;  // moving average
  };
  // Returns the time that a wrong password must cost.
  absl::Duration Learn(uint64_t work, absl::Duration time);

  const Meter meter_;
  const uint64_t max_work_;
  absl::Mutex mutex_;
  Reference reference_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_LOGIN_WORK_H_
