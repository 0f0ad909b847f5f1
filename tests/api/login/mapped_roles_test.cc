#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/api/login/provider_fixture.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kLinksPeople[] = "link_policy: LINK_POLICY_LINK";
constexpr char kCreatesPeople[] = "link_policy: LINK_POLICY_CREATE";
constexpr char kPublish[] = "posts:publish";
constexpr char kPasswordAfterReset[] = "incorrect zebra battery staple";

// The roles that claims of a provider's tokens give.
class MappedRolesTest : public ProviderTest {
 protected:
  // A field of v1::IdentityProvider in text form.
  static std::string Mapping(const std::string& value, const std::string& role, const std::string& resource = "",
                             const std::string& claim = "groups") {
    return absl::Substitute(" role_mappings { claim: '$0' value: '$1' role: '$2' resource: '$3' }", claim, value, role,
                            resource);
  }
  // A new role with the permission kPublish.
  static std::string MakePublisher() { return server().MakeRole({kPublish}); }
  static std::string MakeRoleWithFactor() {
    v1::CreateRoleRequest request;
    static int roles = 0;
    request.mutable_role()->set_name(absl::StrCat("guarded-", ++roles));
    request.mutable_role()->add_permissions(kPublish);
    request.mutable_role()->mutable_mfa_max_age()->set_seconds(3600);
    return Must(server().Call(&Admin::CreateRole, request, server().root())).role().name();
  }

  static Claims InGroups(Claims claims, const std::vector<std::string>& groups) {
    claims["groups"] = groups;
    return claims;
  }
  // The same claims in a token that was issued earlier.
  static Claims Issued(Claims claims, int seconds_ago) {
    claims["iat"] = claims.at("iat").get<int64_t>() - seconds_ago;
    return claims;
  }

  static std::vector<v1::Binding> BindingsOf(const std::string& principal_id) {
    const auto listed = Must(server().Call(
        &Admin::ListBindings, Proto<v1::ListBindingsRequest>("principal_id: '$0'", principal_id), server().root()));
    return {listed.bindings().begin(), listed.bindings().end()};
  }
  // Each as "role" or "role on resource".
  static std::vector<std::string> RolesOf(const std::string& principal_id) {
    std::vector<std::string> roles;
    for (const v1::Binding& binding : BindingsOf(principal_id)) {
      roles.push_back(binding.resource().empty() ? binding.role()
                                                 : absl::StrCat(binding.role(), " on ", binding.resource()));
    }
    return roles;
  }
  // Of the decision about kPublish on the resource.
  static v1::Reason ReasonOn(const v1::TokenSet& tokens, const std::string& resource = "") {
    v1::CheckPermissionRequest check;
    check.set_access_token(tokens.access_token());
    check.set_permission(kPublish);
    check.set_resource(resource);
    return server().Check(check).reason();
  }

  // Replaces the mappings of the provider.
  static Result<v1::UpdateIdentityProviderResponse> Map(const OpenIdProvider& provider, const std::string& mappings) {
    return server().Call(
        &Admin::UpdateIdentityProvider,
        Proto<v1::UpdateIdentityProviderRequest>("provider { name: '$0' $1 } update_mask { paths: 'role_mappings' }",
                                                 provider.name(), mappings),
        server().root());
  }
  // Tries to enter a provider that nobody asks.
  static Result<v1::CreateIdentityProviderResponse> TryToEnter(const std::string& mappings) {
    static int providers = 0;
    return server().Call(&Admin::CreateIdentityProvider,
                         Proto<v1::CreateIdentityProviderRequest>(
                             "provider { name: 'entered-$0' issuer: 'https://entered-$0.example' audiences: 'a' $1 }",
                             ++providers, mappings),
                         server().root());
  }
  static void SetDisabled(const OpenIdProvider& provider, bool disabled) {
    Must(server().Call(
        &Admin::UpdateIdentityProvider,
        Proto<v1::UpdateIdentityProviderRequest>(
            "provider { name: '$0' disabled: $1 } update_mask { paths: 'disabled' }", provider.name(), disabled),
        server().root()));
  }
  static Result<v1::UpdateRoleResponse> UpdateRole(const std::string& role, const std::string& fields) {
    return server().Call(&Admin::UpdateRole, Proto<v1::UpdateRoleRequest>("role { name: '$0' $1 }", role, fields),
                         server().root());
  }
  static Result<v1::DeleteRoleResponse> DeleteRole(const std::string& role) {
    return server().Call(&Admin::DeleteRole, Proto<v1::DeleteRoleRequest>("name: '$0'", role), server().root());
  }
  static void RevokeExternal(const OpenIdProvider& provider, const std::string& subject, bool undo = false) {
    v1::RevokeExternalRequest request;
    request.set_issuer(provider.issuer());
    request.set_subject(subject);
    request.set_undo(undo);
    Must(server().Call(&Admin::RevokeExternal, request, server().root()));
  }

  // How many events say that claims gave or took roles of the principal.
  static std::string MappedEvents(const std::string& principal_id) {
    return server().Ask("SELECT count(*)::text FROM audit_events WHERE event = 'roles.mapped' AND subject_id = '" +
                        principal_id + "'");
  }
  // How many changes of the principal the replicas were told.
  static std::string ChangesOf(const std::string& principal_id) {
    return server().Ask("SELECT count(*)::text FROM changes WHERE what = 'principal' AND whose = '" + principal_id +
                        "'");
  }

