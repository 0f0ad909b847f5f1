#include "server/domain/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/domain/parsed.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kUserId[] = "01890a5d-ac96-774b-bcce-b302099a8057";
const absl::Time kNow = absl::FromUnixSeconds(1700000000);

Resource Res(absl::string_view text) { return *Resource::Parse(text); }

Binding Bind(std::string role, absl::string_view resource, absl::Time expire_time = absl::InfiniteFuture()) {
  static uint8_t number = 0;
  std::array<uint8_t, 16> id{};
  id[0] = ++number;
  return Binding{BindingId(Uuid(id)), std::move(role), Res(resource), expire_time};
}

RoleGraph Roles() {
  return *RoleGraph::Create({
      Role("super_admin", {"*"}, {}),
      Role("admin", {"identity:*"}, {}),
      Role("self", {"identity:self:*", "read:own_profile", "update:own_profile"}, {}),
      Role("viewer", {"posts:read"}, {}),
      Role("editor", {"posts:write"}, {"viewer"}),
  });
}

PrincipalFacts User(const std::vector<Binding>& bindings, bool disabled = false) {
  return PrincipalFacts({*PrincipalId::Parse(kUserId), PrincipalType::kUser, "jane", disabled, 0}, bindings);
}

Decision Ask(const PrincipalFacts& facts, absl::string_view permission, absl::string_view resource,
             const Scopes& scopes = Scopes::Unlimited(), absl::Time now = kNow) {
  return Decide(facts, scopes, Roles(), Perm(permission), Res(resource), {now});
}

TEST(DecideTest, NothingIsAllowedByDefault) {
  EXPECT_EQ(Decision().reason, Reason::kNoBinding);
  EXPECT_FALSE(Decision().allowed());
  EXPECT_EQ(Ask(User({}), "posts:read", "orgs/acme").reason, Reason::kNoBinding);
  EXPECT_EQ(Ask(PrincipalFacts(), "posts:read", "").reason, Reason::kNoBinding);
}

TEST(DecideTest, BindingGrantsOnItsPathAndBelow) {
  const PrincipalFacts facts = User({Bind("editor", "orgs/acme")});
  EXPECT_TRUE(Ask(facts, "posts:write", "orgs/acme").allowed());
  EXPECT_TRUE(Ask(facts, "posts:read", "orgs/acme/projects/p1").allowed());
  EXPECT_EQ(Ask(facts, "posts:read", "orgs/acme2").reason, Reason::kNoBinding);
  EXPECT_EQ(Ask(facts, "posts:read", "orgs").reason, Reason::kNoBinding);
  EXPECT_EQ(Ask(facts, "posts:read", "").reason, Reason::kNoBinding);
  EXPECT_EQ(Ask(facts, "posts:delete", "orgs/acme").reason, Reason::kNoBinding);
}

TEST(DecideTest, OnlyABindingToEverywhereGrantsEverywhere) {
  EXPECT_TRUE(Ask(User({Bind("viewer", "")}), "posts:read", "").allowed());
  EXPECT_TRUE(Ask(User({Bind("viewer", "")}), "posts:read", "any/where").allowed());
  EXPECT_EQ(Ask(User({Bind("viewer", "any")}), "posts:read", "").reason, Reason::kNoBinding);
}

TEST(DecideTest, AnApprovalNamesBindingAndChain) {
  const Binding binding = Bind("editor", "orgs/acme");
  const PrincipalFacts facts = User({Bind("viewer", "other"), binding});
  ASSERT_TRUE(Ask(facts, "posts:read", "orgs/acme/x").allowed());
  const auto explanation = Explain(facts, Roles(), Perm("posts:read"), Res("orgs/acme/x"), {kNow});
  ASSERT_TRUE(explanation);
  EXPECT_EQ(explanation->binding.id, binding.id);
  EXPECT_EQ(explanation->grant.pattern.text(), "posts:read");
  EXPECT_THAT(explanation->grant.chain, ElementsAre("editor", "viewer"));
}

TEST(DecideTest, ADenialHasNoExplanation) {
  EXPECT_FALSE(Explain(User({Bind("viewer", "a")}), Roles(), Perm("posts:read"), Res("b"), {kNow}));
  EXPECT_FALSE(Explain(User({Bind("viewer", "", kNow)}), Roles(), Perm("posts:read"), Res("b"), {kNow}));
}

TEST(DecideTest, BindingEndsAtItsExpireTime) {
  const PrincipalFacts facts = User({Bind("viewer", "", kNow)});
  EXPECT_TRUE(Ask(facts, "posts:read", "x", Scopes::Unlimited(), kNow - absl::Nanoseconds(1)).allowed());
  EXPECT_EQ(Ask(facts, "posts:read", "x", Scopes::Unlimited(), kNow).reason, Reason::kNoBinding);
}

