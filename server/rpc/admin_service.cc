#include "server/rpc/admin_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/convert.h"

namespace identity {
namespace {

CallTarget About(Resource resource) {
  CallTarget target;
  target.resource = std::move(resource);
  return target;
}

absl::StatusOr<std::vector<PermissionPattern>> ReadPatterns(
    const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<PermissionPattern> patterns;
  for (int i = 0; i < texts.size(); ++i) {
    auto pattern = PermissionPattern::Parse(texts[i]);
    if (!pattern.ok()) {
      return InvalidField(absl::StrCat("role.permissions[", i, "]"), FieldViolationsOf(pattern.status()).front().rule);
    }
    patterns.push_back(*std::move(pattern));
  }
  return patterns;
}

absl::Duration ReadMfaMaxAge(const v1::Role& role) {
  return role.has_mfa_max_age() ? FromProto(role.mfa_max_age()) : absl::InfiniteDuration();
}

// Of the paths of `update_mask`, or of the fields that are there when it is empty.
absl::StatusOr<Roles::Update> ReadUpdate(const v1::UpdateRoleRequest& request) {
  const v1::Role& role = request.role();
  std::vector<std::string> paths(request.update_mask().paths().begin(), request.update_mask().paths().end());
  if (paths.empty()) {
    if (!role.description().empty()) paths.push_back("description");
    if (role.permissions_size() > 0) paths.push_back("permissions");
    if (role.inherits_size() > 0) paths.push_back("inherits");
    if (role.has_mfa_max_age()) paths.push_back("mfa_max_age");
  }
  Roles::Update update;
  update.name = role.name();
  for (const std::string& path : paths) {
    if (path == "description") {
      update.description = role.description();
    } else if (path == "permissions") {
      ASSIGN_OR_RETURN(update.permissions, ReadPatterns(role.permissions()));
    } else if (path == "inherits") {
      update.inherits = std::vector<std::string>(role.inherits().begin(), role.inherits().end());
    } else if (path == "mfa_max_age") {
      update.mfa_max_age = ReadMfaMaxAge(role);
    } else {
      return InvalidField("update_mask", "may name description, permissions, inherits and mfa_max_age");
    }
  }
  return update;
}

// In the same way.
absl::StatusOr<Users::Update> ReadUpdate(const v1::UpdateUserRequest& request) {
  const v1::User& user = request.user();
  std::vector<std::string> paths(request.update_mask().paths().begin(), request.update_mask().paths().end());
  if (paths.empty()) {
    if (!user.full_name().empty()) paths.push_back("full_name");
    if (!user.email().empty()) paths.push_back("email");
  }
  Users::Update update;
  ASSIGN_OR_RETURN(update.id, ReadId<PrincipalId>("user.id", user.id()));
  for (const std::string& path : paths) {
    if (path == "full_name") {
      update.full_name = user.full_name();
    } else if (path == "email") {
      update.email = user.email();
      update.email_verified = user.email_verified();
    } else {
      return InvalidField("update_mask", "may name full_name and email");
    }
  }
  return update;
}

absl::StatusOr<Binding> ReadBinding(const v1::Binding& proto) {
  Binding binding;
  binding.role = proto.role();
  auto resource = Resource::Parse(proto.resource());
  if (!resource.ok()) return InField("binding", resource.status());
  binding.resource = *std::move(resource);
  if (proto.has_expire_time()) {
    ASSIGN_OR_RETURN(binding.expire_time, FromProto("binding.expire_time", proto.expire_time()));
  }
  return binding;
}

absl::StatusOr<bindings::Filter> ReadFilter(const v1::ListBindingsRequest& request) {
  bindings::Filter filter;
  if (!request.principal_id().empty()) {
    ASSIGN_OR_RETURN(filter.principal_id, ReadPrincipalId("principal_id", request.principal_id()));
  }
  filter.role = request.role();
  ASSIGN_OR_RETURN(filter.resource, Resource::Parse(request.resource()));
  return filter;
}

absl::StatusOr<AuditLog::Query> ReadQuery(const v1::ListAuditEventsRequest& request) {
  AuditLog::Query query;
  if (!request.subject_id().empty()) {
    ASSIGN_OR_RETURN(query.subject_id, ReadPrincipalId("subject_id", request.subject_id()));
  }
  if (!request.actor_id().empty()) {
    ASSIGN_OR_RETURN(query.actor_id, ReadId<PrincipalId>("actor_id", request.actor_id()));
  }
  query.event = request.event();
  query.outcome = request.outcome();
  if (request.has_start_time()) {
    ASSIGN_OR_RETURN(query.start_time, FromProto("start_time", request.start_time()));
  }
  if (request.has_end_time()) {
    ASSIGN_OR_RETURN(query.end_time, FromProto("end_time", request.end_time()));
  }
  return query;
}

void WriteEffective(const HeldPattern& held, v1::EffectivePermission& proto) {
  proto.set_pattern(held.grant.pattern.text());
  if (!held.binding.id.is_nil()) proto.set_binding_id(held.binding.id.ToString());
  proto.set_resource(held.binding.resource.text());
  proto.mutable_role_chain()->Assign(held.grant.chain.begin(), held.grant.chain.end());
  if (held.binding.expire_time != absl::InfiniteFuture()) {
    *proto.mutable_expire_time() = ToProto(held.binding.expire_time);
  }
}

void WriteNumbers(const Statistics::Numbers& numbers, v1::GetStatisticsResponse& proto) {
  proto.set_users(numbers.totals.users);
  proto.set_disabled_users(numbers.totals.disabled_users);
  proto.set_verified_users(numbers.totals.verified_users);
  proto.set_mfa_users(numbers.totals.mfa_users);
  proto.set_service_accounts(numbers.totals.service_accounts);
  proto.set_api_keys(numbers.totals.api_keys);
  for (const statistics::Day& day : numbers.days) {
    v1::DailyStatistics& daily = *proto.add_days();
    daily.set_date(day.date);
    daily.set_logins(day.logins);
    daily.set_failed_logins(day.failed_logins);
    daily.set_registrations(day.registrations);
  }
}

}  // namespace

// The head of each handler; `target` is what the call is about.
#define IDENTITY_ADMIN_RPC(name)                                                                                       \
  grpc::ServerUnaryReactor* AdminService::name(grpc::CallbackServerContext* context, const v1::name##Request* request, \
                                               [[maybe_unused]] v1::name##Response* response)
#define IDENTITY_ADMIN_RUN(name, target)                                          \
  return calls_.Run(context, "identity.v1.AdminService/" #name, *request, target, \
                    [=, this](const Call& call) -> absl::Status

IDENTITY_ADMIN_RPC(CreateUser) {
  IDENTITY_ADMIN_RUN(CreateUser, {}) {
    Users::NewUser create;
    // Before the hash is wiped: it is one of the arguments.
    ASSIGN_OR_RETURN(create.idempotency, ReadIdempotency(request->request_id(), *request));
    const Secret hash = TakeSecret(request->password_hash());
    if (!hash.empty()) {
      ASSIGN_OR_RETURN(create.password_hash, PasswordHash::ParseImported(hash.Reveal()));
    }
    create.username = request->username();
    create.email = request->email();
    create.full_name = request->full_name();
    ASSIGN_OR_RETURN(const auto created, users_.Create(call.context, call.caller, create));
    *response->mutable_user() = ToProto(created.user);
    response->set_one_time_secret(std::string(created.one_time_secret.Reveal()));
    response->set_consistency_token(created.token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(GetUser) {
  IDENTITY_ADMIN_RUN(GetUser, About(ResourceOfPrincipal(request->user_id()))) {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadId<PrincipalId>("user_id", request->user_id()));
    ASSIGN_OR_RETURN(const principals::User user, users_.Get(call.context, id));
    *response->mutable_user() = ToProto(user);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(ListUsers) {
  IDENTITY_ADMIN_RUN(ListUsers, {}) {
    ASSIGN_OR_RETURN(const auto page,
                     users_.List(call.context, request->query(), {request->page_size(), request->page_token()}));
    for (const principals::User& user : page.items) *response->add_users() = ToProto(user);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(UpdateUser) {
  IDENTITY_ADMIN_RUN(UpdateUser, About(ResourceOfPrincipal(request->user().id()))) {
    ASSIGN_OR_RETURN(const Users::Update update, ReadUpdate(*request));
    ASSIGN_OR_RETURN(const principals::User user, users_.Apply(call.context, call.caller, update));
    *response->mutable_user() = ToProto(user);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(UnlockUser) {
  IDENTITY_ADMIN_RUN(UnlockUser, About(ResourceOfPrincipal(request->user_id()))) {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadId<PrincipalId>("user_id", request->user_id()));
    return users_.Unlock(call.context, call.caller, id);
  });
}

IDENTITY_ADMIN_RPC(DisablePrincipal) {
  IDENTITY_ADMIN_RUN(DisablePrincipal, About(ResourceOfPrincipal(request->principal_id()))) {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const ConsistencyToken token,
                     principals_.Disable(call.context, call.caller, id, request->reason()));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(EnablePrincipal) {
  IDENTITY_ADMIN_RUN(EnablePrincipal, About(ResourceOfPrincipal(request->principal_id()))) {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const ConsistencyToken token, principals_.Enable(call.context, call.caller, id));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(CreateServiceAccount) {
  IDENTITY_ADMIN_RUN(CreateServiceAccount, {}) {
    ASSIGN_OR_RETURN(const Idempotency idempotency, ReadIdempotency(request->request_id(), *request));
    ASSIGN_OR_RETURN(const auto created, service_accounts_.Create(call.context, call.caller, request->name(),
                                                                  request->description(), idempotency));
    *response->mutable_service_account() = ToProto(created.account);
    response->set_consistency_token(created.token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(ListServiceAccounts) {
  IDENTITY_ADMIN_RUN(ListServiceAccounts, {}) {
    ASSIGN_OR_RETURN(const auto page,
                     service_accounts_.List(call.context, {request->page_size(), request->page_token()}));
    for (const auto& account : page.items) *response->add_service_accounts() = ToProto(account);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(CreateRole) {
  IDENTITY_ADMIN_RUN(CreateRole, {}) {
    RoleDefinition definition;
    definition.name = request->role().name();
    ASSIGN_OR_RETURN(definition.permissions, ReadPatterns(request->role().permissions()));
    definition.inherits.assign(request->role().inherits().begin(), request->role().inherits().end());
    definition.mfa_max_age = ReadMfaMaxAge(request->role());
    ASSIGN_OR_RETURN(const Idempotency idempotency, ReadIdempotency(request->request_id(), *request));
    ASSIGN_OR_RETURN(const auto created,
                     roles_.Create(call.context, call.caller, definition, request->role().description(), idempotency));
    *response->mutable_role() = ToProto(created.role);
    response->set_consistency_token(created.token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(UpdateRole) {
  IDENTITY_ADMIN_RUN(UpdateRole, {}) {
    ASSIGN_OR_RETURN(const Roles::Update update, ReadUpdate(*request));
    ASSIGN_OR_RETURN(const auto changed, roles_.Apply(call.context, call.caller, update));
    *response->mutable_role() = ToProto(changed.role);
    response->set_consistency_token(changed.token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(DeleteRole) {
  IDENTITY_ADMIN_RUN(DeleteRole, {}) {
    ASSIGN_OR_RETURN(const ConsistencyToken token, roles_.Delete(call.context, call.caller, request->name()));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(GetRole) {
  IDENTITY_ADMIN_RUN(GetRole, {}) {
    ASSIGN_OR_RETURN(const roles::Role role, roles_.Get(call.context, request->name()));
    *response->mutable_role() = ToProto(role);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(ListRoles) {
  IDENTITY_ADMIN_RUN(ListRoles, {}) {
    ASSIGN_OR_RETURN(const auto page, roles_.List(call.context, {request->page_size(), request->page_token()}));
    for (const roles::Role& role : page.items) *response->add_roles() = ToProto(role);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(CreateBinding) {
  IDENTITY_ADMIN_RUN(CreateBinding, About(ResourceOrEverything(request->binding().resource()))) {
    ASSIGN_OR_RETURN(const PrincipalId principal,
                     ReadPrincipalId("binding.principal_id", request->binding().principal_id()));
    ASSIGN_OR_RETURN(const Binding binding, ReadBinding(request->binding()));
    ASSIGN_OR_RETURN(const Idempotency idempotency, ReadIdempotency(request->request_id(), *request));
    ASSIGN_OR_RETURN(const auto created, bindings_.Create(call.context, call.caller, principal, binding, idempotency));
    *response->mutable_binding() = ToProto(created.binding);
    response->set_consistency_token(created.token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(DeleteBinding) {
  IDENTITY_ADMIN_RUN(DeleteBinding, {}) {
    ASSIGN_OR_RETURN(const BindingId id, ReadId<BindingId>("binding_id", request->binding_id()));
    ASSIGN_OR_RETURN(const ConsistencyToken token, bindings_.Delete(call.context, call.caller, id));
    response->set_consistency_token(token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(ListBindings) {
  IDENTITY_ADMIN_RUN(ListBindings, About(ResourceOrEverything(request->resource()))) {
    ASSIGN_OR_RETURN(const bindings::Filter filter, ReadFilter(*request));
    ASSIGN_OR_RETURN(const auto page,
                     bindings_.List(call.context, filter, {request->page_size(), request->page_token()}));
    for (const bindings::StoredBinding& binding : page.items) *response->add_bindings() = ToProto(binding);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(ListEffectivePermissions) {
  IDENTITY_ADMIN_RUN(ListEffectivePermissions, About(ResourceOrEverything(request->resource()))) {
    ASSIGN_OR_RETURN(const PrincipalId principal, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const Resource resource, Resource::Parse(request->resource()));
    ASSIGN_OR_RETURN(const auto effective, bindings_.ListEffective(call.context, principal, resource));
    for (const HeldPattern& held : effective.patterns) WriteEffective(held, *response->add_permissions());
    response->set_consistency_token(effective.token.ToText());
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(ListPrincipalSessions) {
  IDENTITY_ADMIN_RUN(ListPrincipalSessions, About(ResourceOfPrincipal(request->principal_id()))) {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const auto page,
                     principals_.ListSessions(call.context, id, {request->page_size(), request->page_token()}));
    for (const auto& session : page.items) *response->add_sessions() = ToProto(session, call.caller);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(ListPrincipalApiKeys) {
  IDENTITY_ADMIN_RUN(ListPrincipalApiKeys, About(ResourceOfPrincipal(request->principal_id()))) {
    ASSIGN_OR_RETURN(const PrincipalId id, ReadPrincipalId("principal_id", request->principal_id()));
    ASSIGN_OR_RETURN(const auto page,
                     principals_.ListApiKeys(call.context, id, {request->page_size(), request->page_token()}));
    for (const api_keys::ApiKey& key : page.items) *response->add_api_keys() = ToProto(key);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(GetStatistics) {
  IDENTITY_ADMIN_RUN(GetStatistics, {}) {
    ASSIGN_OR_RETURN(const Statistics::Numbers numbers, statistics_.Read(call.context, request->days()));
    WriteNumbers(numbers, *response);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(ListAuditEvents) {
  IDENTITY_ADMIN_RUN(ListAuditEvents, {}) {
    ASSIGN_OR_RETURN(const AuditLog::Query query, ReadQuery(*request));
    ASSIGN_OR_RETURN(const auto page,
                     audit_log_.List(call.context, query, {request->page_size(), request->page_token()}));
    for (const audit::StoredEvent& event : page.items) *response->add_events() = ToProto(event);
    response->set_next_page_token(page.next_page_token);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(ListSigningKeys) {
  IDENTITY_ADMIN_RUN(ListSigningKeys, {}) {
    ASSIGN_OR_RETURN(const std::vector<SigningKeys::Key> keys, signing_keys_.List(call.context));
    for (const SigningKeys::Key& key : keys) *response->add_signing_keys() = ToProto(key);
    return absl::OkStatus();
  });
}

IDENTITY_ADMIN_RPC(RotateSigningKey) {
  IDENTITY_ADMIN_RUN(RotateSigningKey, {}) {
    ASSIGN_OR_RETURN(const SigningKeys::Rotated rotated, signing_keys_.Rotate(call.context, call.caller));
    *response->mutable_signing_key() = ToProto(rotated.active);
    response->set_consistency_token(rotated.token.ToText());
    return absl::OkStatus();
  });
}

}  // namespace identity
