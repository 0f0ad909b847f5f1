#include "server/app/account/password_setting.h"

#include "server/base/status_macros.h"

namespace identity {

absl::StatusOr<PasswordHash> PasswordSetting::Hash(absl::string_view field, const Secret& password,
                                                   const std::vector<std::string>& context,
                                                   absl::FunctionRef<absl::Status()> count) const {
  ASSIGN_OR_RETURN(HashPool::Place place, hashes_.Take());
  RETURN_IF_ERROR(count());
  return place.Run([&]() -> absl::StatusOr<PasswordHash> {
    RETURN_IF_ERROR(policy_.Check(field, password, context));
    return PasswordHash::Create(password, argon2_);
  });
}

}  // namespace identity
