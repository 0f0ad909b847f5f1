#include "server/app/admin/roles.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "db/stores/external/identity_providers.h"
#include "server/app/access/own_permissions.h"
#include "server/app/admin/role_change.h"
#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

absl::Status CheckDefinition(const RoleDefinition& definition, absl::string_view description) {
  RETURN_IF_ERROR(InField("role", CheckRoleName(definition.name)));
  RETURN_IF_ERROR(CheckLabel("role.description", description, kMaxDescriptionBytes));
  if (definition.permissions.size() > RoleDefinition::kMaxPermissions)
    return InvalidField("role.permissions", "are more than 1,000");
  if (definition.inherits.size() > RoleDefinition::kMaxInherits)
    return InvalidField("role.inherits", "are more than 100");
  const absl::Duration age = definition.mfa_max_age;
  const bool whole = age == absl::Trunc(age, absl::Seconds(1)) && age > absl::ZeroDuration();
  if (age != absl::InfiniteDuration() && (!whole || age > RoleDefinition::kLongestMfaMaxAge)) {
    return InvalidField("role.mfa_max_age", "is not a whole number of seconds from 1 second to 30 days");
  }
  return absl::OkStatus();
}

// Whether `anonymous` has the role, directly or by inheritance.
absl::StatusOr<bool> IsOfAnonymous(Mutation& mutation, const RoleGraph& graph, absl::string_view role) {
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> anonymous, mutation.facts().Principal(AnonymousPrincipal()));
  if (!anonymous) return false;
  for (const BindingView& binding : anonymous->bindings()) {
    if (graph.Includes(binding.role, role)) return true;
  }
  return false;
}

// Whether claims of an identity provider give the role, directly or by inheritance.
absl::StatusOr<bool> IsOfClaims(Mutation& mutation, const RoleGraph& graph, absl::string_view role) {
  ASSIGN_OR_RETURN(const std::vector<std::string> mapped, identity_providers::MappedRoles(mutation.transaction()));
  return std::any_of(mapped.begin(), mapped.end(),
                     [&](const std::string& name) { return name == role || graph.Includes(name, role); });
}

// The role graph that results if `definition` replaces the role of its name.
absl::StatusOr<RoleGraph> GraphWith(Mutation& mutation, const RoleDefinition& definition) {
  ASSIGN_OR_RETURN(std::vector<RoleDefinition> all, roles::AllDefinitions(mutation.transaction()));
  all.erase(
      std::remove_if(all.begin(), all.end(), [&](const RoleDefinition& role) { return role.name == definition.name; }),
      all.end());
  if (all.size() >= RoleGraph::kMaxRoles) return Error(ErrorReason::kLimitReached, "role: there are 10,000 roles");
  all.push_back(definition);
  return RoleGraph::Create(std::move(all));
}

// The caller must hold the permissions that the role would grant.
absl::Status RequireMayDefine(Mutation& mutation, const RoleDefinition& definition) {
  ASSIGN_OR_RETURN(const RoleGraph graph, GraphWith(mutation, definition));
  const std::vector<PermissionPattern> patterns = graph.Patterns(definition.name);
  ASSIGN_OR_RETURN(const bool of_anonymous, IsOfAnonymous(mutation, graph, definition.name));
  if (of_anonymous) RETURN_IF_ERROR(guard::RequireFitForAnonymous(patterns));
  ASSIGN_OR_RETURN(const bool of_claims, IsOfClaims(mutation, graph, definition.name));
  if (of_claims) RETURN_IF_ERROR(guard::RequireFitForClaims(patterns));
  return guard::RequireMayGrant(mutation, patterns, Resource(), absl::InfiniteFuture());
}

// Whether the update only says when a second factor is needed, of a built-in role for which that may be said.
bool OnlyGuards(const Roles::Update& update) {
  const bool administers = update.name == "super_admin" || update.name == "admin";
  return administers && update.mfa_max_age && !update.permissions && !update.inherits && !update.description;
}

// Returns the role if the caller may change it. `guards`: the change is one of OnlyGuards.
absl::StatusOr<roles::Role> RequireMayChange(Mutation& mutation, const std::string& name, bool guards) {
  RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kRolesWrite, Resource()));
  ASSIGN_OR_RETURN(absl::optional<roles::Role> role, roles::Find(mutation.transaction(), name));
  if (!role) return Error(ErrorReason::kNotFound, "name: no such role");
  if (role->built_in && !guards) return Error(ErrorReason::kBuiltIn, "name: is a built-in role");
  ASSIGN_OR_RETURN(const std::vector<PermissionPattern> patterns, guard::PatternsOf(mutation, name));
  RETURN_IF_ERROR(guard::RequireMayGrant(mutation, patterns, Resource(), absl::InfiniteFuture()));
  ASSIGN_OR_RETURN(const bool super_admin, guard::CallerIsSuperAdmin(mutation));
  if (super_admin) return *std::move(role);
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> graph, mutation.facts().Roles());
  for (const BindingView& binding : mutation.caller().subject->principal.bindings()) {
    if (graph->Includes(binding.role, name)) {
      return Error(ErrorReason::kOwnRoles, "name: is a role of the caller");
    }
  }
  return *std::move(role);
}