  // A person with an account, and with the role that the group "staff" gives.
  struct Member {
    TestUser user;
    v1::TokenSet tokens;
  };
  static Member MakeMember(const OpenIdProvider& provider, const std::string& subject = "ada") {
    const TestUser user = MakeVerified();
    const v1::TokenSet tokens = TokensBy(provider, InGroups(provider.Claims(subject, user.email), {"staff"}));
    EXPECT_EQ(tokens.principal_id(), user.id);
    EXPECT_THAT(RolesOf(user.id), SizeIs(1));
    return {user, tokens};
  }
};

// ---- Which logins give a role

TEST_F(MappedRolesTest, TheLoginThatCreatesAnAccountGivesTheRole) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kCreatesPeople + Mapping("staff", role));
  const v1::TokenSet staff = TokensBy(provider, InGroups(provider.Claims("ada", NewAddress()), {"all", "staff"}));
  EXPECT_THAT(RolesOf(staff.principal_id()), ElementsAre(role));
  EXPECT_EQ(ReasonOn(staff), v1::REASON_GRANTED);
  EXPECT_EQ(ReasonOn(staff, "orgs/acme"), v1::REASON_GRANTED) << "without a resource the role holds everywhere";

  const v1::TokenSet other = TokensBy(provider, InGroups(provider.Claims("bob", NewAddress()), {"all"}));
  EXPECT_THAT(RolesOf(other.principal_id()), IsEmpty());
  EXPECT_EQ(ReasonOn(other), v1::REASON_NO_BINDING);
}

TEST_F(MappedRolesTest, TheLoginThatLinksAnAccountGivesTheRole) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const Member member = MakeMember(provider);
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role));
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_GRANTED);
}

TEST_F(MappedRolesTest, ALaterLoginGivesTheRole) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const TestUser user = MakeVerified();
  const Claims claims = provider.Claims("ada", user.email);
  const v1::TokenSet before = TokensBy(provider, InGroups(claims, {}));
  EXPECT_EQ(ReasonOn(before), v1::REASON_NO_BINDING);
  EXPECT_EQ(ReasonOn(TokensBy(provider, InGroups(claims, {"staff"}))), v1::REASON_GRANTED);
  EXPECT_EQ(ReasonOn(before), v1::REASON_GRANTED) << "the role is the person's, not the session's";
}

TEST_F(MappedRolesTest, AMappingThatComesLaterCountsAtTheNextLogin) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople);
  const TestUser user = MakeVerified();
  const Claims claims = InGroups(provider.Claims("ada", user.email), {"staff"});
  TokensBy(provider, claims);
  Must(Map(provider, Mapping("staff", role)));
  EXPECT_THAT(RolesOf(user.id), IsEmpty()) << "the service does not keep the claims";
  TokensBy(provider, claims);
  EXPECT_THAT(RolesOf(user.id), ElementsAre(role));
}

// A person with a second factor is linked by the second step, which has no token.
TEST_F(MappedRolesTest, AfterALoginInTwoStepsThatLinksTheNextOneGivesTheRole) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const TestUser user = MakeVerified();
  const Factor factor = GiveFactor(server(), user);
  const Claims claims = InGroups(provider.Claims("ada", user.email), {"staff"});
  const auto first = Must(LogIn(provider, claims));
  ASSERT_TRUE(first.has_mfa_challenge());
  EXPECT_THAT(RolesOf(user.id), IsEmpty());
  Must(TryRecoveryCode(server(), first.mfa_challenge().challenge_token(), factor.recovery_codes[0]));
  EXPECT_EQ(OwnerOf(provider, "ada"), user.id);
  EXPECT_THAT(RolesOf(user.id), IsEmpty());

  const auto next = Must(LogIn(provider, claims));
  ASSERT_TRUE(next.has_mfa_challenge());
  const auto tokens =
      Must(TryRecoveryCode(server(), next.mfa_challenge().challenge_token(), factor.recovery_codes[1])).tokens();
  EXPECT_THAT(RolesOf(user.id), ElementsAre(role));
  EXPECT_EQ(ReasonOn(tokens), v1::REASON_GRANTED);
}

TEST_F(MappedRolesTest, ALoginInTwoStepsOfALinkedPersonGivesTheRole) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const TestUser user = MakeVerified();
  const Claims claims = provider.Claims("ada", user.email);
  TokensBy(provider, claims);
  const Factor factor = GiveFactor(server(), user);
  const auto challenged = Must(LogIn(provider, InGroups(claims, {"staff"})));
  ASSERT_TRUE(challenged.has_mfa_challenge());
  const auto tokens =
      Must(TryRecoveryCode(server(), challenged.mfa_challenge().challenge_token(), factor.recovery_codes[0])).tokens();
  EXPECT_THAT(RolesOf(user.id), ElementsAre(role));
  EXPECT_EQ(ReasonOn(tokens), v1::REASON_GRANTED);
}

