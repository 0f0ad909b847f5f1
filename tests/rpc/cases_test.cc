#include <dirent.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/rpc/harness.h"

// Each file in tests/cases/ is a policy with the answers that it must give:
//   {"roles":      {<name>: {"permissions": [<pattern>], "inherits": [<role>]}},
//    "principals": {<name>: {"type": "user" (the default) / "service_account", "disabled": <bool>,
//                            "bindings": [{"role", "resource", "expired": <bool>}]}},
//    "checks":     [{"subject": <principal>, "scopes": [<pattern>], "permission", "resource", "expect": <Reason>,
//                    "chain": [<role>], "why": <text>}]}
// The principal "anonymous" is there already. With "scopes" the subject comes with an API key of these, else by its id.
// In a resource, {ada} stands for the id of the principal "ada".
namespace identity {
namespace {

using nlohmann::json;

std::vector<std::string> CaseFiles() {
  std::vector<std::string> names;
  DIR* directory = opendir(IDENTITY_CASES_DIRECTORY);
  if (directory == nullptr) return names;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (absl::EndsWith(name, ".json")) names.push_back(name.substr(0, name.size() - 5));
  }
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

// A policy from a file, put into a server.
class Policy {
 public:
  Policy(TestServer& server, const json& file) : server_(server) {
    for (const auto& [name, role] : file.at("roles").items()) AddRole(name, role, file.at("roles"));
    for (const auto& [name, principal] : file.at("principals").items()) AddPrincipal(name, principal);
    for (const auto& [name, principal] : file.at("principals").items()) Bind(name, principal);
  }

  void Expect(const json& check) {
    v1::CheckPermissionRequest request;
    const std::string subject = check.at("subject");
    if (check.contains("scopes")) {
      request.set_api_key(server_.IssueKey(ids_.at(subject), check.at("scopes")).secret());
    } else if (subject == "anonymous") {
      request.set_anonymous(true);
    } else {
      request.set_principal_id(ids_.at(subject));
    }
    request.set_permission(check.at("permission"));
    request.set_resource(Resolve(check.value("resource", "")));
    request.set_explain(true);
    const auto answer = server_.Check(request);
    EXPECT_EQ(v1::Reason_Name(answer.reason()), absl::StrCat("REASON_", std::string(check.at("expect")))) << check;
    EXPECT_EQ(answer.decision() == v1::DECISION_ALLOWED, check.at("expect") == "GRANTED") << check;
    if (!check.contains("chain")) return;
    std::vector<std::string> chain;
    for (const std::string& role : answer.explanation().role_chain()) chain.push_back(names_of_roles_[role]);
    EXPECT_EQ(chain, check.at("chain").get<std::vector<std::string>>()) << check;
  }

 private:
  // Heirs after those that they inherit.
  void AddRole(const std::string& name, const json& role, const json& all) {
    if (roles_.contains(name)) return;
    std::vector<std::string> inherits;
    for (const std::string& base : role.value("inherits", json::array())) {
      if (all.contains(base)) AddRole(base, all.at(base), all);
      inherits.push_back(RoleNamed(base));
    }
    roles_[name] = server_.MakeRole(role.value("permissions", json::array()), inherits);
    names_of_roles_[roles_[name]] = name;
  }
  std::string RoleNamed(const std::string& name) const { return roles_.contains(name) ? roles_.at(name) : name; }

  void AddPrincipal(const std::string& name, const json& principal) {
    if (name == "anonymous") {
      ids_[name] = name;
      return;
    }
    const bool program = principal.value("type", "user") == "service_account";
    ids_[name] = program ? server_.MakeServiceAccount() : server_.MakeUser().id;
  }
  void Bind(const std::string& name, const json& principal) {
    for (const json& binding : principal.value("bindings", json::array())) {
      const std::string id =
          server_.Bind(ids_.at(name), RoleNamed(binding.at("role")), Resolve(binding.value("resource", "")));
      if (binding.value("expired", false)) server_.ExpireBinding(id);
    }
    if (principal.value("disabled", false)) server_.Disable(ids_.at(name));
  }
  std::string Resolve(std::string resource) const {
    for (const auto& [name, id] : ids_) resource = absl::StrReplaceAll(resource, {{"{" + name + "}", id}});
    return resource;
  }