absl::StatusOr<roles::Role> RereadRole(Mutation& mutation, const std::string& name) {
  ASSIGN_OR_RETURN(absl::optional<roles::Role> role, roles::Find(mutation.transaction(), name));
  // Happens only after a repeated request.
  if (!role) return Error(ErrorReason::kNotFound, "name: the role was deleted after the first request");
  return *std::move(role);
}

// Returns the new role's name.
absl::StatusOr<std::string> InsertRole(Mutation& mutation, const RoleDefinition& definition,
                                       const std::string& description) {
  RETURN_IF_ERROR(RequireMayDefine(mutation, definition));
  RETURN_IF_ERROR(roles::Insert(mutation.transaction(), definition, description));
  mutation.ChangedRole(definition.name);
  mutation.Audit({audit::EventType::kRoleCreated, absl::nullopt, definition.name,
                  DescribeRoleChange(RoleDefinition(), definition)});
  return definition.name;
}

RoleDefinition Merge(RoleDefinition definition, const Roles::Update& update) {
  if (update.permissions) definition.permissions = *update.permissions;
  if (update.inherits) definition.inherits = *update.inherits;
  if (update.mfa_max_age) definition.mfa_max_age = *update.mfa_max_age;
  return definition;
}

}  // namespace

absl::StatusOr<Roles::Changed> Roles::Create(const RequestContext& context, const Caller& caller,
                                             const RoleDefinition& definition, const std::string& description,
                                             const Idempotency& idempotency) {
  RETURN_IF_ERROR(CheckDefinition(definition, description));
  const auto create = [&](Mutation& mutation) -> absl::StatusOr<roles::Role> {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kRolesWrite, Resource()));
    ASSIGN_OR_RETURN(const Made made,
                     MakeOnce(mutation, idempotency, [&] { return InsertRole(mutation, definition, description); }));
    return RereadRole(mutation, made.object_id);
  };
  ASSIGN_OR_RETURN(auto created, mutations_.Run(context, caller, create));
  return Changed{std::move(created.value), created.token};
}

absl::StatusOr<Roles::Changed> Roles::Apply(const RequestContext& context, const Caller& caller, const Update& update) {
  const auto apply = [&](Mutation& mutation) -> absl::StatusOr<roles::Role> {
    ASSIGN_OR_RETURN(const roles::Role role, RequireMayChange(mutation, update.name, OnlyGuards(update)));
    const RoleDefinition definition = Merge(role.definition, update);
    const std::string description = update.description.value_or(role.description);
    RETURN_IF_ERROR(CheckDefinition(definition, description));
    RETURN_IF_ERROR(RequireMayDefine(mutation, definition));
    RETURN_IF_ERROR(roles::Update(mutation.transaction(), definition, description));
    mutation.ChangedRole(update.name);
    mutation.Audit(
        {audit::EventType::kRoleUpdated, absl::nullopt, update.name, DescribeRoleChange(role.definition, definition)});
    return RereadRole(mutation, update.name);
  };
  ASSIGN_OR_RETURN(auto updated, mutations_.Run(context, caller, apply));
  return Changed{std::move(updated.value), updated.token};
}

absl::StatusOr<ConsistencyToken> Roles::Delete(const RequestContext& context, const Caller& caller,
                                               const std::string& name) {
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const roles::Role role, RequireMayChange(mutation, name, false));
    ASSIGN_OR_RETURN(const std::vector<std::string> mapped, identity_providers::MappedRoles(mutation.transaction()));
    if (std::find(mapped.begin(), mapped.end(), name) != mapped.end()) {
      return Error(ErrorReason::kRoleInUse, "name: an identity provider maps claims to the role");
    }
    RETURN_IF_ERROR(roles::Delete(mutation.transaction(), name));
    mutation.ChangedRole(name);
    mutation.Audit(
        {audit::EventType::kRoleDeleted, absl::nullopt, name, DescribeRoleChange(role.definition, RoleDefinition())});
    return absl::OkStatus();
  });
}

absl::StatusOr<roles::Role> Roles::Get(const RequestContext& context, const std::string& name) {
  ASSIGN_OR_RETURN(auto role,
                   database_.Read(context, [&](Transaction& transaction) { return roles::Find(transaction, name); }));
  if (!role) return Error(ErrorReason::kNotFound, "name: no such role");
  return *std::move(role);
}

absl::StatusOr<Page<roles::Role>> Roles::List(const RequestContext& context, const PageRequest& page) {
  constexpr absl::string_view kList = "ListRoles";
  const auto read = [&](const std::string& after) {
    return database_.Read(context,
                          [&](Transaction& transaction) { return roles::List(transaction, after, page.read_limit()); });
  };
  return page_tokens_.ReadPage(kList, page, read, [](const roles::Role& role) { return role.definition.name; });
}

}  // namespace identity
