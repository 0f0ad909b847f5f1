#ifndef IDENTITY_APP_OPERATOR_OPERATOR_ACTIONS_H_
#define IDENTITY_APP_OPERATOR_OPERATOR_ACTIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "db/database.h"
#include "server/base/request_context.h"
#include "server/base/sealed_box.h"
#include "server/base/secret.h"
#include "server/domain/password.h"

// The actions of an operator on the server's machine, for times when no administrator can log in. There is no caller to
// check: an operator with the server's access to the database can do all of this anyway. Each action is audited without
// an actor and with the details "by an operator".
//
// `login` is a username or an e-mail address, as in a login. NOT_FOUND when no user has it. ResetMfa and
// SetDisabled return whether they changed anything.
namespace identity::operator_actions {

// Ends a lock after wrong passwords and a block after wrong codes.
absl::Status UnlockUser(const RequestContext& context, Database& database, const std::string& login);

// Replaces the password by a one-time password, which it returns, and ends all sessions and API keys. A second factor
// stays.
absl::StatusOr<Secret> ResetPassword(const RequestContext& context, Database& database, const std::string& login,
                                     const Argon2Parameters& argon2);

// Deletes the second factor and its recovery codes. False when the user has none.
absl::StatusOr<bool> ResetMfa(const RequestContext& context, Database& database, const std::string& login);

// Disables or enables the user as DisablePrincipal and EnablePrincipal do. False when it is in that state already.
// `reason` is for the audit log, up to 256 bytes.
absl::StatusOr<bool> SetDisabled(const RequestContext& context, Database& database, const std::string& login,
                                 bool disabled, const std::string& reason);

// Removes a signing key as RemoveSigningKey does, and returns the kid of the key that then signs. `master_keys` seal
// the new key. NOT_FOUND for an unknown `kid`.
absl::StatusOr<std::string> RemoveSigningKey(const RequestContext& context, Database& database,
                                             const MasterKeys& master_keys, const std::string& kid);

}  // namespace identity::operator_actions

#endif  // IDENTITY_APP_OPERATOR_OPERATOR_ACTIONS_H_
