#include <dirent.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/harness.h"

// Each file in tests/cases/ is a policy and the answers that it must give:
//   {"roles":      {<name>: {"permissions": [<pattern>], "inherits": [<role>]}},
//    "principals": {<name>: {"type": "user" (the default) / "service_account", "disabled": <bool>,
//                            "bindings": [{"role", "resource", "expired": <bool>}]}},
//    "checks":     [{"subject": <principal>, "scopes": [<pattern>], "permission", "resource", "expect": <Reason>,
//                    "chain": [<role>], "why": <text>}]}
// The principal "anonymous" exists already. With "scopes" the subject is an API key with these, otherwise an id.
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

// Puts the policy of a file into a server, and checks its answers.
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
    for (const std::string& role : answer.explanation().role_chain()) {
      chain.push_back(names_of_roles_.contains(role) ? names_of_roles_.at(role) : role);
    }
    EXPECT_EQ(chain, check.at("chain").get<std::vector<std::string>>()) << check;
  }

 private:
  // Adds the inherited roles first.
  void AddRole(const std::string& name, const json& role, const json& all) {
    if (roles_.contains(name)) return;
    std::vector<std::string> inherits;
    for (const std::string base : role.value("inherits", json::array())) {
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

TEST_P(AuthorizationCaseTest, GivesTheExpectedAnswers) {
  std::ifstream file(absl::StrCat(IDENTITY_CASES_DIRECTORY, "/", GetParam(), ".json"));
  const json content = json::parse(file);
  TestServer server;
  Policy policy(server, content);
  ASSERT_FALSE(content.at("checks").empty());
  for (const json& check : content.at("checks")) policy.Expect(check);
}

INSTANTIATE_TEST_SUITE_P(Files, AuthorizationCaseTest, ::testing::ValuesIn(CaseFiles()),
                         [](const ::testing::TestParamInfo<std::string>& file) { return file.param; });

}  // namespace
}  // namespace identity
