#include "server/domain/decision.h"

#include <algorithm>

namespace identity {
namespace {

constexpr char kSelfRole[] = "self";

// Calls `visit` with each binding in force, without a copy of the stored ones.
template <typename Visit>
void ForEachEffective(const PrincipalFacts& facts, absl::Time now, Visit visit) {
  for (const Binding& binding : facts.bindings) {
    if (now < binding.expire_time) visit(binding);
  }
  if (facts.type != PrincipalType::kUser) return;
  visit(Binding{BindingId(), kSelfRole, Resource::OfPrincipal(facts.id), absl::InfiniteFuture()});
}

Decision Deny(Reason reason) {
  Decision decision;
  decision.reason = reason;
  return decision;
}

}  // namespace

std::vector<Binding> EffectiveBindings(const PrincipalFacts& facts, absl::Time now) {
  std::vector<Binding> bindings;
  ForEachEffective(facts, now, [&](const Binding& binding) { bindings.push_back(binding); });
  return bindings;
}

Decision Decide(const PrincipalFacts& facts, const Scopes& scopes, const RoleGraph& roles, const Permission& permission,
                const Resource& resource, absl::Time now) {
  if (facts.disabled) return Deny(Reason::kPrincipalDisabled);
  Decision decision;
  ForEachEffective(facts, now, [&](const Binding& binding) {
    if (!binding.resource.Covers(resource)) return;
    if (decision.binding && binding.expire_time <= decision.binding->expire_time) return;
    auto grant = roles.Find(binding.role, permission);
    if (!grant) return;
    decision.binding = binding;
    decision.grant = std::move(grant);
  });
  if (!decision.binding) return Deny(Reason::kNoBinding);
  if (!scopes.Matches(permission)) return Deny(Reason::kScopeInsufficient);
  decision.reason = Reason::kGranted;
  return decision;
}

std::vector<HeldPattern> HeldOn(const PrincipalFacts& facts, const RoleGraph& roles, const Resource& resource,
                                absl::Time now) {
  std::vector<HeldPattern> held;
  ForEachEffective(facts, now, [&](const Binding& binding) {
    if (!binding.resource.Covers(resource)) return;
    for (RoleGraph::Grant& grant : roles.Closure(binding.role)) held.push_back({binding, std::move(grant)});
  });
  return held;
}

std::vector<PermissionPattern> HeldAnywhere(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now) {
  std::vector<PermissionPattern> patterns;
  ForEachEffective(facts, now, [&](const Binding& binding) {
    for (RoleGraph::Grant& grant : roles.Closure(binding.role)) patterns.push_back(std::move(grant.pattern));
  });
  std::sort(patterns.begin(), patterns.end());
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  return patterns;
}

bool Holds(const PrincipalFacts& facts, const Scopes& scopes, const RoleGraph& roles, const PermissionPattern& pattern,
           const Resource& resource, absl::Time now) {
  if (facts.disabled || !scopes.Covers(pattern)) return false;
  const std::vector<HeldPattern> held = HeldOn(facts, roles, resource, now);
  return std::any_of(held.begin(), held.end(),
                     [&](const HeldPattern& own) { return own.grant.pattern.Covers(pattern); });
}

bool IsSuperAdmin(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now) {
  const std::vector<HeldPattern> held = HeldOn(facts, roles, Resource(), now);
  return std::any_of(held.begin(), held.end(),
                     [](const HeldPattern& own) { return own.grant.pattern == PermissionPattern::Everything(); });
}

}  // namespace identity
