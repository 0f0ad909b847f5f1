#ifndef IDENTITY_APP_LOGIN_MAPPED_ROLES_H_
#define IDENTITY_APP_LOGIN_MAPPED_ROLES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "db/database.h"
#include "db/stores/bindings.h"
#include "db/stores/external/external_identities.h"
#include "server/app/change/mutation.h"
#include "server/domain/external/identity_provider.h"
#include "server/domain/ids.h"

namespace identity {

// The roles that a provider's claims give to a person, as bindings with the issuer as their origin. They end with the
// longest session that the login may begin, so somebody who does not come back loses them. Roles that have permissions
// of the service itself are never given.
struct MappedRoles {
  external_identities::Key key;  // the identity; its linked account gets the roles
  std::vector<RoleMapping> wanted;
  absl::Time claims_time;   // when the token was issued
  absl::Duration lifetime;  // of the bindings
};

// Whether the bindings have to change: one is missing, too many or close to its end. False for a token that is older
// than the one that gave the present ones, and for a person that is not linked.
absl::StatusOr<bool> AreDue(Transaction& transaction, const MappedRoles& roles);
// Changes them, and audits that.
absl::Status Apply(Mutation& mutation, const MappedRoles& roles);

// Deletes such bindings, for replicas too.
absl::Status EndMappedRoles(Mutation& mutation, const bindings::Mapped& which);

}  // namespace identity

#endif  // IDENTITY_APP_LOGIN_MAPPED_ROLES_H_
