#include "server/app/account/password_setting.h"

#include "server/base/status_macros.h"

namespace identity {

absl::StatusOr<PasswordHash> PasswordSetting::Hash(absl::string_view field, const Secret& password,
                                                   const std::vector<std::string>& context) const {
  RETURN_IF_ERROR(policy_.Check(field, password, context));
  return hashes_.Hash(password, argon2_);
}

}  // namespace identity