TEST_F(MappedRolesTest, ALoginThatIsRefusedGivesNobodyARole) {
  const OpenIdProvider provider = Enter("link_policy: LINK_POLICY_NONE" + Mapping("staff", MakePublisher()));
  const TestUser user = MakeVerified();
  EXPECT_THAT(LogIn(provider, InGroups(provider.Claims("ada", user.email), {"staff"})),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(RolesOf(user.id), IsEmpty());
}

// ---- Which claims give it

TEST_F(MappedRolesTest, AClaimMayBeWithinAnother) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kCreatesPeople + Mapping("staff", role, "", "/realm_access/roles"));
  Claims claims = provider.Claims("ada", NewAddress());
  claims["realm_access"]["roles"] = {"offline", "staff"};
  EXPECT_THAT(RolesOf(TokensBy(provider, claims).principal_id()), ElementsAre(role));

  Claims beside = provider.Claims("bob", NewAddress());
  beside["roles"] = {"offline", "staff"};
  EXPECT_THAT(RolesOf(TokensBy(provider, beside).principal_id()), IsEmpty());
}

TEST_F(MappedRolesTest, AClaimMayBeASingleText) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kCreatesPeople + Mapping("staff", role, "", "department"));
  Claims claims = provider.Claims("ada", NewAddress());
  claims["department"] = "staff";
  EXPECT_THAT(RolesOf(TokensBy(provider, claims).principal_id()), ElementsAre(role));
  claims["department"] = "staff of another house";
  EXPECT_THAT(RolesOf(TokensBy(provider, claims).principal_id()), IsEmpty()) << "the whole text counts";
}

TEST_F(MappedRolesTest, EachMappingGivesItsRole) {
  const std::string writer = server().MakeRole({"posts:write"});
  const std::string publisher = MakePublisher();
  const OpenIdProvider provider =
      Enter(kLinksPeople + Mapping("writers", writer) + Mapping("staff", publisher) + Mapping("chiefs", publisher));
  const TestUser user = MakeVerified();
  const Claims claims = provider.Claims("ada", user.email);
  TokensBy(provider, InGroups(claims, {"writers", "staff", "chiefs"}));
  EXPECT_THAT(RolesOf(user.id), UnorderedElementsAre(writer, publisher)) << "two groups give one role once";

  TokensBy(provider, InGroups(claims, {"writers", "chiefs"}));
  EXPECT_THAT(RolesOf(user.id), UnorderedElementsAre(writer, publisher)) << "either group is enough";
  EXPECT_EQ(MappedEvents(user.id), "1");

  TokensBy(provider, InGroups(claims, {"writers"}));
  EXPECT_THAT(RolesOf(user.id), ElementsAre(writer));
  EXPECT_EQ(MappedEvents(user.id), "2");
}

TEST_F(MappedRolesTest, ARoleMayBeForOneResource) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role, "orgs/acme"));
  const Member member = MakeMember(provider);
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role + " on orgs/acme"));
  EXPECT_EQ(ReasonOn(member.tokens, "orgs/acme"), v1::REASON_GRANTED);
  EXPECT_EQ(ReasonOn(member.tokens, "orgs/acme/projects/p1"), v1::REASON_GRANTED);
  EXPECT_EQ(ReasonOn(member.tokens, "orgs/other"), v1::REASON_NO_BINDING);
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_NO_BINDING);
}

// ---- Later logins

TEST_F(MappedRolesTest, ALoginWithoutTheGroupTakesTheRole) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_GRANTED);
  const v1::TokenSet later = TokensBy(provider, InGroups(provider.Claims("ada"), {"all"}));
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  EXPECT_EQ(ReasonOn(later), v1::REASON_NO_BINDING);
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_NO_BINDING) << "the session that runs loses it, too";
}

TEST_F(MappedRolesTest, ALoginWithoutTheClaimTakesTheRole) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  TokensBy(provider, provider.Claims("ada"));
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
}

TEST_F(MappedRolesTest, ALoginWithThePasswordLeavesTheRole) {
  const std::string role = MakePublisher();
  const Member member = MakeMember(Enter(kLinksPeople + Mapping("staff", role)));
  const v1::TokenSet tokens = server().Login(member.user);
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role));
  EXPECT_EQ(ReasonOn(tokens), v1::REASON_GRANTED);
}

// Somebody who has kept an old token must not get a former role back with it.
TEST_F(MappedRolesTest, AnOlderTokenGivesNoRole) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const TestUser user = MakeVerified();
  const Claims claims = provider.Claims("ada", user.email);
  TokensBy(provider, InGroups(Issued(claims, 120), {"staff"}));
  EXPECT_THAT(RolesOf(user.id), SizeIs(1));
  TokensBy(provider, InGroups(Issued(claims, 60), {}));
  EXPECT_THAT(RolesOf(user.id), IsEmpty());
  for (const int age : {120, 61}) {
    const v1::TokenSet tokens = TokensBy(provider, InGroups(Issued(claims, age), {"staff"}));
    EXPECT_EQ(ReasonOn(tokens), v1::REASON_NO_BINDING) << "the token logs in, but gives nothing";
    EXPECT_THAT(RolesOf(user.id), IsEmpty()) << age;
  }
  EXPECT_EQ(ReasonOn(TokensBy(provider, InGroups(Issued(claims, 60), {"staff"}))), v1::REASON_GRANTED)
      << "one of the same second counts";
}

TEST_F(MappedRolesTest, AnOlderTokenTakesNoRole) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  const v1::TokenSet tokens = TokensBy(provider, Issued(provider.Claims("ada"), 3600));
  EXPECT_EQ(ReasonOn(tokens), v1::REASON_GRANTED);
  EXPECT_THAT(RolesOf(member.user.id), SizeIs(1));
}

