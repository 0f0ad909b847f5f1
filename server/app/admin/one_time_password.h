#ifndef IDENTITY_APP_ADMIN_ONE_TIME_PASSWORD_H_
#define IDENTITY_APP_ADMIN_ONE_TIME_PASSWORD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "server/app/change/mutation.h"
#include "server/base/secret.h"
#include "server/domain/password.h"

namespace identity {

// A random first password: 144 bits in 24 characters. A session that began with it may only change the password, until
// that is done.
Secret NewOneTimePassword();

// Replaces the password of the user by the one-time password that `hash` is of, ends all sessions and API keys, and
// audits that with `details`. Returns how many sessions have ended.
absl::StatusOr<int64_t> ReplaceCredentials(Mutation& mutation, const PrincipalId& id, const PasswordHash& hash,
                                           const std::string& details);

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_ONE_TIME_PASSWORD_H_
