#include "server/app/admin/binding_administration.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr char kBindingsWrite[] = "identity:bindings:write";

absl::Status RequireMayBind(Mutation& mutation, const PrincipalId& principal, const Binding& binding) {
  RETURN_IF_ERROR(guard::RequirePermission(mutation, kBindingsWrite, binding.resource));
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

absl::StatusOr<std::string> Bind(Mutation& mutation, const PrincipalId& principal, const Binding& binding) {
  ASSIGN_OR_RETURN(const change_log::Moment now, mutation.facts().Now());
  if (binding.expire_time <= now.time) return InvalidField("binding.expire_time", "has passed");
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> target, mutation.facts().Principal(principal));
  if (target && target->bindings().size() >= PrincipalFacts::kMaxBindings) {
    return Error(ErrorReason::kLimitReached,
                 "binding.principal_id: has 1,000 bindings; bind it higher up, or use a role");
  }
  ASSIGN_OR_RETURN(const BindingId id, bindings::Insert(mutation.transaction(), principal, binding));
  RETURN_IF_ERROR(mutation.Changed(principal));
  RETURN_IF_ERROR(mutation.Audit(
      {audit::EventType::kBindingCreated, principal, id.ToString(),
       absl::StrCat(binding.role, " on ", binding.resource.is_everywhere() ? "everything" : binding.resource.text())}));
  return id.ToString();
}

// The binding, when the caller may delete it. To others an unknown one and another's look alike.
absl::StatusOr<bindings::StoredBinding> RequireMayUnbind(StoredFacts& facts, const Caller& caller,
                                                         const BindingId& id) {
  ASSIGN_OR_RETURN(absl::optional<bindings::StoredBinding> binding, bindings::Find(facts.transaction(), id));
  RETURN_IF_ERROR(RequirePermissionOnFound(facts, caller.subject, LiteralPermission(kBindingsWrite),
                                           binding ? binding->binding.resource : Resource()));
  if (!binding) return Error(ErrorReason::kNotFound, "binding_id: no such binding");
  return *std::move(binding);
}

}  // namespace

absl::StatusOr<BindingAdministration::Created> BindingAdministration::Create(const RequestContext& context,
                                                                             const Caller& caller,
                                                                             const PrincipalId& principal,
                                                                             const Binding& binding,
                                                                             const Idempotency& idempotency) {
  Created created;
  ASSIGN_OR_RETURN(created.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(RequireMayBind(mutation, principal, binding));
    ASSIGN_OR_RETURN(const Made made,
                     MakeOnce(mutation, idempotency, [&] { return Bind(mutation, principal, binding); }));
    ASSIGN_OR_RETURN(auto stored, bindings::Find(mutation.transaction(), *BindingId::Parse(made.object_id)));
    if (!stored) return Error(ErrorReason::kNotFound, "binding: has been deleted since");
    created.binding = *std::move(stored);
    return absl::OkStatus();
  }));
  return created;
}

absl::StatusOr<ConsistencyToken> BindingAdministration::Delete(const RequestContext& context, const Caller& caller,
                                                               const BindingId& id) {
  // Looked at before the revision is locked, so that nobody can hold up the writers without a right to write.
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) {
    StoredFacts facts(transaction);
    return RequireMayUnbind(facts, caller, id).status();
  }));
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const bindings::StoredBinding found, RequireMayUnbind(mutation.facts(), mutation.caller(), id));
    RETURN_IF_ERROR(guard::RequireNotSelf(mutation, found.principal_id));
    ASSIGN_OR_RETURN(const auto target, mutation.facts().Principal(found.principal_id));
    if (target) RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *target));
    RETURN_IF_ERROR(bindings::Delete(mutation.transaction(), id));
    RETURN_IF_ERROR(mutation.Changed(found.principal_id));
    return mutation.Audit({audit::EventType::kBindingDeleted, found.principal_id, id.ToString(), found.binding.role});
  });
}

absl::StatusOr<BindingAdministration::BindingPage> BindingAdministration::List(const RequestContext& context,
                                                                               const bindings::Filter& filter,
                                                                               const PageRequest& page) {
  const std::string list = absl::StrCat("ListBindings\n", filter.principal_id ? filter.principal_id->ToString() : "",
                                        "\n", filter.role, "\n", filter.resource.text());
  ASSIGN_OR_RETURN(const std::string cursor, page_tokens_.Open(list, page.token));
  const BindingId after = BindingId::Parse(cursor).value_or(BindingId());
  BindingPage result;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(result.bindings, bindings::List(transaction, filter, after, page.limit() + 1));
    return absl::OkStatus();
  }));
  if (static_cast<int64_t>(result.bindings.size()) <= page.limit()) return result;
  result.bindings.pop_back();
  result.next_page_token = page_tokens_.Seal(list, result.bindings.back().binding.id.ToString());
  return result;
}

absl::StatusOr<BindingAdministration::Effective> BindingAdministration::ListEffective(const RequestContext& context,
                                                                                      const PrincipalId& principal,
                                                                                      const Resource& resource) {
  Effective effective;
  RETURN_IF_ERROR(view_.Read(context, {absl::nullopt, true}, [&](Facts& facts) -> absl::Status {
    ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> found, facts.Principal(principal));
    if (!found) return Error(ErrorReason::kNotFound, "principal_id: no such principal");
    ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> roles, facts.Roles());
    ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
    effective = {HeldOn(*found, *roles, resource, now.time), now.token};
    return absl::OkStatus();
  }));
  std::stable_sort(effective.patterns.begin(), effective.patterns.end(),
                   [](const HeldPattern& a, const HeldPattern& b) { return a.grant.pattern < b.grant.pattern; });
  return effective;
}

}  // namespace identity
