#ifndef IDENTITY_APP_CHANGE_DISABLE_OR_ENABLE_H_
#define IDENTITY_APP_CHANGE_DISABLE_OR_ENABLE_H_

#include <string>

#include "absl/status/status.h"
#include "server/app/change/mutation.h"

namespace identity {

// Disables or enables the principal, for replicas too, and audits that with `details`. The principal must be in the
// other state.
absl::Status DisableOrEnable(Mutation& mutation, const PrincipalId& id, bool disabled, const std::string& details);

}  // namespace identity

#endif  // IDENTITY_APP_CHANGE_DISABLE_OR_ENABLE_H_