// Otherwise a token that was newer, but had changed nothing, would not count.
TEST_F(MappedRolesTest, AnOlderTokenIsOneThatIsOlderThanTheLatest) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const TestUser user = MakeVerified();
  const Claims claims = provider.Claims("ada", user.email);
  TokensBy(provider, InGroups(Issued(claims, 120), {}));
  TokensBy(provider, InGroups(Issued(claims, 60), {}));
  TokensBy(provider, InGroups(Issued(claims, 90), {"staff"}));
  EXPECT_THAT(RolesOf(user.id), IsEmpty());
}

// Logins are frequent, and a change makes all replicas reload.
TEST_F(MappedRolesTest, ALoginWithTheSameClaimsChangesNothing) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  const std::string before = BindingsOf(member.user.id).at(0).DebugString();
  const std::string changes = ChangesOf(member.user.id);
  EXPECT_EQ(MappedEvents(member.user.id), "1");
  TokensBy(provider, InGroups(provider.Claims("ada"), {"staff"}));
  TokensBy(provider, InGroups(provider.Claims("ada"), {"all", "staff"}));
  EXPECT_EQ(BindingsOf(member.user.id).at(0).DebugString(), before);
  EXPECT_EQ(MappedEvents(member.user.id), "1");
  EXPECT_EQ(ChangesOf(member.user.id), changes);

  TokensBy(provider, provider.Claims("ada"));
  EXPECT_EQ(MappedEvents(member.user.id), "2");
  TokensBy(provider, provider.Claims("ada"));
  EXPECT_EQ(MappedEvents(member.user.id), "2") << "there is nothing left to take";
}

TEST_F(MappedRolesTest, ARoleThatIsGivenIsAudited) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role, "orgs/acme"));
  const Member member = MakeMember(provider);
  EXPECT_EQ(server().Ask("SELECT target || ' ' || details || ' ' || outcome FROM audit_events WHERE"
                         " event = 'roles.mapped' AND subject_id = '" +
                         member.user.id + "'"),
            absl::StrCat("ada ", provider.issuer(), ": ", role, " on orgs/acme success"));
}

// ---- The end of a binding

TEST_F(MappedRolesTest, TheBindingEndsWithTheLongestSession) {
  const Member member = MakeMember(Enter(kLinksPeople + Mapping("staff", MakePublisher())));
  const std::vector<v1::Binding> bindings = BindingsOf(member.user.id);
  ASSERT_THAT(bindings, SizeIs(1));
  ASSERT_TRUE(bindings[0].has_expire_time());
  EXPECT_GT(bindings[0].expire_time().seconds(), absl::ToUnixSeconds(absl::Now()));
  const int64_t longest = absl::ToInt64Seconds(Config().session_lifetime);
  EXPECT_LE(bindings[0].expire_time().seconds(), bindings[0].create_time().seconds() + longest + 1)
      << "but for the moment between the two times";
}

TEST_F(MappedRolesTest, SomebodyWhoDoesNotComeBackLosesTheRole) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const Member member = MakeMember(provider);
  server().ExpireBinding(BindingsOf(member.user.id).at(0).id());
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_NO_BINDING);
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  TokensBy(provider, InGroups(provider.Claims("ada"), {"staff"}));
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_GRANTED) << "the next login gives it again";
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role));
}

TEST_F(MappedRolesTest, ALoginRenewsABindingThatIsADayOld) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  server().database().Execute(
      "UPDATE bindings SET expire_time = expire_time - interval '2 days' WHERE principal_id = '" + member.user.id +
      "'");
  const v1::Binding before = BindingsOf(member.user.id).at(0);
  TokensBy(provider, InGroups(provider.Claims("ada"), {"staff"}));
  const std::vector<v1::Binding> bindings = BindingsOf(member.user.id);
  ASSERT_THAT(bindings, SizeIs(1));
  EXPECT_GT(bindings[0].expire_time().seconds(), before.expire_time().seconds());
  EXPECT_EQ(bindings[0].create_time().DebugString(), before.create_time().DebugString())
      << "a new factor counts at once for roles that are newer than its session";
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_GRANTED);
}

// ---- Bindings of administrators

TEST_F(MappedRolesTest, ABindingOfAnAdministratorStays) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const TestUser user = MakeVerified();
  const std::string binding = server().Bind(user.id, role);
  const Claims claims = provider.Claims("ada", user.email);
  TokensBy(provider, InGroups(claims, {"staff"}));
  EXPECT_THAT(RolesOf(user.id), ElementsAre(role)) << "one binding is enough";
  TokensBy(provider, InGroups(claims, {}));
  Must(Map(provider, ""));
  const std::vector<v1::Binding> bindings = BindingsOf(user.id);
  ASSERT_THAT(bindings, SizeIs(1));
  EXPECT_EQ(bindings[0].id(), binding);
  EXPECT_FALSE(bindings[0].has_expire_time());
}

TEST_F(MappedRolesTest, ABindingOfAnAdministratorOnAnotherResourceStays) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const Member member = MakeMember(provider);
  server().Bind(member.user.id, role, "orgs/acme");
  TokensBy(provider, provider.Claims("ada"));
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role + " on orgs/acme"));
}

