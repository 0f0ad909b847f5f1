#ifndef IDENTITY_DB_STORES_OUTBOX_H_
#define IDENTITY_DB_STORES_OUTBOX_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "server/domain/ids.h"

// Mails that wait for delivery. The transaction that causes a mail also enqueues it, so a mail exists exactly when its
// cause was committed.
namespace identity::outbox {

// Mails of this kind are never sent. They cost the same work as real mails, since a difference would reveal which
// addresses have an account.
inline constexpr absl::string_view kNobody = "nobody";

struct Mail {
  Uuid id;
  std::string kind;
  std::string sealed;
  std::string master_key_id;
  absl::Time create_time;
  absl::Time lease_time;  // of this lease, by the same clock as create_time
  int64_t attempts = 0;   // including this one
};

// The mail is due immediately.
absl::Status Enqueue(Transaction& transaction, absl::string_view kind, absl::string_view sealed,
                     absl::string_view master_key_id);
// Leases at most `limit` due mails, oldest first. No other caller gets them for `lease`. A mail is due again when the
// caller has not removed or postponed it by then, since the caller has probably died.
absl::StatusOr<std::vector<Mail>> Lease(Transaction& transaction, int64_t limit, absl::Duration lease);
// Call it for a mail that was sent or abandoned.
absl::Status Remove(Transaction& transaction, const Uuid& id);
// The mail is due again after `delay`.
absl::Status Postpone(Transaction& transaction, const Uuid& id, absl::Duration delay);

struct Backlog {
  int64_t mails = 0;   // due or not
  absl::Duration age;  // of the oldest; zero when there is none
};
absl::StatusOr<Backlog> ReadBacklog(Transaction& transaction);

}  // namespace identity::outbox

#endif  // IDENTITY_DB_STORES_OUTBOX_H_
