#ifndef IDENTITY_DB_STORES_EXTERNAL_IDENTITY_PROVIDERS_H_
#define IDENTITY_DB_STORES_EXTERNAL_IDENTITY_PROVIDERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/external/identity_provider.h"

// OpenID providers. Errors are those of Transaction::Execute unless said otherwise.
namespace identity::identity_providers {

absl::StatusOr<int64_t> Count(Transaction& transaction);
// ALREADY_EXISTS that names the field, `name` or `issuer`. The times are the database's.
absl::Status Insert(Transaction& transaction, const IdentityProvider& provider);
// Replaces everything but name, issuer and times.
absl::Status Update(Transaction& transaction, const IdentityProvider& provider);
// False: there is no such provider.
absl::StatusOr<bool> Delete(Transaction& transaction, absl::string_view name);

absl::StatusOr<absl::optional<IdentityProvider>> Find(Transaction& transaction, absl::string_view name);
// Disabled ones, too.
absl::StatusOr<absl::optional<IdentityProvider>> FindByIssuer(Transaction& transaction, absl::string_view issuer);
// Those that are not disabled and have workloads. Leaves out a row that this program cannot read, and logs that.
absl::StatusOr<std::vector<IdentityProvider>> OfWorkloads(Transaction& transaction);
// Keeps the provider as it is until the transaction ends. False: it was changed, disabled or deleted since it was read.
// `Update` and `Delete` wait for such transactions, and later ones wait for them: a change never starves behind logins.
absl::StatusOr<bool> KeepUnchanged(Transaction& transaction, const IdentityProvider& provider);
// The roles that any provider maps claims to.
absl::StatusOr<std::vector<std::string>> MappedRoles(Transaction& transaction);
// Up to `limit` providers with names after `after`, in the order of their names.
absl::StatusOr<std::vector<IdentityProvider>> List(Transaction& transaction, absl::string_view after, int64_t limit);

}  // namespace identity::identity_providers

#endif  // IDENTITY_DB_STORES_EXTERNAL_IDENTITY_PROVIDERS_H_
