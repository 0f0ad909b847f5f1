#ifndef IDENTITY_APP_CHANGE_PRINCIPAL_STATE_H_
#define IDENTITY_APP_CHANGE_PRINCIPAL_STATE_H_

#include <string>

#include "absl/status/status.h"
#include "server/app/change/mutation.h"

namespace identity {

// Disables or enables the principal, for replicas too, and audits that with `details`. The principal must be in the
// other state.
absl::Status DisableOrEnable(Mutation& mutation, const PrincipalId& id, bool disabled, const std::string& details);

// Revokes the API keys of `owner`, for replicas too.
absl::Status RevokeApiKeysOf(Mutation& mutation, const PrincipalId& owner);

// Deletes everything about the principal but its audit, for replicas too, and audits that as `event`. Its name becomes
// free after 30 days. NOT_FOUND when there is no such principal.
absl::Status DeletePrincipal(Mutation& mutation, const PrincipalId& id, audit::EventType event);

}  // namespace identity

#endif  // IDENTITY_APP_CHANGE_PRINCIPAL_STATE_H_
