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

// Users by the hundred, and how far a file of them has been read in. Errors are those of Transaction::Execute.
namespace identity::user_imports {

// Of a file, from its beginning.
struct Standing {
  int64_t lines = 0;
  int64_t bytes = 0;
  int64_t imported = 0;
  int64_t refused = 0;
};
// nullopt: none of it was read in.
absl::StatusOr<absl::optional<Standing>> FindStanding(Transaction& transaction, absl::string_view fingerprint);
// False when the file has got to elsewhere than `from`: somebody else imports it, too.
absl::StatusOr<bool> Advance(Transaction& transaction, absl::string_view fingerprint, const Standing& from,
                             const Standing& to);

// What there is of the names of a batch.
struct Names {
  std::vector<std::string> usernames;
  std::vector<std::string> emails;  // folded
  std::vector<std::string> roles;
};
struct KnownNames {
  absl::flat_hash_set<std::string> usernames;
  absl::flat_hash_set<std::string> emails;
  absl::flat_hash_map<std::string, bool> roles;  // true: it is built in
};
absl::StatusOr<KnownNames> FindNames(Transaction& transaction, const Names& names);

// Writes users, passwords, bindings and an audit event for each user, in a few statements however many they are.
// Returns the ids in the order of `users`. ALREADY_EXISTS when a name is taken, two of `users` have the same, or
// somebody takes one meanwhile; the transaction is lost then.
absl::StatusOr<std::vector<PrincipalId>> Insert(Transaction& transaction, const std::vector<UserRecord>& users);

}  // namespace identity::user_imports

#endif  // IDENTITY_DB_STORES_USER_IMPORTS_H_
