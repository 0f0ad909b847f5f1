#ifndef IDENTITY_DB_CHANGE_LOG_H_
#define IDENTITY_DB_CHANGE_LOG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/consistency_token.h"

// The revision: how many changes to what decisions depend on have been committed, and what each of them changed.
namespace identity::change_log {

// Locks the revision until the transaction ends and advances it, which makes all writers of such changes take turns:
// call it first, and read what the change depends on after it. Replicas are told at the commit.
absl::StatusOr<ConsistencyToken> Advance(Transaction& transaction);

// What a change is about, and so what a replica reloads.
enum class Kind { kPrincipal, kRole, kApiKey, kSession, kAccessToken, kSigningKey };
// As it is kept in the database.
absl::string_view NameOf(Kind kind);

// Writes down that the revision of `token` changed the thing of `kind` that is called `id`: a UUID in text, the name of
// a role, the kid of a signing key.
absl::Status Record(Transaction& transaction, const ConsistencyToken& token, Kind kind, absl::string_view id);

// Where the database stands in this transaction's eyes, and its clock.
struct Moment {
  ConsistencyToken token;
  absl::Time time;
  absl::Time as_of;  // when the facts that go with it were read
};
// As of its own time.
absl::StatusOr<Moment> Now(Transaction& transaction);

struct Change {
  int64_t revision = 0;
  absl::optional<Kind> kind;  // unset: one that a newer server wrote
  std::string id;
  absl::Time time;
};
// The changes after `revision`, by revision: about `limit` of them, and never only some of a revision's.
absl::StatusOr<std::vector<Change>> Since(Transaction& transaction, int64_t revision, int64_t limit);

}  // namespace identity::change_log

#endif  // IDENTITY_DB_CHANGE_LOG_H_