TEST(DecideTest, TheBindingThatExpiresLastGrants) {
  const Binding brief = Bind("viewer", "", kNow + absl::Hours(1));
  const Binding longest = Bind("editor", "orgs", kNow + absl::Hours(3));
  const Binding middle = Bind("viewer", "orgs/acme", kNow + absl::Hours(2));
  const Binding useless = Bind("self", "orgs");
  for (const auto& bindings :
       {std::vector<Binding>{brief, longest, middle, useless}, std::vector<Binding>{useless, longest, middle, brief},
        std::vector<Binding>{middle, brief, useless, longest}}) {
    EXPECT_EQ(Ask(User(bindings), "posts:read", "orgs/acme").expire_time, longest.expire_time);
    const auto explanation = Explain(User(bindings), Roles(), Perm("posts:read"), Res("orgs/acme"), {kNow});
    ASSERT_TRUE(explanation);
    EXPECT_EQ(explanation->binding.id, longest.id);
  }
}

TEST(DecideTest, ScopeLimitsAndNeverGrants) {
  const PrincipalFacts facts = User({Bind("viewer", "")});
  EXPECT_TRUE(Ask(facts, "posts:read", "x", *Scopes::Parse({"posts:*"})).allowed());
  EXPECT_EQ(Ask(facts, "posts:read", "x", *Scopes::Parse({"posts:write"})).reason, Reason::kScopeInsufficient);
  EXPECT_EQ(Ask(facts, "posts:write", "x", *Scopes::Parse({"posts:write"})).reason, Reason::kNoBinding);
}

TEST(DecideTest, NoBindingIsReportedBeforeTheScope) {
  EXPECT_EQ(Ask(User({}), "posts:read", "x", Scopes()).reason, Reason::kNoBinding);
}

TEST(DecideTest, DisabledIsReportedFirst) {
  const PrincipalFacts facts = User({Bind("super_admin", "")}, true);
  EXPECT_EQ(Ask(facts, "posts:read", "x").reason, Reason::kPrincipalDisabled);
  EXPECT_EQ(Ask(facts, "posts:read", "x", Scopes()).reason, Reason::kPrincipalDisabled);
  EXPECT_EQ(Ask(User({}, true), "posts:read", "x").reason, Reason::kPrincipalDisabled);
}

TEST(DecideTest, EveryUserHoldsSelfOnTheirOwnPath) {
  const std::string own = absl::StrCat("users/", kUserId);
  EXPECT_TRUE(Ask(User({}), "update:own_profile", own).allowed());
  const auto explanation = Explain(User({}), Roles(), Perm("update:own_profile"), Res(own), {kNow});
  ASSERT_TRUE(explanation);
  EXPECT_TRUE(explanation->binding.id.is_nil());
  EXPECT_EQ(explanation->binding.role, "self");
  EXPECT_TRUE(Ask(User({}), "identity:self:write", own + "/x").allowed());
  EXPECT_EQ(Ask(User({}), "update:own_profile", "users").reason, Reason::kNoBinding);
  EXPECT_EQ(Ask(User({}), "update:own_profile", "users/01890a5d-ac96-774b-bcce-b302099a8058").reason,
            Reason::kNoBinding);
}

TEST(DecideTest, OnlyUsersHoldSelf) {
  for (const PrincipalType type : {PrincipalType::kServiceAccount, PrincipalType::kAnonymous}) {
    const PrincipalFacts facts({*PrincipalId::Parse(kUserId), type, "jane"}, {});
    EXPECT_EQ(Ask(facts, "update:own_profile", absl::StrCat("users/", kUserId)).reason, Reason::kNoBinding);
    EXPECT_THAT(HeldAnywhere(facts, Roles(), kNow), IsEmpty());
  }
}

// `finance` has an mfa_max_age, `clerk` inherits it, and `manager` lists the same permissions without one.
RoleGraph RolesWithMfaMaxAge() {
  std::vector<RoleDefinition> roles;
  roles.push_back({"finance", {Pattern("money:*")}, {}, absl::Minutes(10)});
  roles.push_back({"clerk", {Pattern("posts:read")}, {"finance"}});
  roles.push_back({"lax", {Pattern("money:send")}, {}, absl::Hours(1)});
  roles.push_back({"manager", {Pattern("money:*")}, {}});
  return *RoleGraph::Create(std::move(roles));
}

