#ifndef IDENTITY_DOMAIN_DECISION_H_
#define IDENTITY_DOMAIN_DECISION_H_

#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"
#include "server/domain/principal_facts.h"
#include "server/domain/resource.h"
#include "server/domain/role_graph.h"

namespace identity {

// In the order of identity.v1.Reason: the first that holds is the answer.
enum class Reason {
  kGranted,
  kCredentialInvalid,
  kCredentialExpired,
  kCredentialRevoked,
  kPrincipalDisabled,
  kQuotaExceeded,
  kNoBinding,
  kScopeInsufficient,
  kStepUpRequired,
};

struct Decision {
  Reason reason = Reason::kNoBinding;
  absl::Time expire_time = absl::InfiniteFuture();  // of what granted
  bool allowed() const { return reason == Reason::kGranted; }
};

// When something is decided, and how long before that the subject showed a second factor. A value.
struct Instant {
  absl::Time now;
  absl::Time mfa_time = absl::InfinitePast();  // never

  absl::Duration mfa_age() const { return now - mfa_time; }
};

// scopes ∩ role closure over the resource path: allowed when some binding in force covers `resource` with a role whose
// closure matches `permission`, and `scopes` match it, too; a role that is marked so gives what it lists only for its
// time after a second factor. Default deny. Pure.
Decision Decide(const PrincipalFacts& facts, const Scopes& scopes, const RoleGraph& roles, const Permission& permission,
                const Resource& resource, const Instant& at);

// What grants: of several bindings that do the one that lasts longest. nullopt when none does.
struct Explanation {
  Binding binding;
  RoleGraph::Grant grant;
};
absl::optional<Explanation> Explain(const PrincipalFacts& facts, const RoleGraph& roles, const Permission& permission,
                                    const Resource& resource, const Instant& at);

// Every pattern that the principal holds on `resource` (`everywhere`: by bindings held everywhere alone). By bindings,
// so of a disabled principal, too.
struct HeldPattern {
  Binding binding;
  RoleGraph::Grant grant;
};
std::vector<HeldPattern> HeldOn(const PrincipalFacts& facts, const RoleGraph& roles, const Resource& resource,
                                absl::Time now);
// Every pattern that the principal holds anywhere at all, sorted, each once.
std::vector<PermissionPattern> HeldAnywhere(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now);

// The first of `patterns` that the principal, enabled, does not hold on `resource` or `scopes` do not allow; nullopt
// when it holds them all: the rule by which grants are limited.
absl::optional<PermissionPattern> FindNotHeld(const PrincipalFacts& facts, const Scopes& scopes, const RoleGraph& roles,
                                              const std::vector<PermissionPattern>& patterns, const Resource& resource,
                                              const Instant& at);

// Holds `*` everywhere, by bindings alone: a disabled super admin is still one, whom no other may touch, and one that
// would have to show a second factor, too, unless `mfa_age` says how long ago that was.
bool IsSuperAdmin(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now,
                  absl::Duration mfa_age = absl::ZeroDuration());

}  // namespace identity

#endif  // IDENTITY_DOMAIN_DECISION_H_
