#include "server/app/admin/bindings.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/app/access/own_permissions.h"
#include "server/app/access/require_permission.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

// How many bindings of one origin a principal may have. Otherwise the administrators of one organisation could use up
// all bindings of a stranger.
constexpr int64_t kMaxOfOrigin = 100;

// The origin of a binding that the caller makes on `resource`. "" when the caller may write bindings everywhere.
absl::StatusOr<std::string> OriginOf(Mutation& mutation, const Resource& resource) {
  static const Permission permission = LiteralPermission(own_permissions::kBindingsWrite);
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, mutation.facts().Roles());
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  absl::optional<Binding> right;  // the one on the shortest resource
  for (const HeldPattern& held : HeldOn(mutation.caller().subject->principal, *roles, resource, now.time)) {
    const bool shorter = !right || held.binding.resource.text().size() < right->resource.text().size();
    if (held.grant.pattern.Matches(permission) && shorter) right = held.binding;
  }
  if (!right || right->resource.is_everywhere()) return std::string();
  ASSIGN_OR_RETURN(const auto stored, bindings::Find(mutation.transaction(), right->id));
  return stored && !stored->origin.empty() ? stored->origin : right->resource.text();
}

absl::Status RequireRoom(Mutation& mutation, const PrincipalFacts& target, absl::string_view origin) {
  if (target.bindings().size() >= PrincipalFacts::kMaxBindings) {
    return Error(ErrorReason::kLimitReached,
                 "binding.principal_id: has 1,000 bindings; bind it to a parent resource, or use a role");
  }
  if (origin.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t made, bindings::CountOfOrigin(mutation.transaction(), target.id(), origin));
  if (made < kMaxOfOrigin) return absl::OkStatus();
  return Error(ErrorReason::kLimitReached,
               absl::StrCat("binding.principal_id: has ", kMaxOfOrigin, " bindings by the administrators of ", origin,
                            "; bind it to a parent resource, or use a role"));
}

absl::Status RequireMayBind(Mutation& mutation, const PrincipalId& principal, const Binding& binding) {
  RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kBindingsWrite, binding.resource));
  RETURN_IF_ERROR(guard::RequireNotSelf(mutation, principal));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> target, mutation.facts().Principal(principal));
  if (!target) return Error(ErrorReason::kNotFound, "binding.principal_id: no such principal");
  RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *target));
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, mutation.facts().Roles());
  if (!roles->Contains(binding.role)) return Error(ErrorReason::kNotFound, "binding.role: no such role");
  ASSIGN_OR_RETURN(const std::vector<PermissionPattern> patterns, guard::PatternsOf(mutation, binding.role));
  if (target->type() == PrincipalType::kAnonymous) RETURN_IF_ERROR(guard::RequireFitForAnonymous(patterns));
  return guard::RequireMayGrant(mutation, patterns, binding.resource, binding.expire_time);
}

// For the audit, such as "editor on orgs/acme".
std::string DetailsOfBinding(const Binding& binding) {
  std::string what =
      absl::StrCat(binding.role, " on ", binding.resource.is_everywhere() ? "everything" : binding.resource.text());
  if (binding.expire_time == absl::InfiniteFuture()) return what;
  return absl::StrCat(what, " until ", absl::FormatTime(absl::RFC3339_sec, binding.expire_time, absl::UTCTimeZone()));
}

absl::StatusOr<bindings::StoredBinding> Bind(Mutation& mutation, const PrincipalId& principal, const Binding& binding) {
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  if (binding.expire_time <= now.time) return InvalidField("binding.expire_time", "has passed");
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> target, mutation.facts().Principal(principal));
  ASSIGN_OR_RETURN(const std::string origin, OriginOf(mutation, binding.resource));
  if (target) RETURN_IF_ERROR(RequireRoom(mutation, *target, origin));
  ASSIGN_OR_RETURN(bindings::StoredBinding stored,
                   bindings::Insert(mutation.transaction(), principal, binding, origin));
  const std::string id = stored.binding.id.ToString();
  mutation.Changed(principal);
  mutation.Audit({audit::EventType::kBindingCreated, principal, id, DetailsOfBinding(binding)});
  return stored;
}

// Returns the binding if the caller may delete it. Other callers get the same error for an unknown binding and for one
// that they may not delete.
absl::StatusOr<bindings::StoredBinding> RequireMayUnbind(StoredFacts& facts, const Caller& caller,
                                                         const BindingId& id) {
  ASSIGN_OR_RETURN(absl::optional<bindings::StoredBinding> binding, bindings::Find(facts.transaction(), id));
  RETURN_IF_ERROR(RequirePermissionOnFound(facts, caller.subject, LiteralPermission(own_permissions::kBindingsWrite),
                                           binding ? binding->binding.resource : Resource()));
  if (!binding) return Error(ErrorReason::kNotFound, "binding_id: no such binding");
  return *std::move(binding);
}

