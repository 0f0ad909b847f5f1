#include "server/app/login/mapped_roles.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/stores/external/identity_providers.h"
#include "db/stores/external/workloads.h"
#include "db/stores/principals.h"
#include "server/app/access/audit.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// Bindings are renewed at most this often, so that most logins change nothing.
constexpr absl::Duration kRenewal = absl::Hours(24);

bool IsFor(const bindings::StoredBinding& stored, const RoleMapping& mapping) {
  return stored.binding.role == mapping.role && stored.binding.resource == mapping.resource;
}

// Whether the binding still has most of its time.
bool IsFresh(const bindings::StoredBinding& stored, const MappedRoles& roles, absl::Time now) {
  return stored.binding.expire_time > now + roles.lifetime - std::min(kRenewal, roles.lifetime / 2);
}

// The wanted roles that may be given: those that the provider's row still maps, that exist, and that have no permission
// of the service. None of a provider that was disabled or deleted since the token was verified.
absl::StatusOr<std::vector<RoleMapping>> Allowed(StoredFacts& facts, const MappedRoles& roles) {
  ASSIGN_OR_RETURN(const auto provider, identity_providers::FindByIssuer(facts.transaction(), roles.key.issuer));
  if (!provider || provider->disabled) return std::vector<RoleMapping>();
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> graph, facts.Roles());
  const std::vector<RoleMapping>& mapped = provider->role_mappings;
  std::vector<RoleMapping> allowed;
  for (const RoleMapping& mapping : roles.wanted) {
    if (std::find(mapped.begin(), mapped.end(), mapping) == mapped.end()) continue;
    if (graph->Contains(mapping.role) && guard::FitsClaims(graph->Patterns(mapping.role))) allowed.push_back(mapping);
  }
  return allowed;
}

struct Difference {
  std::vector<bindings::StoredBinding> stale;  // to be deleted
  std::vector<bindings::StoredBinding> old;    // to be renewed
  std::vector<RoleMapping> missing;            // to be made, after the deletion
  bool any() const { return !stale.empty() || !old.empty() || !missing.empty(); }
};

absl::StatusOr<Difference> Compare(StoredFacts& facts, const MappedRoles& roles, const PrincipalId& id) {
  ASSIGN_OR_RETURN(const std::vector<RoleMapping> allowed, Allowed(facts, roles));
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  ASSIGN_OR_RETURN(const std::vector<bindings::StoredBinding> present,
                   bindings::OfOrigin(facts.transaction(), id, roles.key.issuer));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> principal, facts.Principal(id));
  if (!principal) return Difference();
  Difference difference;
  const std::vector<Binding> all = principal->CopyBindings();
  for (const RoleMapping& mapping : allowed) {
    const auto found =
        std::find_if(present.begin(), present.end(), [&](const auto& stored) { return IsFor(stored, mapping); });
    if (found != present.end()) {
      if (!IsFresh(*found, roles, now.time)) difference.old.push_back(*found);
      continue;
    }
    // Another binding gives the same role, for example one of an administrator: that stands.
    const bool given = std::any_of(all.begin(), all.end(), [&](const Binding& binding) {
      return binding.role == mapping.role && binding.resource == mapping.resource && binding.expire_time > now.time;
    });
    if (!given) difference.missing.push_back(mapping);
  }
  for (const bindings::StoredBinding& stored : present) {
    const bool stays =
        std::any_of(allowed.begin(), allowed.end(), [&](const RoleMapping& mapping) { return IsFor(stored, mapping); });
    if (!stays) difference.stale.push_back(stored);
  }
  // A principal holds only so many bindings.
  const size_t room = PrincipalFacts::kMaxBindings - std::min(PrincipalFacts::kMaxBindings, all.size());
  const size_t possible = std::min(difference.missing.size(), room + difference.stale.size());
  difference.missing.resize(possible);
  return difference;
}

// The principal that gets the roles. nullopt: the person is not linked, may not log in now, or a newer token has been
// seen.
absl::StatusOr<absl::optional<PrincipalId>> HolderOf(Transaction& transaction, const MappedRoles& roles) {
  ASSIGN_OR_RETURN(const bool revoked, workloads::IsRevoked(transaction, {roles.key.issuer, roles.key.subject}));
  if (revoked) return absl::optional<PrincipalId>();
  ASSIGN_OR_RETURN(const auto link, external_identities::Find(transaction, roles.key));
  if (!link || link->removed || roles.claims_time < link->claims_time) return absl::optional<PrincipalId>();
  ASSIGN_OR_RETURN(const auto user, principals::FindUser(transaction, link->principal_id));
  const bool may_log_in = user && !user->disabled && !user->locked_until;
  return may_log_in ? absl::make_optional(link->principal_id) : absl::nullopt;
}

std::string TextOfBinding(const std::string& role, const Resource& resource) {
  return resource.is_everywhere() ? role : absl::StrCat(role, " on ", resource.text());
}

}  // namespace

absl::StatusOr<bool> AreDue(Transaction& transaction, const MappedRoles& roles) {
  ASSIGN_OR_RETURN(const absl::optional<PrincipalId> holder, HolderOf(transaction, roles));
  if (!holder) return false;
  StoredFacts facts(transaction);
  ASSIGN_OR_RETURN(const Difference difference, Compare(facts, roles, *holder));
  return difference.any();
}

absl::Status Apply(Mutation& mutation, const MappedRoles& roles) {
  Transaction& transaction = mutation.transaction();
  ASSIGN_OR_RETURN(const absl::optional<PrincipalId> holder, HolderOf(transaction, roles));
  Difference difference;
  if (holder) {
    ASSIGN_OR_RETURN(difference, Compare(mutation.facts(), roles, *holder));
  }
  if (!difference.any()) {
    mutation.Discard();
    return absl::OkStatus();
  }
  std::vector<std::string> texts;
  std::vector<std::string> ended;
  for (const bindings::StoredBinding& stored : difference.stale) {
    RETURN_IF_ERROR(bindings::Delete(transaction, stored.binding.id));
    ended.push_back(TextOfBinding(stored.binding.role, stored.binding.resource));
  }
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  // They are as old as before: for a second factor it counts whether a role is older than the session.
  for (const bindings::StoredBinding& stored : difference.old) {
    RETURN_IF_ERROR(bindings::Renew(transaction, stored, now.time + roles.lifetime));
    texts.push_back(TextOfBinding(stored.binding.role, stored.binding.resource));
  }
  for (const RoleMapping& mapping : difference.missing) {
    const Binding binding = {BindingId(), mapping.role, mapping.resource, now.time + roles.lifetime};
    RETURN_IF_ERROR(bindings::Insert(transaction, *holder, binding, roles.key.issuer).status());
    texts.push_back(TextOfBinding(mapping.role, mapping.resource));
  }
  RETURN_IF_ERROR(external_identities::SetClaimsTime(transaction, roles.key, roles.claims_time));
  mutation.Changed(*holder);
  std::string details = absl::StrCat(roles.key.issuer, ": ", texts.empty() ? "none" : absl::StrJoin(texts, ", "));
  if (!ended.empty()) absl::StrAppend(&details, "; ended: ", absl::StrJoin(ended, ", "));
  mutation.Audit({audit::EventType::kRolesMapped, *holder, roles.key.subject, details});
  return absl::OkStatus();
}

absl::Status EndMappedRoles(Mutation& mutation, const bindings::Mapped& which) {
  ASSIGN_OR_RETURN(const std::vector<PrincipalId> ids, bindings::DeleteMapped(mutation.transaction(), which));
  mutation.Changed(ids);
  return absl::OkStatus();
}

}  // namespace identity