  TestServer& server_;
  std::map<std::string, std::string> roles_;           // name in the file to name in the server
  std::map<std::string, std::string> names_of_roles_;  // and back
  std::map<std::string, std::string> ids_;             // of principals
};

class AuthorizationCaseTest : public ::testing::TestWithParam<std::string> {};

TEST_P(AuthorizationCaseTest, IsDecidedAsItSays) {
  std::ifstream file(absl::StrCat(IDENTITY_CASES_DIRECTORY, "/", GetParam(), ".json"));
  const json content = json::parse(file);
  TestServer server;
  Policy policy(server, content);
  ASSERT_FALSE(content.at("checks").empty());
  for (const json& check : content.at("checks")) policy.Expect(check);
}

INSTANTIATE_TEST_SUITE_P(Files, AuthorizationCaseTest, ::testing::ValuesIn(CaseFiles()),
                         [](const auto& info) { return info.param; });

// ---- Random policies, against a second opinion.

using Segments = std::vector<std::string>;

struct NaiveRole {
  std::vector<Segments> patterns;
  std::vector<size_t> inherits;
};
struct NaiveBinding {
  size_t role;
  Segments resource;
};

// The rules of the contract in the plainest words: no prefixes, no closures, no order.
bool Matches(const Segments& pattern, const Segments& permission) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "*") return permission.size() > i;
    if (i >= permission.size() || pattern[i] != permission[i]) return false;
  }
  return pattern.size() == permission.size();
}

bool RoleGives(const std::vector<NaiveRole>& roles, size_t role, const Segments& permission) {
  for (const Segments& pattern : roles[role].patterns) {
    if (Matches(pattern, permission)) return true;
  }
  for (const size_t base : roles[role].inherits) {
    if (RoleGives(roles, base, permission)) return true;
  }
  return false;
}

bool Covers(const Segments& path, const Segments& resource) {
  if (path.size() > resource.size()) return false;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] != resource[i]) return false;
  }
  return true;
}

Segments Split(const std::string& text, char separator) {
  if (text.empty()) return {};
  return absl::StrSplit(text, separator);
}

// A policy made of few words, so that much of it meets.
class RandomPolicy {
 public:
  RandomPolicy(TestServer& server, unsigned seed) : random_(seed) {
    for (size_t i = 0; i < 8; ++i) AddRole(server, i);
    principal_ = server.MakeServiceAccount();
    for (int i = 0; i < 3; ++i) AddBinding(server);
    const auto key = server.IssueKey(principal_, RandomPatterns(2));
    secret_ = key.secret();
    for (const std::string& scope : key.api_key().scopes()) scopes_.push_back(Split(scope, ':'));
  }

  void AddCheck(v1::BatchCheckPermissionsRequest& request, std::vector<v1::Reason>& expected) {
    v1::CheckPermissionRequest* check = request.add_checks();
    const bool by_key = Pick(2) == 0;
    if (by_key) check->set_api_key(secret_);
    if (!by_key) check->set_principal_id(principal_);
    check->set_permission(RandomPermission());
    check->set_resource(RandomResource());
    expected.push_back(Expected(Split(check->permission(), ':'), Split(check->resource(), '/'), by_key));
  }

