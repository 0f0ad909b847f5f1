#ifndef IDENTITY_APP_ADMIN_AUDIT_LOG_H_
#define IDENTITY_APP_ADMIN_AUDIT_LOG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/audit.h"
#include "server/app/admin/paging.h"
#include "server/base/request_context.h"

namespace identity {

// Shows what was written of security events. Thread-safe.
class AuditLog {
 public:
  AuditLog(Database& database, const PageTokens& page_tokens) : database_(database), page_tokens_(page_tokens) {}

  // What is asked for: all that is set must hold.
  struct Query {
    absl::optional<PrincipalId> subject_id;
    absl::optional<PrincipalId> actor_id;
    std::string event;    // as `login`, or `api_key.*` for all that begin so
    std::string outcome;  // `success` or `failure`
    absl::Time start_time = absl::InfinitePast();
    absl::Time end_time = absl::InfiniteFuture();  // exclusive
  };
  struct Page {
    std::vector<audit::StoredEvent> events;
    std::string next_page_token;
  };
  // Newest first. INVALID_ARGUMENT (fields "event", "outcome", "page_token").
  absl::StatusOr<Page> List(const RequestContext& context, const Query& query, const PageRequest& page);

 private:
  Database& database_;
  const PageTokens& page_tokens_;
};

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_AUDIT_LOG_H_