// For good, as principals::HasOtherSuperAdmin counts.
bool MakesASuperAdmin(const Binding& binding) {
  return binding.role == "super_admin" && binding.resource.is_everywhere() &&
         binding.expire_time == absl::InfiniteFuture();
}

absl::StatusOr<bindings::StoredBinding> RereadBinding(Mutation& mutation, const std::string& id) {
  ASSIGN_OR_RETURN(auto stored, bindings::Find(mutation.transaction(), *BindingId::Parse(id)));
  if (!stored) return Error(ErrorReason::kNotFound, "binding: was deleted after the first request");
  return *std::move(stored);
}

}  // namespace

absl::StatusOr<Bindings::Created> Bindings::Create(const RequestContext& context, const Caller& caller,
                                                   const PrincipalId& principal, const Binding& binding,
                                                   const Idempotency& idempotency) {
  const auto create = [&](Mutation& mutation) -> absl::StatusOr<bindings::StoredBinding> {
    RETURN_IF_ERROR(RequireMayBind(mutation, principal, binding));
    absl::optional<bindings::StoredBinding> fresh;
    const auto make = [&]() -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(fresh, Bind(mutation, principal, binding));
      return fresh->binding.id.ToString();
    };
    ASSIGN_OR_RETURN(const Made made, MakeOnce(mutation, idempotency, make));
    if (fresh) return *std::move(fresh);
    return RereadBinding(mutation, made.object_id);
  };
  ASSIGN_OR_RETURN(auto created, mutations_.Run(context, caller, create));
  return Created{std::move(created.value), created.token};
}

absl::StatusOr<ConsistencyToken> Bindings::Delete(const RequestContext& context, const Caller& caller,
                                                  const BindingId& id) {
  // Checked once before the mutation takes the revision, so that callers without the right cannot delay other writers.
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) {
    StoredFacts facts(transaction);
    return RequireMayUnbind(facts, caller, id).status();
  }));
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const bindings::StoredBinding found, RequireMayUnbind(mutation.facts(), mutation.caller(), id));
    RETURN_IF_ERROR(guard::RequireNotSelf(mutation, found.principal_id));
    ASSIGN_OR_RETURN(const auto target, mutation.facts().Principal(found.principal_id));
    if (target) {
      RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *target));
      if (MakesASuperAdmin(found.binding)) RETURN_IF_ERROR(guard::RequireNotLastSuperAdmin(mutation, *target));
    }
    RETURN_IF_ERROR(bindings::Delete(mutation.transaction(), id));
    mutation.Changed(found.principal_id);
    mutation.Audit(
        {audit::EventType::kBindingDeleted, found.principal_id, id.ToString(), DetailsOfBinding(found.binding)});
    return absl::OkStatus();
  });
}

absl::StatusOr<Page<bindings::StoredBinding>> Bindings::List(const RequestContext& context,
                                                             const bindings::Filter& filter, const PageRequest& page) {
  const std::string list = absl::StrCat("ListBindings\n", filter.principal_id ? filter.principal_id->ToString() : "",
                                        "\n", filter.role, "\n", filter.resource.text());
  const auto read = [&](const std::string& cursor) {
    const BindingId after = BindingId::Parse(cursor).value_or(BindingId());
    return database_.Read(context, [&](Transaction& transaction) {
      return bindings::List(transaction, filter, after, page.read_limit());
    });
  };
  return page_tokens_.ReadPage(list, page, read,
                               [](const bindings::StoredBinding& binding) { return binding.binding.id.ToString(); });
}

absl::StatusOr<Bindings::Effective> Bindings::ListEffective(const RequestContext& context, const PrincipalId& principal,
                                                            const Resource& resource) {
  const auto read = [&](Facts& facts) -> absl::StatusOr<Effective> {
    ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> found, facts.Principal(principal));
    if (!found) return Error(ErrorReason::kNotFound, "principal_id: no such principal");
    ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
    ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
    return Effective{HeldOn(*found, *roles, resource, now.time), now.token};
  };
  ASSIGN_OR_RETURN(Effective effective, view_.Read(context, {absl::nullopt, true}, read));
  std::stable_sort(effective.patterns.begin(), effective.patterns.end(),
                   [](const HeldPattern& a, const HeldPattern& b) { return a.grant.pattern < b.grant.pattern; });
  return effective;
}

}  // namespace identity
