#ifndef IDENTITY_APP_ADMIN_AUDIT_LOG_H_
#define IDENTITY_APP_ADMIN_AUDIT_LOG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/audit.h"
#include "server/app/admin/paging.h"
#include "server/base/request_context.h"

namespace identity {

// Lists the audit log: the record of security events. Thread-safe.
class AuditLog {
 public:
  AuditLog(Database& database, const PageTokens& page_tokens) : database_(database), page_tokens_(page_tokens) {}

  // Selects events; an event must match every field that is set.
  struct Query {
    absl::optional<PrincipalId> subject_id;
    absl::optional<PrincipalId> actor_id;
    std::string event;  // a name such as `login`, or a prefix such as `api_key.*`
    absl::optional<audit::Outcome> outcome;
    absl::Time start_time = absl::InfinitePast();
    absl::Time end_time = absl::InfiniteFuture();  // exclusive
  };
  // Newest first. INVALID_ARGUMENT (fields "event", "page_token").
  absl::StatusOr<Page<audit::StoredEvent>> List(const RequestContext& context, const Query& query,
                                                const PageRequest& page);

 private:
  Database& database_;
  const PageTokens& page_tokens_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_AUDIT_LOG_H_
