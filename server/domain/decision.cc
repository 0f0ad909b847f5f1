#include "server/domain/decision.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace identity {
namespace {

constexpr char kSelfRole[] = "self";

// Calls `visit` with each binding in force at `now`, and for a user with the built-in role `self` on `users/<own id>`.
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

// `pattern` or a wildcard above it is among `held`: `a:b:*` is covered by itself, `a:*` and `*`.
bool IsCovered(const absl::flat_hash_set<std::string>& held, absl::string_view pattern) {
  if (held.contains(pattern) || held.contains("*")) return true;
  for (size_t colon = pattern.find(':'); colon != absl::string_view::npos; colon = pattern.find(':', colon + 1)) {
    if (held.contains(absl::StrCat(pattern.substr(0, colon + 1), "*"))) return true;
  }
  return false;
}

}  // namespace

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

absl::optional<PermissionPattern> FindNotHeld(const PrincipalFacts& facts, const Scopes& scopes, const RoleGraph& roles,
                                              const std::vector<PermissionPattern>& patterns, const Resource& resource,
                                              absl::Time now) {
  absl::flat_hash_set<std::string> held;
  if (!facts.disabled) {
    ForEachEffective(facts, now, [&](const Binding& binding) {
      if (!binding.resource.Covers(resource)) return;
      for (const PermissionPattern& pattern : roles.Patterns(binding.role)) held.insert(pattern.text());
    });
  }
  for (const PermissionPattern& pattern : patterns) {
    if (!scopes.Covers(pattern) || !IsCovered(held, pattern.text())) return pattern;
  }
  return absl::nullopt;
}

bool IsSuperAdmin(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now) {
  bool is_one = false;
  ForEachEffective(facts, now, [&](const Binding& binding) {
    if (is_one || !binding.resource.is_everywhere()) return;
    const std::vector<PermissionPattern> patterns = roles.Patterns(binding.role);
    is_one = std::find(patterns.begin(), patterns.end(), PermissionPattern::Everything()) != patterns.end();
  });
  return is_one;
}

}  // namespace identity
