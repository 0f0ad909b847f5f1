#ifndef IDENTITY_DB_STORES_SEALED_VALUES_H_
#define IDENTITY_DB_STORES_SEALED_VALUES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "db/database.h"

// All values that a master key sealed, with the id of that key. Errors are those of Transaction::Execute.
namespace identity::sealed_values {

enum class Kind { kSigningKey, kTotp, kMail };
inline constexpr Kind kKinds[] = {Kind::kSigningKey, Kind::kTotp, Kind::kMail};
// For people: "signing keys", "authenticator apps" or "mails".
absl::string_view NameOf(Kind kind);

struct Count {
  Kind kind = Kind::kSigningKey;
  std::string master_key_id;
  int64_t values = 0;
};
// The number of values of each kind and master key, without the master keys in `except`. Reads whole tables.
absl::StatusOr<std::vector<Count>> CountOthers(Transaction& transaction, const std::vector<std::string>& except);

struct Value {
  std::string id;        // of its row
  std::string bound_to;  // what its associated data names: a kid, a principal or a kind of mail
  std::string sealed;
  std::string master_key_id;
};
// Locks up to `limit` values of `kind` that another key than `master_key_id` sealed, in the order of their ids.
// `after`: only values with a greater id; "" for all.
absl::StatusOr<std::vector<Value>> LockOthers(Transaction& transaction, Kind kind, absl::string_view master_key_id,
                                              absl::string_view after, int64_t limit);
// Whether the role of this connection may call Replace. The schema's owner may, the server's role may not.
absl::StatusOr<bool> MayReplace(Transaction& transaction);
// Replaces the sealed value of a row and its master key. Decisions do not depend on either.
absl::Status Replace(Transaction& transaction, Kind kind, const Value& value);

}  // namespace identity::sealed_values

#endif  // IDENTITY_DB_STORES_SEALED_VALUES_H_
