#ifndef IDENTITY_RPC_ACCESS_H_
#define IDENTITY_RPC_ACCESS_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/app/access/admission.h"
#include "server/domain/resource.h"

namespace identity {

// Who may call an RPC: one row of the table in access.cc.
struct AccessRule {
  enum class Who {
    kAnyone,            // a credential that is there must be good all the same
    kSignedIn,          // what is needed beyond that depends on what is found
    kPermission,        // holders of `permission` on the call's target
    kSelfOrPermission,  // the same, but for calls that are about the caller alone
    kOwnAccount,        // holders of `permission` on `users/<own id>`
    kOwnSession         // the same, by a session and not by an API key
  };
  const char* method;  // "identity.v1.Service/Method"
  Who who;
  const char* permission;  // "" without one
};

// What a call is about, as far as who may make it depends on that. A value.
struct CallTarget {
  Resource resource;                      // empty: everything
  bool self = false;                      // the caller itself
  absl::optional<PrincipalId> principal;  // the caller itself when this is it
  Freshness freshness;                    // asked for
};

// The target of a call about one resource.
CallTarget About(Resource resource);

// A row for each RPC of the contract: a test fails when one has none.
absl::Span<const AccessRule> AccessRules();

// What a caller of `method` must have. A method without a row is nobody's.
Requirement RequirementOf(absl::string_view method, const CallTarget& target);

}  // namespace identity

#endif  // IDENTITY_RPC_ACCESS_H_
