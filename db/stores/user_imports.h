#ifndef IDENTITY_DB_STORES_USER_IMPORTS_H_
#define IDENTITY_DB_STORES_USER_IMPORTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/ids.h"
#include "server/domain/user_record.h"

// Bulk import of users, and the progress of each imported file. Errors are those of Transaction::Execute.
namespace identity::user_imports {

// How much of a file, from its beginning, was imported or refused.
struct Standing {
  int64_t lines = 0;
  int64_t bytes = 0;
  int64_t imported = 0;
  int64_t refused = 0;
};
// nullopt: the import of this file has not begun.
absl::StatusOr<absl::optional<Standing>> FindStanding(Transaction& transaction, absl::string_view fingerprint);
// False when the progress is not `from`: another process imports the same file.
absl::StatusOr<bool> Advance(Transaction& transaction, absl::string_view fingerprint, const Standing& from,
                             const Standing& to);

// The names that a batch uses.
struct Names {
  std::vector<std::string> usernames;
  std::vector<std::string> emails;  // folded
  std::vector<std::string> roles;
};
// Those of these names that exist.
struct KnownNames {
  absl::flat_hash_set<std::string> usernames;
  absl::flat_hash_set<std::string> emails;
  absl::flat_hash_map<std::string, bool> roles;  // true: built in
};
absl::StatusOr<KnownNames> FindNames(Transaction& transaction, const Names& names);

// Writes users, passwords, bindings and an audit event for each user. The number of statements does not depend on the
// number of users. Returns the ids in the order of `users`. ALREADY_EXISTS when a name is in use, or two of `users`
// have the same name; the transaction can then only be rolled back.
absl::StatusOr<std::vector<PrincipalId>> Insert(Transaction& transaction, const std::vector<UserRecord>& users);

// Removes the progress of at most `limit` imports that have not moved for 30 days. Returns how many.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::user_imports

#endif  // IDENTITY_DB_STORES_USER_IMPORTS_H_