 private:
  v1::Reason Expected(const Segments& permission, const Segments& resource, bool by_key) const {
    const bool held = std::any_of(bindings_.begin(), bindings_.end(), [&](const NaiveBinding& binding) {
      return Covers(binding.resource, resource) && RoleGives(roles_, binding.role, permission);
    });
    if (!held) return v1::REASON_NO_BINDING;
    const bool in_scope = !by_key || std::any_of(scopes_.begin(), scopes_.end(), [&](const Segments& scope) {
      return Matches(scope, permission);
    });
    return in_scope ? v1::REASON_GRANTED : v1::REASON_SCOPE_INSUFFICIENT;
  }

  // Not std::uniform_int_distribution, which gives other numbers in other libraries.
  size_t Pick(size_t count) { return random_() % count; }
  std::string RandomWords(size_t count, char separator) {
    std::vector<std::string> words;
    for (size_t i = 0; i < count; ++i) words.push_back(Pick(3) == 0 ? "b" : "a");
    return absl::StrJoin(words, std::string(1, separator));
  }
  std::string RandomPermission() { return RandomWords(1 + Pick(3), ':'); }
  std::string RandomResource() { return RandomWords(Pick(4), '/'); }
  std::string RandomPattern() { return Pick(3) == 0 ? absl::StrCat(RandomPermission(), ":*") : RandomPermission(); }
  std::vector<std::string> RandomPatterns(size_t count) {
    std::vector<std::string> patterns;
    for (size_t i = 0; i < count; ++i) patterns.push_back(RandomPattern());
    patterns.push_back("z");  // of which nobody asks, so that no set is empty
    return patterns;
  }

  // A role inherits earlier ones, so there is no circle.
  void AddRole(TestServer& server, size_t index) {
    NaiveRole role;
    std::vector<std::string> inherits;
    for (size_t base = 0; base < index; ++base) {
      if (Pick(3) != 0) continue;
      role.inherits.push_back(base);
      inherits.push_back(names_[base]);
    }
    const std::vector<std::string> patterns = RandomPatterns(Pick(2));
    for (const std::string& pattern : patterns) role.patterns.push_back(Split(pattern, ':'));
    names_.push_back(server.MakeRole(patterns, inherits));
    roles_.push_back(std::move(role));
  }
  void AddBinding(TestServer& server) {
    const size_t role = Pick(roles_.size());
    const std::string resource = RandomResource();
    for (const NaiveBinding& there : bindings_) {
      if (there.role == role && there.resource == Split(resource, '/')) return;
    }
    server.Bind(principal_, names_[role], resource);
    bindings_.push_back({role, Split(resource, '/')});
  }

  std::mt19937 random_;
  std::vector<NaiveRole> roles_;
  std::vector<std::string> names_;  // of roles, in the server
  std::vector<NaiveBinding> bindings_;
  std::vector<Segments> scopes_;
  std::string principal_;
  std::string secret_;
};

class RandomPolicyTest : public RpcTest {};

TEST_F(RandomPolicyTest, IsDecidedAsBySecondOpinion) {
  std::map<v1::Reason, int> seen;
  for (unsigned seed = 1; seed <= 25; ++seed) {
    RandomPolicy policy(server(), seed);
    v1::BatchCheckPermissionsRequest request;
    std::vector<v1::Reason> expected;
    for (int i = 0; i < 400; ++i) policy.AddCheck(request, expected);
    const auto response = Must(server().Call(&Identity::BatchCheckPermissions, request, server().root()));
    ASSERT_EQ(response.results_size(), 400);
    for (int i = 0; i < 400; ++i) {
      const v1::Reason reason = expected[static_cast<size_t>(i)];
      ++seen[reason];
      EXPECT_EQ(response.results(i).response().reason(), reason)
          << "seed " << seed << ": " << request.checks(i).permission() << " on " << request.checks(i).resource();
    }
  }
  for (const v1::Reason reason : {v1::REASON_GRANTED, v1::REASON_NO_BINDING, v1::REASON_SCOPE_INSUFFICIENT}) {
    EXPECT_GT(seen[reason], 300) << "the policies must not be one-sided: " << v1::Reason_Name(reason);
  }
}

}  // namespace
}  // namespace identity
