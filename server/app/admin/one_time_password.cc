#include "server/app/admin/one_time_password.h"

#include "absl/types/optional.h"
#include "db/stores/accounts.h"
#include "db/stores/external/external_identities.h"
#include "db/stores/passwords.h"
#include "server/app/change/principal_state.h"
#include "server/app/login/mapped_roles.h"
#include "server/base/encoding/base64url.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"

namespace identity {

Secret NewOneTimePassword() { return Secret(Base64UrlEncode(RandomBytes(18))); }

absl::StatusOr<int64_t> ReplaceCredentials(Mutation& mutation, const PrincipalId& id, const PasswordHash& hash,
                                           const std::string& details) {
  RETURN_IF_ERROR(passwords::SetOneTime(mutation.transaction(), id, hash));
  ASSIGN_OR_RETURN(const int64_t ended, accounts::EndSessions(mutation.transaction(), id, absl::nullopt));
  RETURN_IF_ERROR(RevokeApiKeysOf(mutation, id));
  RETURN_IF_ERROR(external_identities::Forget(mutation.transaction(), id).status());
  RETURN_IF_ERROR(EndMappedRoles(mutation, {"", id}));
  mutation.Changed(id);
  mutation.Audit({audit::EventType::kCredentialsReset, id, id.ToString(), details});
  return ended;
}

}  // namespace identity
