#ifndef IDENTITY_APP_OPERATOR_BOOTSTRAP_H_
#define IDENTITY_APP_OPERATOR_BOOTSTRAP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/base/request_context.h"
#include "server/base/secret.h"
#include "server/domain/ids.h"
#include "server/domain/password.h"

namespace identity {

struct FirstAdmin {
  PrincipalId id;
  Secret one_time_secret;  // empty when the caller passed a password
};

// Creates the first super admin, the only user that needs no administrator to create it. Without a password it gets a
// one-time secret. FAILED_PRECONDITION when a super admin exists already, unless `force` is set: nobody may be able to
// log in as that one any more. INVALID_ARGUMENT; ALREADY_EXISTS for a name in use.
absl::StatusOr<FirstAdmin> Bootstrap(const RequestContext& context, Database& database, const std::string& username,
                                     const std::string& email, const absl::optional<Secret>& password, bool force,
                                     const Argon2Parameters& argon2);

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_BOOTSTRAP_H_
