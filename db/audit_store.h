#ifndef IDENTITY_DB_AUDIT_STORE_H_
#define IDENTITY_DB_AUDIT_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/ids.h"

// The record of security events. It can be appended to and read, never changed: the database's roles see to that.
namespace identity::audit {

struct Event {
  std::string event;                       // as "login", "api_key.issued"
  std::string outcome;                     // "success" or "failure"
  absl::optional<PrincipalId> actor_id;    // who did it, when known
  absl::optional<PrincipalId> subject_id;  // to whose account
  std::string target;                      // the id of what it is about, or the name of the limit
  std::string ip_address;
  std::string user_agent;
  std::string details;  // for people; never a secret
};

// Part of `transaction`, so that it is written exactly when what it reports is.
absl::Status Append(Transaction& transaction, const Event& event);

struct StoredEvent {
  AuditEventId id;
  absl::Time time;
  Event event;
};
// What is looked for: all that is set must hold.
struct Filter {
  absl::optional<PrincipalId> subject_id;
  absl::optional<PrincipalId> actor_id;
  std::string event;         // empty: any
  std::string event_prefix;  // empty: any
  std::string outcome;       // empty: any
  absl::Time start_time = absl::InfinitePast();
  absl::Time end_time = absl::InfiniteFuture();  // exclusive
};
// Up to `limit` events, newest first; of those before `before` alone when it is set. Reads no more of the log than the
// partitions of the filter's times.
absl::StatusOr<std::vector<StoredEvent>> List(Transaction& transaction, const Filter& filter,
                                              const absl::optional<AuditEventId>& before, int64_t limit);

}  // namespace identity::audit

#endif  // IDENTITY_DB_AUDIT_STORE_H_
