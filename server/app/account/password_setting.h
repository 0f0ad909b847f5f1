#ifndef IDENTITY_APP_ACCOUNT_PASSWORD_SETTING_H_
#define IDENTITY_APP_ACCOUNT_PASSWORD_SETTING_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/app/login/hash_pool.h"
#include "server/base/secret.h"
#include "server/domain/password.h"
#include "server/domain/password_policy.h"

namespace identity {

// Checks a password that a person chose and hashes it for storage. Thread-safe.
class PasswordSetting {
 public:
  PasswordSetting(HashPool& hashes, const Argon2Parameters& argon2, PasswordPolicy policy)
      : hashes_(hashes), argon2_(argon2), policy_(std::move(policy)) {}

  // INVALID_ARGUMENT naming `field` when the policy refuses the password. `context`: words that it must not consist of
  // (see ContextWords). RESOURCE_EXHAUSTED / OVERLOADED. Runs on a hash thread. The check costs time
  // whether or not it accepts the password, so `count` counts it first (Throttle::CountNewPassword), and its error is
  // returned.
  absl::StatusOr<PasswordHash> Hash(absl::string_view field, const Secret& password,
                                    const std::vector<std::string>& context,
                                    absl::FunctionRef<absl::Status()> count) const;

 private:
  HashPool& hashes_;
  const Argon2Parameters argon2_;
  const PasswordPolicy policy_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ACCOUNT_PASSWORD_SETTING_H_
