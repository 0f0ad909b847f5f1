#include "server/app/admin/role_administration.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "server/app/change/guard.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr char kRolesWrite[] = "identity:roles:write";

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

// `anonymous` has the role, by itself or by inheritance.
absl::StatusOr<bool> IsOfAnonymous(Mutation& mutation, const RoleGraph& graph, absl::string_view role) {
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> anonymous, mutation.facts().Principal(AnonymousPrincipal()));
  if (!anonymous) return false;
  for (const BindingView& binding : anonymous->bindings()) {
    if (graph.Includes(binding.role, role)) return true;
  }
  return false;
}

// What all roles come to with `definition` put in the place of the one of its name; the caller must hold what that
// gives.
absl::Status RequireMayDefine(Mutation& mutation, const RoleDefinition& definition) {
  ASSIGN_OR_RETURN(std::vector<RoleDefinition> all, roles::AllDefinitions(mutation.transaction()));
  all.erase(
      std::remove_if(all.begin(), all.end(), [&](const RoleDefinition& role) { return role.name == definition.name; }),
      all.end());
  if (all.size() >= RoleGraph::kMaxRoles) return Error(ErrorReason::kLimitReached, "role: there are 10,000 roles");
  all.push_back(definition);
  ASSIGN_OR_RETURN(const RoleGraph graph, RoleGraph::Create(std::move(all)));
  const std::vector<PermissionPattern> patterns = graph.Patterns(definition.name);
  ASSIGN_OR_RETURN(const bool of_anonymous, IsOfAnonymous(mutation, graph, definition.name));
  if (of_anonymous) RETURN_IF_ERROR(guard::RequireFitForAnonymous(patterns));
  return guard::RequireMayGrant(mutation, patterns, Resource(), absl::InfiniteFuture());
}

// The role, when the caller may change it.
absl::StatusOr<roles::Role> RequireMayChange(Mutation& mutation, const std::string& name) {
  RETURN_IF_ERROR(guard::RequirePermission(mutation, kRolesWrite, Resource()));
  ASSIGN_OR_RETURN(absl::optional<roles::Role> role, roles::Find(mutation.transaction(), name));
  if (!role) return Error(ErrorReason::kNotFound, "name: no such role");
  if (role->built_in) return Error(ErrorReason::kBuiltIn, "name: the role comes with the service");
  ASSIGN_OR_RETURN(const std::vector<PermissionPattern> patterns, guard::PatternsOf(mutation, name));
  RETURN_IF_ERROR(guard::RequireMayGrant(mutation, patterns, Resource(), absl::InfiniteFuture()));
  ASSIGN_OR_RETURN(const bool super_admin, guard::CallerIsSuperAdmin(mutation));
  if (super_admin) return *std::move(role);
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> graph, mutation.facts().Roles());
  for (const BindingView& binding : mutation.caller().subject->principal.bindings()) {
    if (graph->Includes(binding.role, name)) {
      return Error(ErrorReason::kOwnRoles, "name: the caller holds the role itself");
    }
  }
  return *std::move(role);
}

absl::StatusOr<roles::Role> Reread(Mutation& mutation, const std::string& name) {
  ASSIGN_OR_RETURN(absl::optional<roles::Role> role, roles::Find(mutation.transaction(), name));
  // Only after a repeated request: the role may have been deleted since.
  if (!role) return Error(ErrorReason::kNotFound, "name: the role has been deleted since");
  return *std::move(role);
}

}  // namespace

absl::StatusOr<RoleAdministration::Changed> RoleAdministration::Create(const RequestContext& context,
                                                                       const Caller& caller,
                                                                       const RoleDefinition& definition,
                                                                       const std::string& description,
                                                                       const Idempotency& idempotency) {
  RETURN_IF_ERROR(CheckDefinition(definition, description));
  Changed changed;
  ASSIGN_OR_RETURN(changed.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, kRolesWrite, Resource()));
    ASSIGN_OR_RETURN(
        const Made made, MakeOnce(mutation, idempotency, [&]() -> absl::StatusOr<std::string> {
          RETURN_IF_ERROR(RequireMayDefine(mutation, definition));
          RETURN_IF_ERROR(roles::Insert(mutation.transaction(), definition, description));
          RETURN_IF_ERROR(mutation.ChangedRole(definition.name));
          RETURN_IF_ERROR(mutation.Audit({audit::EventType::kRoleCreated, absl::nullopt, definition.name}));
          return definition.name;
        }));
    ASSIGN_OR_RETURN(changed.role, Reread(mutation, made.object_id));
    return absl::OkStatus();
  }));
  return changed;
}

absl::StatusOr<RoleAdministration::Changed> RoleAdministration::Apply(const RequestContext& context,
                                                                      const Caller& caller, const Update& update) {
  Changed changed;
  ASSIGN_OR_RETURN(changed.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const roles::Role role, RequireMayChange(mutation, update.name));
    RoleDefinition definition = role.definition;
    if (update.permissions) definition.permissions = *update.permissions;
    if (update.inherits) definition.inherits = *update.inherits;
    if (update.mfa_max_age) definition.mfa_max_age = *update.mfa_max_age;
    const std::string description = update.description.value_or(role.description);
    RETURN_IF_ERROR(CheckDefinition(definition, description));
    RETURN_IF_ERROR(RequireMayDefine(mutation, definition));
    RETURN_IF_ERROR(roles::Update(mutation.transaction(), definition, description));
    RETURN_IF_ERROR(mutation.ChangedRole(update.name));
    RETURN_IF_ERROR(mutation.Audit({audit::EventType::kRoleUpdated, absl::nullopt, update.name}));
    ASSIGN_OR_RETURN(changed.role, Reread(mutation, update.name));
    return absl::OkStatus();
  }));
  return changed;
}

absl::StatusOr<ConsistencyToken> RoleAdministration::Delete(const RequestContext& context, const Caller& caller,
                                                            const std::string& name) {
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(RequireMayChange(mutation, name).status());
    RETURN_IF_ERROR(roles::Delete(mutation.transaction(), name));
    RETURN_IF_ERROR(mutation.ChangedRole(name));
    return mutation.Audit({audit::EventType::kRoleDeleted, absl::nullopt, name});
  });
}

absl::StatusOr<roles::Role> RoleAdministration::Get(const RequestContext& context, const std::string& name) {
  absl::optional<roles::Role> role;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(role, roles::Find(transaction, name));
    return absl::OkStatus();
  }));
  if (!role) return Error(ErrorReason::kNotFound, "name: no such role");
  return *std::move(role);
}

absl::StatusOr<RoleAdministration::RolePage> RoleAdministration::List(const RequestContext& context,
                                                                      const PageRequest& page) {
  ASSIGN_OR_RETURN(const std::string after, page_tokens_.Open("ListRoles", page.token));
  RolePage result;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(result.roles, roles::List(transaction, after, page.limit() + 1));
    return absl::OkStatus();
  }));
  if (static_cast<int64_t>(result.roles.size()) <= page.limit()) return result;
  result.roles.pop_back();
  result.next_page_token = page_tokens_.Seal("ListRoles", result.roles.back().definition.name);
  return result;
}

}  // namespace identity
