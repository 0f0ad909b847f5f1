#include "tests/fault/naive.h"

#include <sstream>

namespace identity::naive {
namespace {

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

bool Matches(const std::string& pattern, const std::string& permission) {
  const std::vector<std::string> wanted = Split(permission, ':');
  const std::vector<std::string> has = Split(pattern, ':');
  for (size_t i = 0; i < has.size(); ++i) {
    if (has[i] == "*") return wanted.size() > i;
    if (i >= wanted.size() || has[i] != wanted[i]) return false;
  }
  return has.size() == wanted.size();
}

bool AnyMatches(const std::vector<std::string>& patterns, const std::string& permission) {
  for (const std::string& pattern : patterns) {
    if (Matches(pattern, permission)) return true;
  }
  return false;
}

bool Covers(const std::string& path, const std::string& resource) {
  const std::vector<std::string> outer = Split(path, '/');
  const std::vector<std::string> inner = Split(resource, '/');
  if (outer.size() > inner.size()) return false;
  for (size_t i = 0; i < outer.size(); ++i) {
    if (outer[i] != inner[i]) return false;
  }
  return true;
}

bool RoleGives(const State& state, const std::string& name, const std::string& permission) {
  const auto role = state.roles.find(name);
  if (role == state.roles.end()) return false;
  if (AnyMatches(role->second.permissions, permission)) return true;
  for (const std::string& base : role->second.inherits) {
    if (RoleGives(state, base, permission)) return true;
  }
  return false;
}

bool Held(const State& state, const Question& question) {
  const std::string& id = question.subject.principal;
  for (const auto& [binding_id, binding] : state.bindings) {
    if (binding.principal == id && Covers(binding.resource, question.resource) &&
        RoleGives(state, binding.role, question.permission)) {
      return true;
    }
  }
  // Every user has this role on their own account.
  return state.principals.at(id).is_user && Covers("users/" + id, question.resource) &&
         AnyMatches({"identity:self:*", "read:own_profile", "update:own_profile"}, question.permission);
}

bool Revoked(const State& state, const Subject& subject) {
  if (subject.kind == Subject::Kind::kApiKey) return state.ended.count(subject.key) > 0;
  if (subject.kind != Subject::Kind::kAccessToken) return false;
  const bool key_is_dead =
      !subject.key.empty() && (state.keys.count(subject.key) == 0 || state.ended.count(subject.key) > 0);
  return key_is_dead || state.revision < subject.generation || state.ended.count(subject.secret) > 0 ||
         state.ended.count(subject.session) > 0;
}

}  // namespace

v1::Reason Decide(const State& state, const Question& question) {
  const Subject& subject = question.subject;
  const bool by_id = subject.kind == Subject::Kind::kId || subject.kind == Subject::Kind::kAnonymous;
  const auto principal = state.principals.find(subject.principal);
  if (principal == state.principals.end()) return by_id ? v1::REASON_NO_BINDING : v1::REASON_CREDENTIAL_INVALID;
  if (subject.kind == Subject::Kind::kApiKey && state.keys.count(subject.key) == 0) {
    return v1::REASON_CREDENTIAL_INVALID;
  }
  if (Revoked(state, subject)) return v1::REASON_CREDENTIAL_REVOKED;
  if (principal->second.disabled) return v1::REASON_PRINCIPAL_DISABLED;
  if (!Held(state, question)) return v1::REASON_NO_BINDING;
  return by_id || AnyMatches(subject.scopes, question.permission) ? v1::REASON_GRANTED : v1::REASON_SCOPE_INSUFFICIENT;
}

}  // namespace identity::naive