Reason DecideAtMfaAge(const std::vector<Binding>& bindings, const std::string& permission, absl::Duration mfa_age,
                      const Scopes& scopes = Scopes::Unlimited()) {
  return Decide(User(bindings), scopes, RolesWithMfaMaxAge(), Perm(permission), Resource(), {kNow, kNow - mfa_age})
      .reason;
}

TEST(StepUpTest, ARoleWithMfaMaxAgeGrantsForThatTimeAfterASecondFactor) {
  const std::vector<Binding> bindings = {Bind("finance", "")};
  EXPECT_EQ(DecideAtMfaAge(bindings, "money:send", absl::InfiniteDuration()), Reason::kStepUpRequired);
  EXPECT_EQ(DecideAtMfaAge(bindings, "money:send", absl::ZeroDuration()), Reason::kGranted);
  EXPECT_EQ(DecideAtMfaAge(bindings, "money:send", absl::Minutes(10) - absl::Seconds(1)), Reason::kGranted);
  EXPECT_EQ(DecideAtMfaAge(bindings, "money:send", absl::Minutes(10)), Reason::kStepUpRequired);
}

TEST(StepUpTest, MfaMaxAgeIsInheritedOnlyForThePatternsOfItsRole) {
  const std::vector<Binding> bindings = {Bind("clerk", "")};
  EXPECT_EQ(DecideAtMfaAge(bindings, "posts:read", absl::InfiniteDuration()), Reason::kGranted);
  EXPECT_EQ(DecideAtMfaAge(bindings, "money:send", absl::InfiniteDuration()), Reason::kStepUpRequired);
}

TEST(StepUpTest, ABindingWithoutMfaMaxAgeNeedsNoSecondFactor) {
  EXPECT_EQ(DecideAtMfaAge({Bind("finance", ""), Bind("manager", "")}, "money:send", absl::InfiniteDuration()),
            Reason::kGranted);
  EXPECT_EQ(DecideAtMfaAge({Bind("finance", ""), Bind("lax", "")}, "money:send", absl::Minutes(30)), Reason::kGranted);
  EXPECT_EQ(DecideAtMfaAge({Bind("finance", ""), Bind("lax", "")}, "money:read", absl::Minutes(30)),
            Reason::kStepUpRequired);
}

TEST(StepUpTest, MissingBindingsAndScopesAreReportedFirst) {
  EXPECT_EQ(DecideAtMfaAge({Bind("finance", "a")}, "money:send", absl::InfiniteDuration()), Reason::kNoBinding);
  EXPECT_EQ(
      DecideAtMfaAge({Bind("finance", "")}, "money:send", absl::InfiniteDuration(), Scopes::Of({Pattern("posts:*")})),
      Reason::kScopeInsufficient);
}

TEST(StepUpTest, AnApprovalExpiresWithTheMfaMaxAge) {
  const Decision decision = Decide(User({Bind("finance", "")}), Scopes::Unlimited(), RolesWithMfaMaxAge(),
                                   Perm("money:send"), Resource(), {kNow, kNow - absl::Minutes(4)});
  EXPECT_EQ(decision.expire_time, kNow + absl::Minutes(6));
}

TEST(StepUpTest, APermissionIsHeldOnlyWhileTheSecondFactorIsFresh) {
  const PrincipalFacts facts = User({Bind("finance", "")});
  const auto missing = [&](absl::Duration mfa_age) {
    return FindNotHeld(facts, Scopes::Unlimited(), RolesWithMfaMaxAge(), {Pattern("money:*")}, Resource(),
                       {kNow, kNow - mfa_age});
  };
  EXPECT_FALSE(missing(absl::Minutes(1)));
  EXPECT_TRUE(missing(absl::InfiniteDuration()));
}

TEST(DecideTest, AMissingRoleGrantsNothing) {
  EXPECT_EQ(Ask(User({Bind("ghost", "")}), "posts:read", "x").reason, Reason::kNoBinding);
}

TEST(HeldTest, OnAPathOnlyBindingsThatCoverItCount) {
  const PrincipalFacts facts = User({Bind("viewer", ""), Bind("editor", "orgs/acme"), Bind("admin", "orgs/x")});
  const auto texts = [&](absl::string_view resource) {
    std::vector<std::string> found;
    for (const auto& held : HeldOn(facts, Roles(), Res(resource), kNow)) found.push_back(held.grant.pattern.text());
    return found;
  };
  EXPECT_THAT(texts(""), ElementsAre("posts:read"));
  EXPECT_THAT(texts("orgs/acme/1"), ElementsAre("posts:read", "posts:write", "posts:read"));
}

