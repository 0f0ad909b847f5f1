#include "tests/fault/model_writer.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "identity/errors.h"
#include "server/base/mutex.h"

namespace identity {
namespace {

using Kind = naive::Subject::Kind;

// About 4 KB.
std::string LongResource() {
  std::string path;
  for (int i = 0; i < 32; ++i) absl::StrAppend(&path, i == 0 ? "" : "/", std::string(125, 'x'));
  return path;
}

}  // namespace

void RoleNames::Add(const std::string& name) {
  MutexLock lock(mutex_);
  names_.push_back(name);
}

std::string RoleNames::Any(Dice& dice, const std::string& before) const {
  MutexLock lock(mutex_);
  const auto end = before.empty() ? names_.end() : std::find(names_.begin(), names_.end(), before);
  const size_t among = std::min<size_t>(static_cast<size_t>(end - names_.begin()), 12);
  return among == 0 ? "" : *(end - 1 - static_cast<std::ptrdiff_t>(dice.Pick(among)));
}

Writer::Writer(Deployment& deployment, const Person& user, int number, const Shared& shared, unsigned seed)
    : client_(deployment.client(0)),
      as_admin_(deployment.AsAdmin()),
      user_(user),
      prefix_(absl::StrCat("w", number, "_")),
      shared_(shared),
      dice_(seed) {
  principals_.push_back({user.id, true, false, 0, {}, {}, {}});
  CreateScopedKey();
}

// A key whose owner has every permission, and whose scope allows none. It never changes, so that every run meets a
// limit by scopes.
void Writer::CreateScopedKey() {
  const std::string name = absl::StrCat(prefix_, "held");
  const naive::Role role{{"a", "a:*", "b", "b:*", "z"}, {}};
  v1::CreateRoleRequest create;
  create.mutable_role()->set_name(name);
  *create.mutable_role()->mutable_permissions() = {role.permissions.begin(), role.permissions.end()};
  shared_.ledger.Add(Must(client_.Call(&AdminRpc::CreateRole, create, as_admin_)).consistency_token(),
                     [=](naive::State& state) { state.roles[name] = role; });
  v1::CreateServiceAccountRequest account;
  account.set_name(absl::StrCat(prefix_, "scoped"));
  const auto made = Must(client_.Call(&AdminRpc::CreateServiceAccount, account, as_admin_));
  const std::string id = made.service_account().id();
  shared_.ledger.Add(made.consistency_token(), [id](naive::State& state) { state.principals[id] = {}; });
  v1::CreateBindingRequest bind;
  bind.mutable_binding()->set_principal_id(id);
  bind.mutable_binding()->set_role(name);
  const auto bound = Must(client_.Call(&AdminRpc::CreateBinding, bind, as_admin_));
  const std::string binding = bound.binding().id();
  shared_.ledger.Add(bound.consistency_token(), [=](naive::State& state) { state.bindings[binding] = {id, name, ""}; });
  v1::IssueApiKeyRequest issue;
  issue.set_owner_id(id);
  issue.add_scopes("z");
  const auto issued = Must(client_.Call(&IdentityRpc::IssueApiKey, issue, as_admin_));
  const std::string key = issued.api_key().id();
  shared_.ledger.Add(issued.consistency_token(), [key](naive::State& state) { state.keys.insert(key); });
  shared_.subjects.Add({Kind::kApiKey, id, issued.secret(), "", key, 0, {"z"}});
}

void Writer::Change(bool large_principals) {
  using Step = void (Writer::*)();
  static constexpr std::pair<Step, size_t> kSteps[] = {
      {&Writer::CreateBinding, 26}, {&Writer::DeleteBinding, 14}, {&Writer::CreateRole, 5}, {&Writer::UpdateRole, 9},
      {&Writer::DeleteRole, 5},     {&Writer::Toggle, 9},         {&Writer::LogIn, 3},      {&Writer::Exchange, 8},
      {&Writer::IssueKey, 6},       {&Writer::RevokeToken, 6},    {&Writer::RevokeKey, 4},  {&Writer::RevokeAll, 2}};
  size_t at = dice_.Pick(100);
  if (large_principals && at < 20) return CreateServiceAccount(true);
  for (const auto& [step, share] : kSteps) {
    if (at < share) return (this->*step)();
    at -= share;
  }
  CreateServiceAccount(large_principals);
}

template <typename Response>
const Response* Writer::Accepted(const absl::StatusOr<Response>& response) const {
  if (response.ok()) return &*response;
  const std::string reason = ErrorReasonOf(response.status());
  for (const char* usual :
       {"NOT_FOUND", "ALREADY_EXISTS", "ROLE_IN_USE", "LIMIT_REACHED", "INVALID_SCOPE", "CONFLICT"}) {
    if (reason == usual) return nullptr;
  }
  throw std::runtime_error(response.status().ToString());
}

void Writer::CreateServiceAccount(bool large) {
  v1::CreateServiceAccountRequest request;
  request.set_name(absl::StrCat(prefix_, "account_", ++names_));
  const auto made = Must(client_.Call(&AdminRpc::CreateServiceAccount, request, as_admin_));
  const std::string id = made.service_account().id();
  shared_.ledger.Add(made.consistency_token(), [id](naive::State& state) { state.principals[id] = {}; });
  shared_.subjects.Add({Kind::kId, id, "", "", "", 0, {}});
  principals_.push_back({id, false, false, 0, {}, {}, {}});
  if (!large) return;
  Bind(id, "checker", LongResource());
  for (int i = 0; i < 2; ++i) Bind(id, shared_.roles.Any(dice_), "a");
}

void Writer::CreateBinding() {
  const std::string principal = dice_.Pick(10) == 0 ? "anonymous" : AnyPrincipal().id;
  Bind(principal, shared_.roles.Any(dice_), dice_.Resource());
}

void Writer::Bind(const std::string& principal, const std::string& role, const std::string& resource) {
  if (role.empty()) return;
  v1::CreateBindingRequest request;
  request.mutable_binding()->set_principal_id(principal);
  request.mutable_binding()->set_role(role);
  request.mutable_binding()->set_resource(resource);
  const auto response = client_.Call(&AdminRpc::CreateBinding, request, as_admin_);
  const auto* made = Accepted(response);
  if (made == nullptr) return;
  const std::string id = made->binding().id();
  shared_.ledger.Add(made->consistency_token(), [=](naive::State& state) {
    state.bindings[id] = {principal, role, resource};
  });
  bindings_.push_back(id);
}

void Writer::DeleteBinding() {
  if (bindings_.empty()) return;
  std::swap(bindings_[dice_.PlaceOf(bindings_.size())], bindings_.back());
  const std::string id = bindings_.back();
  bindings_.pop_back();
  v1::DeleteBindingRequest request;
  request.set_binding_id(id);
  const auto deleted = Must(client_.Call(&AdminRpc::DeleteBinding, request, as_admin_));
  shared_.ledger.Add(deleted.consistency_token(), [id](naive::State& state) { state.bindings.erase(id); });
}

// Inherits only earlier roles, so that there is no cycle.
std::vector<std::string> Writer::RandomBases(const std::string& role) {
  std::vector<std::string> bases;
  if (dice_.Pick(2) != 0) return bases;
  const std::string base = shared_.roles.Any(dice_, role);
  if (!base.empty()) bases.push_back(base);
  return bases;
}

void Writer::CreateRole() {
  const std::string name = absl::StrCat(prefix_, "role_", ++names_);
  const naive::Role role{dice_.Patterns(), RandomBases("")};
  v1::CreateRoleRequest request;
  request.mutable_role()->set_name(name);
  *request.mutable_role()->mutable_permissions() = {role.permissions.begin(), role.permissions.end()};
  *request.mutable_role()->mutable_inherits() = {role.inherits.begin(), role.inherits.end()};
  const auto response = client_.Call(&AdminRpc::CreateRole, request, as_admin_);
  const auto* made = Accepted(response);
  if (made == nullptr) return;
  shared_.ledger.Add(made->consistency_token(), [=](naive::State& state) { state.roles[name] = role; });
  shared_.roles.Add(name);
  roles_.push_back(name);
}

void Writer::UpdateRole() {
  if (roles_.empty()) return CreateRole();
  const std::string name = dice_.PickOf(roles_);
  const naive::Role role{dice_.Patterns(), RandomBases(name)};
  v1::UpdateRoleRequest request;
  request.mutable_role()->set_name(name);
  *request.mutable_role()->mutable_permissions() = {role.permissions.begin(), role.permissions.end()};
  *request.mutable_role()->mutable_inherits() = {role.inherits.begin(), role.inherits.end()};
  request.mutable_update_mask()->add_paths("permissions");
  request.mutable_update_mask()->add_paths("inherits");
  const auto response = client_.Call(&AdminRpc::UpdateRole, request, as_admin_);
  if (const auto* updated = Accepted(response)) {
    shared_.ledger.Add(updated->consistency_token(), [=](naive::State& state) { state.roles[name] = role; });
  }
}

void Writer::DeleteRole() {
  if (roles_.empty()) return;
  const size_t place = dice_.Pick(roles_.size());
  const std::string name = roles_[place];
  v1::DeleteRoleRequest request;
  request.set_name(name);
  const auto response = client_.Call(&AdminRpc::DeleteRole, request, as_admin_);
  const auto* deleted = Accepted(response);
  if (deleted == nullptr) return;
  shared_.ledger.Add(deleted->consistency_token(), [=](naive::State& state) { state.roles.erase(name); });
  roles_.erase(roles_.begin() + static_cast<std::ptrdiff_t>(place));
}

// Earlier tokens stay ended, keys work again.
void Writer::Toggle() {
  Principal& principal = AnyPrincipal();
  const std::string id = principal.id;
  const bool disable = !principal.disabled;
  principal.disabled = disable;
  if (disable) {
    v1::DisablePrincipalRequest request;
    request.set_principal_id(id);
    shared_.ledger.Add(Must(client_.Call(&AdminRpc::DisablePrincipal, request, as_admin_)).consistency_token(),
                       [=](naive::State& state) { state.principals[id].disabled = true; });
    return;
  }
  v1::EnablePrincipalRequest request;
  request.set_principal_id(id);
  const std::string token = Must(client_.Call(&AdminRpc::EnablePrincipal, request, as_admin_)).consistency_token();
  const std::vector<std::string> ended = principal.sessions;
  shared_.ledger.Add(token, [=](naive::State& state) {
    state.principals[id].disabled = false;
    state.ended.insert(ended.begin(), ended.end());
  });
  EndSessions(principal, RevisionOf(token));
}

void Writer::EndSessions(Principal& principal, int64_t revision) {
  principal.generation = revision;
  principal.sessions.clear();
  principal.tokens.clear();
}

void Writer::AddToken(Principal& principal, const v1::TokenSet& tokens, const std::string& key) {
  naive::Subject subject{Kind::kAccessToken,
                         principal.id,
                         tokens.access_token(),
                         tokens.session_id(),
                         key,
                         principal.generation,
                         {tokens.scopes().begin(), tokens.scopes().end()}};
  principal.sessions.push_back(subject.secret);
  if (!subject.session.empty()) principal.sessions.push_back(subject.session);
  principal.tokens.push_back(subject);
  shared_.subjects.Add(std::move(subject));
}

void Writer::LogIn() {
  Principal& principal = principals_.front();
  if (principal.disabled) return;
  v1::AuthenticateRequest request;
  request.mutable_password()->set_login(user_.username);
  request.mutable_password()->set_password(user_.password);
  if (dice_.Pick(2) == 0) request.add_scopes(dice_.Permission() + ":*");
  const auto response = client_.Call(&IdentityRpc::Authenticate, request);
  if (const auto* logged_in = Accepted(response)) AddToken(principal, logged_in->tokens(), "");
}

void Writer::Exchange() {
  Principal& principal = AnyPrincipal();
  if (principal.disabled || principal.keys.empty()) return IssueKey();
  const naive::Subject key = dice_.PickOf(principal.keys);
  v1::AuthenticateRequest request;
  request.mutable_api_key()->set_key(key.secret);
  AddToken(principal, Must(client_.Call(&IdentityRpc::Authenticate, request)).tokens(), key.key);
}

void Writer::IssueKey() {
  Principal& principal = AnyPrincipal();
  v1::IssueApiKeyRequest request;
  request.set_owner_id(principal.id);
  if (dice_.Pick(2) == 0) request.add_scopes(dice_.Permission() + ":*");
  const auto response = client_.Call(&IdentityRpc::IssueApiKey, request, as_admin_);
  const auto* issued = Accepted(response);
  if (issued == nullptr) return;
  const std::string id = issued->api_key().id();
  shared_.ledger.Add(issued->consistency_token(), [id](naive::State& state) { state.keys.insert(id); });
  const auto& scopes = issued->api_key().scopes();
  naive::Subject subject{Kind::kApiKey, principal.id, issued->secret(), "", id, 0, {scopes.begin(), scopes.end()}};
  principal.keys.push_back(subject);
  shared_.subjects.Add(std::move(subject));
}

// Ends only the token, or its whole session.
void Writer::RevokeToken() {
  Principal& principal = AnyPrincipal();
  if (principal.tokens.empty()) return LogIn();
  const naive::Subject token = dice_.PickOf(principal.tokens);
  const bool whole = !token.session.empty() && dice_.Pick(2) == 0;
  v1::RevokeRequest request;
  if (whole) request.set_session_id(token.session);
  if (!whole) request.set_access_token(token.secret);
  const std::string ended = whole ? token.session : token.secret;
  shared_.ledger.Add(Must(client_.Call(&IdentityRpc::Revoke, request, as_admin_)).consistency_token(),
                     [ended](naive::State& state) { state.ended.insert(ended); });
}

void Writer::RevokeKey() {
  Principal& principal = AnyPrincipal();
  if (principal.keys.empty()) return IssueKey();
  const std::string id = principal.keys.back().key;
  principal.keys.pop_back();
  v1::RevokeRequest request;
  request.set_api_key_id(id);
  shared_.ledger.Add(Must(client_.Call(&IdentityRpc::Revoke, request, as_admin_)).consistency_token(),
                     [id](naive::State& state) { state.ended.insert(id); });
}

void Writer::RevokeAll() {
  Principal& principal = AnyPrincipal();
  v1::RevokeRequest request;
  request.set_principal_id(principal.id);
  const std::string token = Must(client_.Call(&IdentityRpc::Revoke, request, as_admin_)).consistency_token();
  std::vector<std::string> ended = principal.sessions;
  for (const naive::Subject& key : principal.keys) ended.push_back(key.key);
  shared_.ledger.Add(token, [ended](naive::State& state) { state.ended.insert(ended.begin(), ended.end()); });
  EndSessions(principal, RevisionOf(token));
  principal.keys.clear();
}

}  // namespace identity
