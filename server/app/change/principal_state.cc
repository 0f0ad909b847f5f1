#include "server/app/change/principal_state.h"

#include <vector>

#include "db/stores/api_keys.h"
#include "db/stores/principals.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {

absl::Status DisableOrEnable(Mutation& mutation, const PrincipalId& id, bool disabled, const std::string& details) {
  RETURN_IF_ERROR(disabled ? principals::Disable(mutation.transaction(), id)
                           : principals::Enable(mutation.transaction(), id));
  mutation.Changed(id);
  const auto event = disabled ? audit::EventType::kPrincipalDisabled : audit::EventType::kPrincipalEnabled;
  mutation.Audit({event, id, id.ToString(), details});
  return absl::OkStatus();
}

absl::Status RevokeApiKeysOf(Mutation& mutation, const PrincipalId& owner) {
  ASSIGN_OR_RETURN(const std::vector<ApiKeyId> keys, api_keys::RevokeAllOf(mutation.transaction(), owner));
  for (const ApiKeyId& key : keys) mutation.Changed(key);
  return absl::OkStatus();
}

absl::Status DeletePrincipal(Mutation& mutation, const PrincipalId& id, audit::EventType event) {
  RETURN_IF_ERROR(RevokeApiKeysOf(mutation, id));
  ASSIGN_OR_RETURN(const bool erased, principals::Erase(mutation.transaction(), id));
  if (!erased) return Error(ErrorReason::kNotFound, "no such principal");
  mutation.Changed(id);
  mutation.Audit({event, id, id.ToString()});
  return absl::OkStatus();
}

}  // namespace identity