TEST_F(MappedRolesTest, AnAdministratorCanEndAMappedBindingUntilTheNextLogin) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  Must(server().Call(&Admin::DeleteBinding,
                     Proto<v1::DeleteBindingRequest>("binding_id: '$0'", BindingsOf(member.user.id).at(0).id()),
                     server().root()));
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_NO_BINDING);
  TokensBy(provider, InGroups(provider.Claims("ada"), {"staff"}));
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_GRANTED);
}

// ---- Which roles can be mapped

TEST_F(MappedRolesTest, MappingsAreReadAsTheyWereEntered) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(Mapping("staff", role, "orgs/acme", "/a/b") + Mapping("chiefs", role));
  const auto stored = [&] {
    return Must(server().Call(&Admin::GetIdentityProvider,
                              Proto<v1::GetIdentityProviderRequest>("name: '$0'", provider.name()), server().root()))
        .provider();
  };
  const v1::IdentityProvider before = stored();
  ASSERT_EQ(before.role_mappings_size(), 2);
  EXPECT_EQ(before.role_mappings(0).claim(), "/a/b");
  EXPECT_EQ(before.role_mappings(0).value(), "staff");
  EXPECT_EQ(before.role_mappings(0).role(), role);
  EXPECT_EQ(before.role_mappings(0).resource(), "orgs/acme");
  EXPECT_EQ(before.role_mappings(1).claim(), "groups");
  EXPECT_EQ(before.role_mappings(1).value(), "chiefs");
  EXPECT_EQ(before.role_mappings(1).resource(), "");

  SetDisabled(provider, true);
  EXPECT_EQ(stored().role_mappings_size(), 2) << "another field leaves them";
  Must(Map(provider, Mapping("chiefs", role)));
  EXPECT_EQ(stored().role_mappings_size(), 1);
  Must(Map(provider, ""));
  EXPECT_EQ(stored().role_mappings_size(), 0);
}

// Otherwise the administrators of the provider would be ours.
TEST_F(MappedRolesTest, ARoleWithPermissionsOfTheServiceCannotBeMapped) {
  const std::string good = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", good));
  const std::string reader = server().MakeRole({kPublish, "identity:users:read"});
  for (const std::string& role : {std::string("super_admin"), std::string("admin"), reader, server().MakeRole({"*"}),
                                  server().MakeRole({"identity:*"}), server().MakeRole({kPublish}, {reader}),
                                  server().MakeRole({}, {server().MakeRole({}, {reader})})}) {
    const std::string mappings = Mapping("staff", good) + Mapping("chiefs", role);
    EXPECT_THAT(TryToEnter(mappings), RefusesField("provider.role_mappings[1].role")) << role;
    EXPECT_THAT(Map(provider, mappings), RefusesField("provider.role_mappings[1].role")) << role;
    EXPECT_THAT(TryToEnter(Mapping("chiefs", role, "orgs/acme")), RefusesField("provider.role_mappings[0].role"))
        << role << " on one resource";
  }
  EXPECT_THAT(TryToEnter(Mapping("staff", good)), Succeeds());
}

TEST_F(MappedRolesTest, AnUnknownRoleCannotBeMapped) {
  const OpenIdProvider provider = Enter(kLinksPeople);
  for (const char* role : {"no-such-role", "No Such Role", ""}) {
    EXPECT_THAT(TryToEnter(Mapping("staff", role)), RefusesField("provider.role_mappings[0].role")) << role;
    EXPECT_THAT(Map(provider, Mapping("staff", role)), RefusesField("provider.role_mappings[0].role")) << role;
  }
}

TEST_F(MappedRolesTest, AMappingNeedsAClaimAValueAndAGoodResource) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople);
  const struct {
    const char* field;
    std::string mapping;
  } cases[] = {
      {"provider.role_mappings[1].claim", Mapping("staff", role, "", "")},
      {"provider.role_mappings[1].claim", Mapping("staff", role, "", "a claim")},
      {"provider.role_mappings[1].value", Mapping("", role)},
      {"provider.role_mappings[1].resource", Mapping("staff", role, "orgs//acme")},
      {"provider.role_mappings[1].resource", Mapping("staff", role, "orgs/..")},
      {"provider.role_mappings[1].resource", Mapping("staff", role, "an org")},
  };
  for (const auto& [field, mapping] : cases) {
    const std::string mappings = Mapping("chiefs", role) + mapping;
    EXPECT_THAT(TryToEnter(mappings), RefusesField(field)) << mapping;
    EXPECT_THAT(Map(provider, mappings), RefusesField(field)) << mapping;
  }
}

TEST_F(MappedRolesTest, ThereAreAtMostAHundredMappings) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople);
  std::string mappings;
  for (int i = 0; i < 100; ++i) mappings += Mapping(absl::StrCat("group-", i), role);
  EXPECT_THAT(TryToEnter(mappings), Succeeds());
  EXPECT_THAT(Map(provider, mappings), Succeeds());
  mappings += Mapping("one-more", role);
  EXPECT_THAT(TryToEnter(mappings), RefusesField("provider.role_mappings"));
  EXPECT_THAT(Map(provider, mappings), RefusesField("provider.role_mappings"));
}

