#ifndef IDENTITY_DB_STORES_BINDINGS_H_
#define IDENTITY_DB_STORES_BINDINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/decision.h"

// Bindings of principals to roles on resources. Errors are those of Transaction::Execute unless said otherwise.
namespace identity::bindings {

struct StoredBinding {
  PrincipalId principal_id;
  Binding binding;
  absl::Time create_time;
  // By which right it was made: the resource of the first delegated right in the chain of administrators. "": by a
  // right everywhere. The issuer, for one that the claims of a provider's token made.
  std::string origin;
};

// Replaces an expired binding. ALREADY_EXISTS for the same principal, role and resource.
absl::StatusOr<StoredBinding> Insert(Transaction& transaction, const PrincipalId& principal_id, const Binding& binding,
                                     absl::string_view origin);
// Gives a binding another end. It keeps the time of its creation, and gets another id.
absl::Status Renew(Transaction& transaction, const StoredBinding& stored, absl::Time expire_time);
// How many bindings in force the principal has of `origin`.
absl::StatusOr<int64_t> CountOfOrigin(Transaction& transaction, const PrincipalId& principal_id,
                                      absl::string_view origin);
// Those in force, in no particular order.
absl::StatusOr<std::vector<StoredBinding>> OfOrigin(Transaction& transaction, const PrincipalId& principal_id,
                                                    absl::string_view origin);
// Selects bindings that claims made.
struct Mapped {
  std::string issuer;                             // "": any
  absl::optional<PrincipalId> principal_id = {};  // unset: any
  std::vector<Binding> except = {};               // those with the role and the resource of one of these
};
// Returns the principals that had any.
absl::StatusOr<std::vector<PrincipalId>> DeleteMapped(Transaction& transaction, const Mapped& which);
absl::StatusOr<absl::optional<StoredBinding>> Find(Transaction& transaction, const BindingId& id);
absl::Status Delete(Transaction& transaction, const BindingId& id);

// Selects the bindings that match every field that is set. Never selects expired ones.
struct Filter {
  absl::optional<PrincipalId> principal_id;
  std::string role;   // "": any
  Resource resource;  // this path and below
};
// Up to `limit` bindings with ids above `after`, in the order of their ids.
absl::StatusOr<std::vector<StoredBinding>> List(Transaction& transaction, const Filter& filter, const BindingId& after,
                                                int64_t limit);

// Who may hold a permission on a resource: the enabled principals that have one of `roles` on one of `resources`, and
// `owner`.
struct Candidates {
  std::vector<std::string> roles;
  std::vector<std::string> resources;
  absl::optional<PrincipalId> owner;
  PrincipalId after;  // only ids above this one
};
// Up to `limit`, in the order of their ids.
absl::StatusOr<std::vector<PrincipalId>> ListCandidates(Transaction& transaction, const Candidates& candidates,
                                                        int64_t limit);

// Removes at most `limit` bindings that expired a day ago. Returns how many.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::bindings

#endif  // IDENTITY_DB_STORES_BINDINGS_H_
