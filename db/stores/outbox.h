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

// Mails that wait for their delivery. They are put in by the transaction that gives rise to them, so that there is a
// mail for what has happened and none for what has not.
namespace identity::outbox {

// Mails of this kind are never sent: they make the same work as those that are, where the difference would tell who has
// an account.
inline constexpr absl::string_view kNobody = "nobody";

struct Mail {
  Uuid id;
  std::string kind;
  std::string sealed;
  std::string master_key_id;
  absl::Time create_time;
  absl::Time lease_time;  // now, by the clock that create_time is of
  int64_t attempts = 0;   // this one among them
};

// Due at once.
absl::Status Enqueue(Transaction& transaction, absl::string_view kind, absl::string_view sealed,
                     absl::string_view master_key_id);
// At most `limit` of the mails that are due, the oldest first. For `lease` from now nobody else gets them; who has
// neither removed nor postponed them by then is thought dead, and they are due again.
absl::StatusOr<std::vector<Mail>> Lease(Transaction& transaction, int64_t limit, absl::Duration lease);
// It was sent, or never will be.
absl::Status Remove(Transaction& transaction, const Uuid& id);
// Due again after `delay`.
absl::Status Postpone(Transaction& transaction, const Uuid& id, absl::Duration delay);

struct Backlog {
  int64_t mails = 0;   // that wait, due or not
  absl::Duration age;  // of the oldest; zero when there is none
};
absl::StatusOr<Backlog> ReadBacklog(Transaction& transaction);

}  // namespace identity::outbox

#endif  // IDENTITY_DB_STORES_OUTBOX_H_
