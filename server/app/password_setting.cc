#include "server/app/password_setting.h"

#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {

absl::StatusOr<PasswordHash> PasswordSetting::Hash(absl::string_view field, const Secret& password,
                                                   const std::vector<std::string>& context) const {
  RETURN_IF_ERROR(policy_.Check(field, password, context));
  absl::optional<HashPool::Place> place = hashes_.TryTake();
  if (!place) return WithRetryDelay(Error(ErrorReason::kOverloaded, "too many logins at once"), absl::Seconds(1));
  absl::StatusOr<PasswordHash> made = absl::UnknownError("not run");
  place->Run([&] { made = PasswordHash::Create(password, argon2_); });
  return made;
}

}  // namespace identity
