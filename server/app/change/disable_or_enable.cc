#include "server/app/change/disable_or_enable.h"

#include "db/stores/principals.h"
#include "server/base/status_macros.h"

namespace identity {

absl::Status DisableOrEnable(Mutation& mutation, const PrincipalId& id, bool disabled, const std::string& details) {
  RETURN_IF_ERROR(disabled ? principals::Disable(mutation.transaction(), id)
                           : principals::Enable(mutation.transaction(), id));
  RETURN_IF_ERROR(mutation.Changed(id));
  const auto event = disabled ? audit::EventType::kPrincipalDisabled : audit::EventType::kPrincipalEnabled;
  return mutation.Audit({event, id, id.ToString(), details});
}

}  // namespace identity