TEST_F(MappedRolesTest, AMappedRoleGetsNoPermissionOfTheService) {
  const std::string base = server().MakeRole({"posts:read"});
  const std::string role = server().MakeRole({kPublish}, {base});
  const std::string reader = server().MakeRole({"identity:users:read"});
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role, "orgs/acme"));
  for (const char* permission : {"identity:users:read", "identity:*", "*"}) {
    const std::string fields = absl::StrCat("permissions: '", permission, "'");
    EXPECT_THAT(UpdateRole(role, fields), FailsWith(ErrorReason::kRoleInUse)) << permission;
    EXPECT_THAT(UpdateRole(base, fields), FailsWith(ErrorReason::kRoleInUse)) << permission << ", by inheritance";
  }
  EXPECT_THAT(UpdateRole(role, absl::StrCat("inherits: '", reader, "'")), FailsWith(ErrorReason::kRoleInUse));
  EXPECT_THAT(UpdateRole(base, absl::StrCat("inherits: '", reader, "'")), FailsWith(ErrorReason::kRoleInUse));
  EXPECT_THAT(UpdateRole(role, "permissions: 'posts:*'"), Succeeds());
  EXPECT_THAT(UpdateRole(base, "permissions: 'comments:read'"), Succeeds());

  Must(Map(provider, ""));
  EXPECT_THAT(UpdateRole(base, "permissions: 'identity:users:read'"), Succeeds()) << "it is not mapped any more";
}

TEST_F(MappedRolesTest, ARoleOfADisabledProviderIsMapped) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter("disabled: true" + Mapping("staff", role));
  EXPECT_THAT(UpdateRole(role, "permissions: '*'"), FailsWith(ErrorReason::kRoleInUse));
  EXPECT_THAT(DeleteRole(role), FailsWith(ErrorReason::kRoleInUse));
}

TEST_F(MappedRolesTest, AMappedRoleIsNotDeleted) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  EXPECT_THAT(DeleteRole(role), FailsWith(ErrorReason::kRoleInUse)) << "nobody has it yet";
  MakeMember(provider);
  EXPECT_THAT(DeleteRole(role), FailsWith(ErrorReason::kRoleInUse));
  Must(Map(provider, ""));
  EXPECT_THAT(DeleteRole(role), Succeeds()) << "without the mapping nobody has it";
}

// ---- What ends the roles at once

TEST_F(MappedRolesTest, AMappingThatIsRemovedEndsTheRolesOfAll) {
  const std::string role = MakePublisher();
  const std::string kept = server().MakeRole({"posts:write"});
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role) + Mapping("writers", kept));
  const Member ada = MakeMember(provider, "ada");
  const Member bob = MakeMember(provider, "bob");
  TokensBy(provider, InGroups(provider.Claims("bob"), {"staff", "writers"}));
  Must(Map(provider, Mapping("writers", kept)));
  EXPECT_THAT(RolesOf(ada.user.id), IsEmpty());
  EXPECT_THAT(RolesOf(bob.user.id), ElementsAre(kept)) << "the other mapping is still there";
  EXPECT_EQ(ReasonOn(ada.tokens), v1::REASON_NO_BINDING);
  EXPECT_EQ(ReasonOn(bob.tokens), v1::REASON_NO_BINDING);
}

TEST_F(MappedRolesTest, AnotherResourceEndsTheRoleOnTheFormerOne) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role, "orgs/acme"));
  const Member member = MakeMember(provider);
  Must(Map(provider, Mapping("staff", role, "orgs/other")));
  EXPECT_EQ(ReasonOn(member.tokens, "orgs/acme"), v1::REASON_NO_BINDING);
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  TokensBy(provider, InGroups(provider.Claims("ada"), {"staff"}));
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role + " on orgs/other"));
  EXPECT_EQ(ReasonOn(member.tokens, "orgs/acme"), v1::REASON_NO_BINDING);
}

TEST_F(MappedRolesTest, AnUpdateThatKeepsTheMappingKeepsTheRoles) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const Member member = MakeMember(provider);
  const std::string before = BindingsOf(member.user.id).at(0).DebugString();
  Update(provider, "provider { name: '$0' trusted_amr: 'mfa' }");
  Must(Map(provider, Mapping("others", server().MakeRole({"posts:write"})) + Mapping("staff", role)));
  EXPECT_EQ(BindingsOf(member.user.id).at(0).DebugString(), before);
}

TEST_F(MappedRolesTest, ADisabledProviderEndsTheRoles) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const Member member = MakeMember(provider);
  SetDisabled(provider, true);
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_NO_BINDING);
  EXPECT_THAT(LogIn(provider, InGroups(provider.Claims("ada"), {"staff"})),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  SetDisabled(provider, false);
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  TokensBy(provider, InGroups(provider.Claims("ada"), {"staff"}));
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role));
}

TEST_F(MappedRolesTest, ADisabledProviderEndsTheRolesOfManyPeopleInOneChange) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kCreatesPeople + Mapping("staff", role));
  std::vector<v1::TokenSet> people;
  for (int i = 0; i < 30; ++i) {
    const Claims claims = provider.Claims(absl::StrCat("person-", i), NewAddress());
    people.push_back(TokensBy(provider, InGroups(claims, {"staff"})));
  }
  SetDisabled(provider, true);
  for (const v1::TokenSet& tokens : people) EXPECT_EQ(ReasonOn(tokens), v1::REASON_NO_BINDING);
  EXPECT_EQ(server().Ask("SELECT count(DISTINCT whose)::text FROM changes, revision"
                         " WHERE what = 'principal' AND revision = value"),
            "30");
}

