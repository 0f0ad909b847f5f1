#include <algorithm>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/support/harness.h"

// Compares decisions on random policies with those of a second, naive implementation.
namespace identity {
namespace {

using Segments = std::vector<std::string>;

struct NaiveRole {
  std::vector<Segments> patterns;
  std::vector<size_t> inherits;
};
struct NaiveBinding {
  size_t role;
  Segments resource;
};

// The rules of the contract in the simplest form: no prefixes, no closures, no order.
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

// A policy of few words, so that its parts often match.
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
    const bool in_scope = !by_key || std::any_of(scopes_.begin(), scopes_.end(),
                                                 [&](const Segments& scope) { return Matches(scope, permission); });
    return in_scope ? v1::REASON_GRANTED : v1::REASON_SCOPE_INSUFFICIENT;
  }

  // Not std::uniform_int_distribution, whose numbers differ between libraries.
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
    patterns.push_back("z");  // never checked; makes sure that no set is empty
    return patterns;
  }

  // A role inherits only earlier ones, so there is no cycle.
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
    for (const NaiveBinding& existing : bindings_) {
      if (existing.role == role && existing.resource == Split(resource, '/')) return;
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

TEST_F(RandomPolicyTest, AgreesWithTheNaiveImplementation) {
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
