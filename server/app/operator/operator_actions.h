#ifndef IDENTITY_APP_OPERATOR_OPERATOR_ACTIONS_H_
#define IDENTITY_APP_OPERATOR_OPERATOR_ACTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "server/base/request_context.h"

// What an operator at the server's own machine may do when no administrator can log in. There is no caller to check:
// whoever reaches the database with the server's rights may do all of it anyway. Each is audited as done by nobody who
// is known, "by an operator".
//
// `login` is a username or an e-mail address, as at a login. NOT_FOUND when nobody has it. Whether anything changed is
// returned.
namespace identity::operator_actions {

// Ends a lock after wrong passwords and a block after wrong codes. There is always something to forget: true.
absl::StatusOr<bool> UnlockUser(const RequestContext& context, Database& database, const std::string& login);

// Deletes the second factor and its recovery codes. False when there is none.
absl::StatusOr<bool> ResetMfa(const RequestContext& context, Database& database, const std::string& login);

// As DisablePrincipal and EnablePrincipal do it. False when it is so already. `reason` is for the audit, up to 256
// bytes.
absl::StatusOr<bool> SetDisabled(const RequestContext& context, Database& database, const std::string& login,
                                 bool disabled, const std::string& reason);

}  // namespace identity::operator_actions

#endif  // IDENTITY_APP_OPERATOR_OPERATOR_ACTIONS_H_
