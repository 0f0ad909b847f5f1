#include "server/domain/decision.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/enum_names.h"

namespace identity {
namespace {

// The resource on which a user has the built-in role `self`: `users/<own id>`.
constexpr absl::string_view kUsers = "users/";

constexpr EnumName<Reason> kReasons[] = {
    {Reason::kGranted, "granted"},
    {Reason::kCredentialInvalid, "credential_invalid"},
    {Reason::kCredentialExpired, "credential_expired"},
    {Reason::kCredentialRevoked, "credential_revoked"},
    {Reason::kPrincipalDisabled, "principal_disabled"},
    {Reason::kQuotaExceeded, "quota_exceeded"},
    {Reason::kNoBinding, "no_binding"},
    {Reason::kScopeInsufficient, "scope_insufficient"},
    {Reason::kStepUpRequired, "step_up_required"},
};
static_assert(NamesEach(kReasons, Reason::kStepUpRequired));

// Calls `visit` with each binding in force at `now` that covers `resource`, including the built-in one.
template <typename Visit>
void ForEachCovering(const PrincipalFacts& facts, const Resource& resource, absl::Time now, Visit visit) {
  for (const BindingView& binding : facts.bindings()) {
    if (now < binding.expire_time && binding.Covers(resource)) visit(binding);
  }
  if (facts.type() != PrincipalType::kUser || !absl::StartsWith(resource.text(), kUsers)) return;
  const Resource own = Resource::OfPrincipal(facts.id());
  if (own.Covers(resource)) visit(BindingView{BindingId(), kSelfRole, own.text(), absl::InfiniteFuture()});
}

// Calls `visit` with those that grant `permission`, and the time when the grant ends. That time is in the past when the
// last second factor is too old for the role.
template <typename Visit>
void ForEachGranting(const PrincipalFacts& facts, const RoleGraph& roles, const Permission& permission,
                     const Resource& resource, const Instant& at, Visit visit) {
  ForEachCovering(facts, resource, at.now, [&](const BindingView& binding) {
    const absl::optional<absl::Duration> mfa_max_age = roles.Match(binding.role, permission);
    if (!mfa_max_age) return;
    const bool marked = *mfa_max_age != absl::InfiniteDuration();
    visit(binding, marked ? std::min(binding.expire_time, at.mfa_time + *mfa_max_age) : binding.expire_time);
  });
}

// True when `held` contains `pattern` or a wildcard above it: `a:b:*`, `a:*` and `*` cover `a:b:*`.
bool IsCovered(const absl::flat_hash_set<std::string>& held, absl::string_view pattern) {
  if (held.contains(pattern) || held.contains("*")) return true;
  for (size_t colon = pattern.find(':'); colon != absl::string_view::npos; colon = pattern.find(':', colon + 1)) {
    if (held.contains(absl::StrCat(pattern.substr(0, colon + 1), "*"))) return true;
  }
  return false;
}

}  // namespace

absl::string_view NameOf(Reason reason) { return NameIn(kReasons, reason); }

std::vector<std::string> ReasonNames() {
  std::vector<std::string> names;
  for (const auto& row : kReasons) names.push_back(row.name);
  return names;
}

Decision Decide(const PrincipalFacts& facts, const Scopes& scopes, const RoleGraph& roles, const Permission& permission,
                const Resource& resource, const Instant& at) {
  if (facts.disabled()) return {Reason::kPrincipalDisabled};
  absl::optional<absl::Time> latest_end;
  ForEachGranting(facts, roles, permission, resource, at, [&](const BindingView&, absl::Time end) {
    latest_end = std::max(latest_end.value_or(absl::InfinitePast()), end);
  });
  if (!latest_end) return {Reason::kNoBinding};
  if (!scopes.Matches(permission)) return {Reason::kScopeInsufficient};
  if (*latest_end <= at.now) return {Reason::kStepUpRequired};
  return {Reason::kGranted, *latest_end};
}

absl::optional<Right> RightTo(const PrincipalFacts& facts, const RoleGraph& roles, const Permission& permission,
                              const Resource& resource, absl::Time now) {
  for (const bool second_factor : {false, true}) {
    const Instant at{now, second_factor ? now : absl::InfinitePast()};
    const Decision decision = Decide(facts, Scopes::Unlimited(), roles, permission, resource, at);
    if (decision.allowed()) return Right{second_factor, decision.expire_time};
  }
  return absl::nullopt;
}

absl::optional<Explanation> Explain(const PrincipalFacts& facts, const RoleGraph& roles, const Permission& permission,
                                    const Resource& resource, const Instant& at) {
  absl::optional<Binding> best;
  absl::Time latest_end = at.now;
  ForEachGranting(facts, roles, permission, resource, at, [&](const BindingView& binding, absl::Time end) {
    if (end <= latest_end) return;
    latest_end = end;
    best = binding.ToBinding();
  });
  if (!best) return absl::nullopt;
  auto grant = roles.Find(best->role, permission);
  return Explanation{*std::move(best), *std::move(grant)};
}

std::vector<HeldPattern> HeldOn(const PrincipalFacts& facts, const RoleGraph& roles, const Resource& resource,
                                absl::Time now) {
  std::vector<HeldPattern> held;
  ForEachCovering(facts, resource, now, [&](const BindingView& binding) {
    for (RoleGraph::Grant& grant : roles.Closure(binding.role)) held.push_back({binding.ToBinding(), std::move(grant)});
  });
  return held;
}

std::vector<PermissionPattern> HeldAnywhere(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now) {
  std::vector<PermissionPattern> patterns;
  const auto add = [&](absl::string_view role) {
    for (PermissionPattern& pattern : roles.Patterns(role)) patterns.push_back(std::move(pattern));
  };
  for (const BindingView& binding : facts.bindings()) {
    if (now < binding.expire_time) add(binding.role);
  }
  if (facts.type() == PrincipalType::kUser) add(kSelfRole);
  std::sort(patterns.begin(), patterns.end());
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  return patterns;
}

std::vector<std::string> PlacesOf(const PrincipalFacts& facts, const RoleGraph& roles, const Permission& permission,
                                  absl::Time now) {
  std::vector<std::string> places;
  for (const BindingView& binding : facts.bindings()) {
    if (now < binding.expire_time && roles.Match(binding.role, permission)) places.emplace_back(binding.resource);
  }
  if (facts.type() == PrincipalType::kUser && roles.Match(kSelfRole, permission)) {
    places.push_back(Resource::OfPrincipal(facts.id()).text());
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

std::vector<std::string> RolesWithSecondFactor(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now) {
  std::vector<std::string> names;
  for (const BindingView& binding : facts.bindings()) {
    if (now < binding.expire_time && roles.NeedsSecondFactor(binding.role)) names.emplace_back(binding.role);
  }
  return names;
}

absl::optional<PermissionPattern> FindNotHeld(const PrincipalFacts& facts, const Scopes& scopes, const RoleGraph& roles,
                                              const std::vector<PermissionPattern>& patterns, const Resource& resource,
                                              const Instant& at) {
  absl::flat_hash_set<std::string> held;
  if (!facts.disabled()) {
    ForEachCovering(facts, resource, at.now, [&](const BindingView& binding) {
      for (const PermissionPattern& pattern : roles.Patterns(binding.role, at.mfa_age())) held.insert(pattern.text());
    });
  }
  for (const PermissionPattern& pattern : patterns) {
    if (!scopes.Covers(pattern) || !IsCovered(held, pattern.text())) return pattern;
  }
  return absl::nullopt;
}

bool IsSuperAdmin(const PrincipalFacts& facts, const RoleGraph& roles, absl::Time now, absl::Duration mfa_age) {
  bool is_one = false;
  ForEachCovering(facts, Resource(), now, [&](const BindingView& binding) {
    if (is_one) return;
    const std::vector<PermissionPattern> patterns = roles.Patterns(binding.role, mfa_age);
    is_one = std::find(patterns.begin(), patterns.end(), PermissionPattern::Everything()) != patterns.end();
  });
  return is_one;
}

}  // namespace identity
