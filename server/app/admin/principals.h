#ifndef IDENTITY_APP_ADMIN_PRINCIPALS_H_
#define IDENTITY_APP_ADMIN_PRINCIPALS_H_

#include <string>

#include "absl/status/statusor.h"
#include "db/database.h"
#include "db/stores/api_keys.h"
#include "db/stores/sessions.h"
#include "server/app/access/caller.h"
#include "server/app/admin/paging.h"
#include "server/app/change/mutation.h"
#include "server/base/request_context.h"

namespace identity {

// Operations on users and service accounts alike: disables and enables them, and lists their sessions and API keys.
// Thread-safe.
class Principals {
 public:
  Principals(Database& database, const Mutations& mutations, const PageTokens& page_tokens)
      : database_(database), mutations_(mutations), page_tokens_(page_tokens) {}

  // Both change nothing when the principal is in that state already. `reason` is for the audit log, up to 256 bytes.
  // INVALID_ARGUMENT (field "reason"); NOT_FOUND; FAILED_PRECONDITION / BUILT_IN, LAST_SUPER_ADMIN; PERMISSION_DENIED /
  // OWN_ROLES, SUPER_ADMIN_REQUIRED.
  absl::StatusOr<ConsistencyToken> Disable(const RequestContext& context, const Caller& caller, const PrincipalId& id,
                                           const std::string& reason);
  absl::StatusOr<ConsistencyToken> Enable(const RequestContext& context, const Caller& caller, const PrincipalId& id);

  // The sessions that have not ended, newest first. Empty for an unknown principal.
  absl::StatusOr<Page<sessions::ListedSession>> ListSessions(const RequestContext& context, const PrincipalId& id,
                                                             const PageRequest& page);
  // Newest first, revoked and expired ones included. Empty for an unknown principal.
  absl::StatusOr<Page<api_keys::ApiKey>> ListApiKeys(const RequestContext& context, const PrincipalId& id,
                                                     const PageRequest& page);

 private:
  absl::StatusOr<ConsistencyToken> SetDisabled(const RequestContext& context, const Caller& caller,
                                               const PrincipalId& id, bool disabled, const std::string& reason);

  Database& database_;
  const Mutations& mutations_;
  const PageTokens& page_tokens_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_PRINCIPALS_H_