TEST_F(MappedRolesTest, ALoginThatIsRefusedChangesNoRoles) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const Member member = MakeMember(provider);
  for (int i = 0; i < 5; ++i) server().TryLogin(member.user.username, "wrong password");
  EXPECT_THAT(LogIn(provider, InGroups(provider.Claims("ada"), {})), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role)) << "the account is locked";
}

TEST_F(MappedRolesTest, ADeletedProviderEndsTheRoles) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  Must(server().Call(&Admin::DeleteIdentityProvider,
                     Proto<v1::DeleteIdentityProviderRequest>("name: '$0'", provider.name()), server().root()));
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_NO_BINDING);
}

TEST_F(MappedRolesTest, PeopleOfAnotherProviderKeepTheirs) {
  const std::string role = MakePublisher();
  const OpenIdProvider other = Enter(kLinksPeople + Mapping("staff", role));
  const Member member = MakeMember(other);
  const std::string given = server().Bind(server().MakeUser().id, role);
  const auto expect_kept = [&] {
    EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_GRANTED);
    EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role));
    EXPECT_EQ(server().Ask("SELECT count(*)::text FROM bindings WHERE id = '" + given + "'"), "1");
  };
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  MakeMember(provider);
  Must(Map(provider, ""));
  expect_kept();
  SetDisabled(provider, true);
  expect_kept();
  Must(server().Call(&Admin::DeleteIdentityProvider,
                     Proto<v1::DeleteIdentityProviderRequest>("name: '$0'", provider.name()), server().root()));
  expect_kept();
}

TEST_F(MappedRolesTest, AnUnlinkedIdentityLosesItsRoles) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  const std::string given = server().MakeRole({"posts:write"});
  server().Bind(member.user.id, given);
  v1::UnlinkIdentityRequest request;
  request.set_issuer(provider.issuer());
  request.set_subject("ada");
  *request.mutable_proof() = ProofOf(member.user);
  Must(server().Call(&Account::UnlinkIdentity, request, SessionOf(server(), member.user)));
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(given));
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_NO_BINDING);
  EXPECT_THAT(LogIn(provider, InGroups(provider.Claims("ada"), {"staff"})),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(given)) << "a login that is refused gives nothing back";
}

TEST_F(MappedRolesTest, AResetPasswordEndsTheRoles) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  const std::string given = server().MakeRole({"posts:write"});
  server().Bind(member.user.id, given);
  Must(server().Call(&Account::RequestPasswordReset,
                     Proto<v1::RequestPasswordResetRequest>("login: '$0'", member.user.username)));
  Must(server().Call(&Account::ResetPassword,
                     Proto<v1::ResetPasswordRequest>("token: '$0' new_password: '$1'",
                                                     MailedToken(server(), MailKind::kResetPassword, member.user.email),
                                                     std::string(kPasswordAfterReset))));
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(given));
}

TEST_F(MappedRolesTest, ResetCredentialsEndTheRoles) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  const std::string given = server().MakeRole({"posts:write"});
  server().Bind(member.user.id, given);
  Must(server().Call(&Admin::ResetCredentials, Proto<v1::ResetCredentialsRequest>("user_id: '$0'", member.user.id),
                     server().root()));
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(given));
}

TEST_F(MappedRolesTest, ARevokedIdentityLosesItsRoles) {
  const std::string role = MakePublisher();
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", role));
  const Member member = MakeMember(provider, "ada");
  const Member other = MakeMember(provider, "bob");
  RevokeExternal(provider, "ada");
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  EXPECT_EQ(ReasonOn(member.tokens), v1::REASON_NO_BINDING);
  EXPECT_EQ(ReasonOn(other.tokens), v1::REASON_GRANTED) << "another person of the provider is not concerned";
  RevokeExternal(provider, "ada", true);
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  TokensBy(provider, InGroups(provider.Claims("ada"), {"staff"}));
  EXPECT_THAT(RolesOf(member.user.id), ElementsAre(role));
}

// The sessions that run would have the roles again.
TEST_F(MappedRolesTest, ALoginOfARevokedIdentityGivesNothingBack) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const Member member = MakeMember(provider);
  RevokeExternal(provider, "ada");
  EXPECT_THAT(LogIn(provider, InGroups(provider.Claims("ada"), {"staff"})),
              FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(RolesOf(member.user.id), IsEmpty());
  EXPECT_EQ(MappedEvents(member.user.id), "1");
}

// Nobody would end such a role before its time, because later logins find no mapping.
TEST_F(MappedRolesTest, AMappingThatIsRemovedDuringALoginGivesNothing) {
  const OpenIdProvider provider = NewProvider();
  provider.Publish();
  const std::string keys = absl::StrCat("/", provider.name(), "/keys");
  const std::string held = provider.name() + "-released";
  Claims key_set;
  key_set["keys"] = Claims::array({provider.forge().Jwk()});
  documents().Answer(keys, {{"after", held}, {"body", key_set.dump()}});
  Enter(server(), provider, kCreatesPeople + Mapping("staff", MakePublisher()));
  const v1::AuthenticateRequest request =
      RequestBy(provider, InGroups(provider.Claims("ada", NewAddress()), {"staff"}));
  Result<v1::AuthenticateResponse> result;
  std::atomic<bool> done = false;
  std::thread login([&] {
    result = Authenticate(request);
    done = true;
  });
  // The server has read the provider's row, and waits for its keys.
  while (!done && documents().Requests(keys) == 0) std::this_thread::yield();
  const auto unmapped = Map(provider, "");
  documents().Release(held);
  login.join();
  ASSERT_THAT(unmapped, Succeeds());
  // The login goes on with the provider as it is now.
  ASSERT_THAT(result, Succeeds());
  EXPECT_THAT(RolesOf(result->tokens().principal_id()), IsEmpty());
}