TEST(HeldTest, AnywhereReturnsEachPatternOnceInOrder) {
  std::vector<std::string> texts;
  for (const auto& pattern :
       HeldAnywhere(User({Bind("viewer", "b"), Bind("editor", "a"), Bind("admin", "c", kNow)}), Roles(), kNow)) {
    texts.push_back(pattern.text());
  }
  EXPECT_THAT(texts,
              ElementsAre("identity:self:*", "posts:read", "posts:write", "read:own_profile", "update:own_profile"));
}

TEST(HoldsTest, NeedsTheWholePatternAndTheScope) {
  const RoleGraph roles = Roles();
  const auto holds = [&](const PrincipalFacts& facts, absl::string_view pattern, absl::string_view resource,
                         const Scopes& scopes) {
    return !FindNotHeld(facts, scopes, roles, {Pattern(pattern)}, Res(resource), {kNow});
  };
  const PrincipalFacts admin = User({Bind("admin", "orgs/acme")});
  EXPECT_TRUE(holds(admin, "identity:users:write", "orgs/acme", Scopes::Unlimited()));
  EXPECT_TRUE(holds(admin, "identity:*", "orgs/acme/x", Scopes::Unlimited()));
  EXPECT_FALSE(holds(admin, "*", "orgs/acme", Scopes::Unlimited()));
  EXPECT_FALSE(holds(admin, "identity:*", "", Scopes::Unlimited()));
  EXPECT_FALSE(holds(admin, "identity:*", "orgs/acme", *Scopes::Parse({"identity:users:*"})));
  EXPECT_TRUE(holds(admin, "identity:users:*", "orgs/acme", *Scopes::Parse({"identity:users:*"})));
  const PrincipalFacts disabled = User({Bind("admin", "orgs/acme")}, true);
  EXPECT_FALSE(holds(disabled, "identity:users:write", "orgs/acme", Scopes::Unlimited()));
}

TEST(SuperAdminTest, HoldsEverythingEverywhere) {
  const RoleGraph roles = Roles();
  EXPECT_TRUE(IsSuperAdmin(User({Bind("super_admin", "")}), roles, kNow));
  EXPECT_FALSE(IsSuperAdmin(User({Bind("super_admin", "orgs")}), roles, kNow));
  EXPECT_FALSE(IsSuperAdmin(User({Bind("super_admin", "", kNow)}), roles, kNow));
  EXPECT_FALSE(IsSuperAdmin(User({Bind("admin", "")}), roles, kNow));
  const PrincipalFacts disabled = User({Bind("super_admin", "")}, true);
  EXPECT_TRUE(IsSuperAdmin(disabled, roles, kNow)) << "other administrators cannot change a disabled super admin";
}

// A second implementation of the same rules, which splits strings and uses no code of the domain.
struct NaivePolicy {
  struct NaiveBinding {
    std::string role;
    std::string resource;
    int64_t expire_seconds;
  };
  std::map<std::string, std::vector<std::string>> patterns;
  std::map<std::string, std::vector<std::string>> inherits;
  std::vector<NaiveBinding> bindings;
  std::vector<std::string> scopes;
  bool disabled = false;
};

bool NaiveMatches(const std::string& pattern, const std::string& permission) {
  const std::vector<std::string> parts = absl::StrSplit(pattern, ':');
  const std::vector<std::string> asked = absl::StrSplit(permission, ':');
  if (parts.back() != "*") return parts == asked;
  if (asked.size() < parts.size()) return false;
  return std::equal(parts.begin(), parts.end() - 1, asked.begin());
}

