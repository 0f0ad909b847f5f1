#ifndef IDENTITY_DOMAIN_DECISION_H_
#define IDENTITY_DOMAIN_DECISION_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/domain/permission.h"
#include "server/domain/principal_facts.h"
#include "server/domain/resource.h"
#include "server/domain/role_graph.h"

namespace identity {

// The built-in role that every user holds on `users/<own id>`, without a binding.
inline constexpr char kSelfRole[] = "self";

// In the order of identity.v1.Reason. The first reason that applies is the answer.
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

// The name without the prefix of the contract's enum, in lower case, such as "no_binding".
absl::string_view NameOf(Reason reason);
// All names, in the order of the enum.
std::vector<std::string> ReasonNames();

struct Decision {
  Reason reason = Reason::kNoBinding;
  absl::Time expire_time = absl::InfiniteFuture();  // of the grant
  bool allowed() const { return reason == Reason::kGranted; }
};

// The time of a decision, and when the subject last showed a second factor. A value.
struct Instant {
  absl::Time now;
  absl::Time mfa_time = absl::InfinitePast();  // never

  absl::Duration mfa_age() const { return now - mfa_time; }
};

// Decides by scopes ∩ role closure over the resource path. Allows when `scopes` match `permission`, and a binding in
// force covers `resource` with a role that has a matching pattern in its closure. A role with an mfa_max_age grants its
// own patterns only for that time after a second factor. Denies by default. Pure.
Decision Decide(const PrincipalFacts& facts, const Scopes& scopes, const RoleGraph& roles, const Permission& permission,
                const Resource& resource, const Instant& at);

// What a principal may do whenever it logs in: the conditions of a grant.
struct Right {
  bool needs_second_factor = false;  // only after a recent one
  absl::Time expire_time = absl::InfiniteFuture();
};
// As Decide with all scopes, with and without a second factor. nullopt: denied in both cases.
absl::optional<Right> RightTo(const PrincipalFacts& facts, const RoleGraph& roles, const Permission& permission,
                              const Resource& resource, absl::Time now);

// The binding that grants; if there are several, the one that lasts longest. nullopt when none grants.
struct Explanation {
  Binding binding;
  RoleGraph::Grant grant;
};
absl::optional<Explanation> Explain(const PrincipalFacts& facts, const RoleGraph& roles, const Permission& permission,
                                    const Resource& resource, const Instant& at);

// Every pattern that the principal holds on `resource`, even while it is disabled. For the empty resource: only by
// bindings to everywhere.
struct HeldPattern {
  Binding binding;
  RoleGraph::Grant grant;
};
std::vector<HeldPattern> HeldOn(const PrincipalFacts& facts, const RoleGraph& roles, const Resource& resource,
                                absl::Time now);
// Every pattern that the principal holds on any resource, sorted, each once.
std::vector<PermissionPattern> HeldAnywhere(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now);

// The resources of the bindings in force whose roles have `permission`, with that of the built-in role `self`; sorted,
// each once. A second factor may be needed there.
std::vector<std::string> PlacesOf(const PrincipalFacts& facts, const RoleGraph& roles, const Permission& permission,
                                  absl::Time now);

// The roles of bindings in force whose permissions need a second factor.
std::vector<std::string> RolesWithSecondFactor(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now);

// The rule that limits grants. Returns the first of `patterns` that the principal does not hold on `resource`, or that
// `scopes` do not allow. A disabled principal holds none. nullopt when it holds them all.
absl::optional<PermissionPattern> FindNotHeld(const PrincipalFacts& facts, const Scopes& scopes, const RoleGraph& roles,
                                              const std::vector<PermissionPattern>& patterns, const Resource& resource,
                                              const Instant& at);

// True when bindings of the principal give it `*` everywhere. A disabled super admin still counts, so that only other
// super admins may change it. Roles with an mfa_max_age count, too; with `mfa_age`, only those whose limit is at least
// that long.
bool IsSuperAdmin(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now,
                  absl::Duration mfa_age = absl::ZeroDuration());

}  // namespace identity

#endif  // IDENTITY_DOMAIN_DECISION_H_
