#ifndef IDENTITY_CALLS_ACCESS_H_
#define IDENTITY_CALLS_ACCESS_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "server/app/access/admission.h"
#include "server/domain/resource.h"

namespace identity {

// The callers that an RPC, or a door over HTTP, admits. One row of the table in access.cc.
struct AccessRule {
  enum class Who {
    kAnyone,            // a call without a credential is allowed; a bad credential is refused
    kSignedIn,          // any caller with a credential; the use case checks the rest
    kPermission,        // holders of `permission` on the call's target
    kSelfOrPermission,  // the same, and callers whose call is only about themselves
    kOwnAccount,        // holders of `permission` on `users/<own id>`
    kOwnSession         // the same, with a session and not with an API key
  };
  const char* method;  // "identity.v1.Service/Method", or the path of a door such as "oauth2/token"
  Who who;
  const char* permission;  // "" without one
};

// The part of a call's request that decides who may make the call. A value.
struct CallTarget {
  Resource resource;                      // empty: everything
  bool self = false;                      // the call is about the caller
  absl::optional<PrincipalId> principal;  // the call is about the caller if the caller is this one
  Freshness freshness;                    // that the client requests
};

// The target of a call about one resource.
CallTarget About(Resource resource);

// A row for each RPC of the contract and each door over HTTP; a test finds RPCs without one.
absl::Span<const AccessRule> AccessRules();

// The requirement for callers of `method`. Nobody may call a method without a row.
Requirement RequirementOf(absl::string_view method, const CallTarget& target);

// Whether a denied call of `method` is audited. These calls act on what belongs to others, or list it: administration,
// the exchange of tokens, searches. Denied checks, and denied calls about the caller's own account, are not audited.
bool AuditsDenials(absl::string_view method);

}  // namespace identity

#endif  // IDENTITY_CALLS_ACCESS_H_