bool NaiveCovers(const std::string& path, const std::string& resource) {
  const std::vector<std::string> outer = absl::StrSplit(path, '/', absl::SkipEmpty());
  const std::vector<std::string> inner = absl::StrSplit(resource, '/', absl::SkipEmpty());
  return outer.size() <= inner.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

bool NaiveRoleGrants(const NaivePolicy& policy, const std::string& role, const std::string& permission) {
  for (const auto& pattern : policy.patterns.at(role)) {
    if (NaiveMatches(pattern, permission)) return true;
  }
  for (const auto& inherited : policy.inherits.at(role)) {
    if (NaiveRoleGrants(policy, inherited, permission)) return true;
  }
  return false;
}

// The answer and, for an approval, the latest end of a binding that grants.
std::pair<Reason, int64_t> NaiveDecide(const NaivePolicy& policy, const std::string& permission,
                                       const std::string& resource, int64_t now) {
  if (policy.disabled) return {Reason::kPrincipalDisabled, 0};
  int64_t latest = 0;
  for (const auto& binding : policy.bindings) {
    if (binding.expire_seconds <= now || !NaiveCovers(binding.resource, resource)) continue;
    if (NaiveRoleGrants(policy, binding.role, permission)) latest = std::max(latest, binding.expire_seconds);
  }
  if (latest == 0) return {Reason::kNoBinding, 0};
  for (const auto& scope : policy.scopes) {
    if (NaiveMatches(scope, permission)) return {Reason::kGranted, latest};
  }
  return {Reason::kScopeInsufficient, 0};
}

class RandomPolicies {
 public:
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(random_); }

  std::string Path(int max_segments, char separator) {
    std::vector<std::string> segments;
    // Some names are prefixes of others.
    for (int i = Below(max_segments + 1); i > 0; --i) segments.push_back(Below(2) == 0 ? "a" : "ab");
    return absl::StrJoin(segments, std::string(1, separator));
  }
  std::string PermissionText() {
    const std::string text = Path(2, ':');
    return text.empty() ? "ab" : text;
  }
  std::string PatternText() {
    if (Below(2) == 0) return PermissionText();
    const std::string text = Path(2, ':');
    return text.empty() ? "*" : text + ":*";
  }
  std::vector<std::string> PatternTexts(int limit) {
    std::vector<std::string> texts;
    for (int i = Below(limit); i > 0; --i) texts.push_back(PatternText());
    return texts;
  }

  NaivePolicy Policy() {
    NaivePolicy policy;
    constexpr int kRoles = 5;
    for (int i = 0; i < kRoles; ++i) {
      const std::string name = absl::StrCat("r", i);
      policy.patterns[name] = PatternTexts(3);
      policy.inherits[name];
      // Only later roles, so that there is no cycle.
      for (int j = i + 1; j < kRoles; ++j) {
        if (Below(4) == 0) policy.inherits[name].push_back(absl::StrCat("r", j));
      }
    }
    for (int i = Below(4); i > 0; --i) {
      policy.bindings.push_back({absl::StrCat("r", Below(kRoles)), Path(3, '/'), 95 + Below(10)});
    }
    policy.scopes = PatternTexts(4);
    policy.disabled = Below(20) == 0;
    return policy;
  }

 private:
  std::mt19937 random_{20240229};
};

TEST(DecideTest, AgreesWithANaiveEvaluatorOnRandomPolicies) {
  constexpr int64_t kNowSeconds = 100;
  RandomPolicies random;
  std::map<Reason, int> seen;
  for (int round = 0; round < 5000; ++round) {
    const NaivePolicy policy = random.Policy();
    std::vector<RoleDefinition> definitions;
    for (const auto& [name, patterns] : policy.patterns) {
      definitions.push_back(Role(name, patterns, policy.inherits.at(name)));
    }
    const auto roles = RoleGraph::Create(std::move(definitions));
    ASSERT_TRUE(roles.ok());
    std::vector<Binding> bindings;
    for (const auto& b : policy.bindings) {
      bindings.push_back(Bind(b.role, b.resource, absl::FromUnixSeconds(b.expire_seconds)));
    }
    const PrincipalFacts facts({PrincipalId(), PrincipalType::kServiceAccount, "", policy.disabled}, bindings);
    const Scopes scopes = *Scopes::Parse(policy.scopes);
    for (int question = 0; question < 10; ++question) {
      const std::string permission = random.PermissionText();
      const std::string resource = random.Path(4, '/');
      const auto [reason, latest] = NaiveDecide(policy, permission, resource, kNowSeconds);
      const Decision decision =
          Decide(facts, scopes, *roles, Perm(permission), Res(resource), {absl::FromUnixSeconds(kNowSeconds)});
      ++seen[reason];
      ASSERT_EQ(decision.reason, reason) << "round " << round << ": " << permission << " on " << resource;
      if (reason != Reason::kGranted) continue;
      ASSERT_EQ(absl::ToUnixSeconds(decision.expire_time), latest);
      const auto explanation =
          Explain(facts, *roles, Perm(permission), Res(resource), {absl::FromUnixSeconds(kNowSeconds)});
      ASSERT_TRUE(explanation);
      ASSERT_EQ(explanation->binding.expire_time, decision.expire_time);
      ASSERT_TRUE(NaiveMatches(explanation->grant.pattern.text(), permission));
      ASSERT_EQ(explanation->grant.chain.front(), explanation->binding.role);
    }
  }
  // Ensures that the test also covers approvals.
  EXPECT_GT(seen[Reason::kGranted], 1000);
  EXPECT_GT(seen[Reason::kNoBinding], 1000);
  EXPECT_GT(seen[Reason::kScopeInsufficient], 1000);
  EXPECT_GT(seen[Reason::kPrincipalDisabled], 1000);
}

}  // namespace
}  // namespace identity
