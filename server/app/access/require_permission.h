#ifndef IDENTITY_APP_ACCESS_REQUIRE_PERMISSION_H_
#define IDENTITY_APP_ACCESS_REQUIRE_PERMISSION_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/app/access/subject.h"
#include "server/domain/permission.h"
#include "server/domain/resource.h"
#include "server/view/facts.h"

namespace identity {

// OK when the bindings of `caller` give `permission` on `resource` and its credential's scopes allow it. Otherwise
// PERMISSION_DENIED; UNAUTHENTICATED without a credential.
absl::Status RequirePermission(Facts& facts, const absl::optional<Subject>& caller, const Permission& permission,
                               const Resource& resource);

// The same for an object that the caller named by its id. `resource` is the object's resource, or the empty one when
// the id is unknown. The denial is identical whether or not the id exists.
absl::Status RequirePermissionOnFound(Facts& facts, const absl::optional<Subject>& caller, const Permission& permission,
                                      const Resource& resource);

// UNAUTHENTICATED / CALLER_UNKNOWN: the call needs a credential and has none.
absl::Status CallerUnknown();

// For permissions that are literals in our code; aborts on one that is malformed.
Permission LiteralPermission(absl::string_view text);

}  // namespace identity

#endif  // IDENTITY_APP_ACCESS_REQUIRE_PERMISSION_H_