// ---- What a login gets with such roles

TEST_F(MappedRolesTest, TheLoginThatCreatesAnAccountMayAskForTheScopesOfTheRole) {
  const OpenIdProvider provider = Enter(kCreatesPeople + Mapping("staff", MakePublisher()));
  v1::AuthenticateRequest request = RequestBy(provider, InGroups(provider.Claims("ada", NewAddress()), {"staff"}));
  request.add_scopes(kPublish);
  const v1::TokenSet tokens = Must(Authenticate(request)).tokens();
  EXPECT_THAT(tokens.scopes(), ElementsAre(kPublish));
  EXPECT_EQ(ReasonOn(tokens), v1::REASON_GRANTED);
}

// Otherwise no login would ever link the person of a client that always asks for scopes.
TEST_F(MappedRolesTest, TheLoginThatLinksMayAskForTheScopesOfTheRole) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakePublisher()));
  const TestUser user = MakeVerified();
  v1::AuthenticateRequest request = RequestBy(provider, InGroups(provider.Claims("ada", user.email), {"staff"}));
  request.add_scopes(kPublish);
  const auto answer = Authenticate(request);
  ASSERT_THAT(answer, Succeeds());
  EXPECT_THAT(answer->tokens().scopes(), ElementsAre(kPublish));
  EXPECT_EQ(OwnerOf(provider, "ada"), user.id);
}

TEST_F(MappedRolesTest, ARoleThatNeedsASecondFactorAsksANewPersonForOne) {
  const std::string role = MakeRoleWithFactor();
  const OpenIdProvider provider = Enter(kCreatesPeople + Mapping("staff", role));
  const Claims claims = provider.Claims("ada", NewAddress());
  const v1::TokenSet tokens = TokensBy(provider, InGroups(claims, {"staff"}));
  EXPECT_TRUE(tokens.mfa_enrollment_required());
  EXPECT_THAT(tokens.scopes(), ElementsAre("identity:self:*"));
  EXPECT_THAT(RolesOf(tokens.principal_id()), ElementsAre(role));
  EXPECT_EQ(ReasonOn(tokens), v1::REASON_SCOPE_INSUFFICIENT);

  EXPECT_FALSE(TokensBy(provider, InGroups(claims, {})).mfa_enrollment_required()) << "without the role none is due";
}

TEST_F(MappedRolesTest, ARoleThatNeedsASecondFactorAsksALinkedPersonForOne) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakeRoleWithFactor()));
  const TestUser user = MakeVerified();
  const Claims claims = provider.Claims("ada", user.email);
  EXPECT_FALSE(TokensBy(provider, InGroups(claims, {})).mfa_enrollment_required());
  EXPECT_TRUE(TokensBy(provider, InGroups(claims, {"staff"})).mfa_enrollment_required());
}

// The login that links begins before the person has the role.
TEST_F(MappedRolesTest, ARoleThatNeedsASecondFactorGrantsNothingAtTheLoginThatLinks) {
  const OpenIdProvider provider = Enter(kLinksPeople + Mapping("staff", MakeRoleWithFactor()));
  const Member member = MakeMember(provider);
  EXPECT_NE(ReasonOn(member.tokens), v1::REASON_GRANTED);
  EXPECT_TRUE(TokensBy(provider, InGroups(provider.Claims("ada"), {"staff"})).mfa_enrollment_required());
}

// A provider that says that the login was long ago must not make the role look newer than the session.
TEST_F(MappedRolesTest, ANewFactorOfAPersonWithoutAPasswordWaitsADay) {
  const OpenIdProvider provider = Enter(kCreatesPeople + Mapping("staff", MakeRoleWithFactor()));
  const std::string email = NewAddress();
  const auto claims = [&](int64_t auth_time) {
    Claims all = InGroups(provider.Claims("ada", email), {"staff"});
    all["auth_time"] = auth_time;
    return all;
  };
  const Metadata session = Bearer(TokensBy(provider, claims(1)).access_token());
  v1::EnrollTotpRequest enroll;
  *enroll.mutable_proof()->mutable_id_token() =
      RequestBy(provider, claims(absl::ToUnixSeconds(absl::Now()))).id_token();
  const App app(Must(server().Call(&Account::EnrollTotp, enroll, session)).otpauth_uri());
  const auto confirmed = Must(server().Call(
      &Account::ConfirmTotp, Proto<v1::ConfirmTotpRequest>("totp_code: '$0'", app.Code(server())), session));
  const std::string challenge = Must(LogIn(provider, claims(1))).mfa_challenge().challenge_token();
  const auto login = Must(TryRecoveryCode(server(), challenge, confirmed.recovery_codes(0)));
  EXPECT_EQ(ReasonOn(login.tokens()), v1::REASON_STEP_UP_REQUIRED);
}

}  // namespace
}  // namespace identity
