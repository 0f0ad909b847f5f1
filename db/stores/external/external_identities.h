#ifndef IDENTITY_DB_STORES_EXTERNAL_EXTERNAL_IDENTITIES_H_
#define IDENTITY_DB_STORES_EXTERNAL_EXTERNAL_IDENTITIES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/ids.h"

// The account to which each identity of another issuer is linked. Errors are those of Transaction::Execute unless said
// otherwise.
namespace identity::external_identities {

// Names a person at an issuer. A value.
struct Key {
  std::string issuer;
  std::string subject;
};

struct Link {
  PrincipalId principal_id;
  bool removed = false;                           // by its owner: it logs nobody in, and is never linked again
  absl::Time claims_time = absl::InfinitePast();  // of the token that gave the present roles
  bool recent = false;                            // linked in the last 24 hours, and the account was not made with it
};
// Until the transaction ends, others that call this for the same identity wait. A transaction that also locks the
// account does that before, so that two never wait for each other.
absl::Status Lock(Transaction& transaction, const Key& key);
// nullopt: the identity was never linked.
absl::StatusOr<absl::optional<Link>> Find(Transaction& transaction, const Key& key);
// False: the identity is linked, or was removed. `label`: for people, such as the address at the issuer.
absl::StatusOr<bool> Insert(Transaction& transaction, const Key& key, const PrincipalId& principal,
                            absl::string_view label);

struct Listed {
  Key key;
  std::string provider;  // its name; "": the provider was deleted
  std::string label;
  absl::Time link_time;
};
// The linked ones of a principal, the oldest first.
absl::StatusOr<std::vector<Listed>> List(Transaction& transaction, const PrincipalId& principal);

// Whether the principal has another linked identity that can log in now: its provider is enabled, and it is not
// revoked.
absl::StatusOr<bool> HasOther(Transaction& transaction, const PrincipalId& principal, const Key& key);

// Records when the token was issued that set the present roles. Keeps a later time.
absl::Status SetClaimsTime(Transaction& transaction, const Key& key, absl::Time time);

// False: the principal has no such linked identity.
absl::StatusOr<bool> Remove(Transaction& transaction, const PrincipalId& principal, const Key& key);
// Forgets all that are linked to the principal, so that a login may link them again, as the provider's row allows.
// Returns how many.
absl::StatusOr<int64_t> Forget(Transaction& transaction, const PrincipalId& principal);

}  // namespace identity::external_identities

#endif  // IDENTITY_DB_STORES_EXTERNAL_EXTERNAL_IDENTITIES_H_
