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

// The revision counts the committed changes to the facts that decisions depend on. The log names the objects that each
// one changed.
namespace identity::change_log {

// A revision, and the database's clock.
struct Moment {
  ConsistencyToken token;
  absl::Time time;
  absl::Time as_of;  // when the facts of this revision were read
};

// Locks the revision until the transaction ends, and advances it, so that all writers of such changes take turns. Call
// it first; read everything that the change depends on afterwards. The commit notifies all replicas. Returns the
// revision of the transaction's first change; each further change has the next one.
absl::StatusOr<Moment> Advance(Transaction& transaction);

// The kinds of objects that a change can affect; a replica reloads the object.
enum class Kind { kPrincipal, kRole, kApiKey, kSession, kAccessToken, kSigningKey, kExternal };
// The name in the database.
absl::string_view NameOf(Kind kind);

// A revision changed an object. `id` is a UUID in text form, the name of a role or a provider, or the kid of a signing
// key.
struct Entry {
  int64_t revision = 0;
  Kind kind = Kind::kPrincipal;
  std::string id;
};
// Ends a transaction that has called `Advance`: records what each of its revisions has changed. `last` is the revision
// of its last change, or the one before the first if nothing changed that a replica must know.
absl::Status Record(Transaction& transaction, const std::vector<Entry>& entries, int64_t last);

// The revision that this transaction sees. `as_of` equals `time`.
absl::StatusOr<Moment> Now(Transaction& transaction);

// The histories that this database continues, the oldest first. Does not contain its present one.
absl::StatusOr<std::vector<Ancestor>> Ancestors(Transaction& transaction);

struct Change {
  int64_t revision = 0;
  absl::optional<Kind> kind;  // unset: a newer server wrote a kind that this program does not know
  std::string id;
  absl::Time time;
};
// The changes after `revision`, in the order of revisions: the first `limit`, and the rest of the last revision.
absl::StatusOr<std::vector<Change>> Since(Transaction& transaction, int64_t revision, int64_t limit);

// Whether a principal (with its bindings) or a role has changed after `revision`. Only for a revision of the last day.
absl::StatusOr<bool> RightsChangedSince(Transaction& transaction, int64_t revision);

// Removes at most `limit` changes that are a day old. Returns how many.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::change_log

#endif  // IDENTITY_DB_CHANGE_LOG_H_
