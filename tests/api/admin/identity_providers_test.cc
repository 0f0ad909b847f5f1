#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/harness.h"

namespace identity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What administrators do with OpenID providers. Nothing here asks one.
class IdentityProviderTest : public RpcTest {
 protected:
  template <typename... Arguments>
  static Result<v1::CreateIdentityProviderResponse> Create(const Metadata& caller, const char* text,
                                                           const Arguments&... arguments) {
    return server().Call(&Admin::CreateIdentityProvider, Proto<v1::CreateIdentityProviderRequest>(text, arguments...),
                         caller);
  }
  template <typename... Arguments>
  static Result<v1::UpdateIdentityProviderResponse> Update(const Metadata& caller, const char* text,
                                                           const Arguments&... arguments) {
    return server().Call(&Admin::UpdateIdentityProvider, Proto<v1::UpdateIdentityProviderRequest>(text, arguments...),
                         caller);
  }
  static Result<v1::GetIdentityProviderResponse> Get(const Metadata& caller, const std::string& name) {
    return server().Call(&Admin::GetIdentityProvider, Proto<v1::GetIdentityProviderRequest>("name: '$0'", name),
                         caller);
  }
  static Result<v1::DeleteIdentityProviderResponse> Delete(const Metadata& caller, const std::string& name) {
    return server().Call(&Admin::DeleteIdentityProvider, Proto<v1::DeleteIdentityProviderRequest>("name: '$0'", name),
                         caller);
  }
  static Result<v1::ListIdentityProvidersResponse> List(const Metadata& caller) {
    return server().Call(&Admin::ListIdentityProviders, v1::ListIdentityProvidersRequest(), caller);
  }
  static v1::IdentityProvider Stored(const std::string& name) { return Must(Get(server().root(), name)).provider(); }
  static std::vector<std::string> Texts(const google::protobuf::RepeatedPtrField<std::string>& field) {
    return {field.begin(), field.end()};
  }
  // A new provider with every field set. Its name.
  static std::string MakeFull() {
    const std::string name = NewName();
    Must(Create(server().root(),
                "provider { name: '$0' issuer: 'https://$0.example' audiences: 'a' audiences: 'b'"
                " jwks_uri: 'https://$0.example/keys?all=1' algorithms: 'RS256' algorithms: 'EdDSA' name_claim: 'n'"
                " email_claim: '/contact/email' email_verified_claim: '/contact/verified'"
                " link_policy: LINK_POLICY_LINK trusted_amr: 'mfa' trusted_acr: 'gold' disabled: true }",
                name));
    return name;
  }
  static std::string NewName() {
    static int names = 0;
    return absl::StrCat("provider-", ++names);
  }
  // The details of the events about the provider, oldest first.
  static std::string Audited(const std::string& event, const std::string& name) {
    return server().Ask(
        absl::Substitute("SELECT coalesce(string_agg(details, ';' ORDER BY id), '') FROM audit_events"
                         " WHERE event = '$0' AND target = '$1' AND actor_id = '$2'",
                         event, name, server().root_id()));
  }
};

TEST_F(IdentityProviderTest, AProviderIsReadAsItWasEntered) {
  const std::string name = MakeFull();
  const v1::IdentityProvider provider = Stored(name);
  EXPECT_EQ(provider.name(), name);
  EXPECT_EQ(provider.issuer(), absl::StrCat("https://", name, ".example"));
  EXPECT_THAT(provider.audiences(), ElementsAre("a", "b"));
  EXPECT_EQ(provider.jwks_uri(), absl::StrCat("https://", name, ".example/keys?all=1"));
  EXPECT_THAT(provider.algorithms(), ElementsAre("RS256", "EdDSA"));
  EXPECT_EQ(provider.name_claim(), "n");
  EXPECT_EQ(provider.email_claim(), "/contact/email");
  EXPECT_EQ(provider.email_verified_claim(), "/contact/verified");
  EXPECT_EQ(provider.link_policy(), v1::LINK_POLICY_LINK);
  EXPECT_THAT(provider.trusted_amr(), ElementsAre("mfa"));
  EXPECT_THAT(provider.trusted_acr(), ElementsAre("gold"));
  EXPECT_TRUE(provider.disabled());
  EXPECT_TRUE(provider.has_create_time() && provider.has_update_time());
}

TEST_F(IdentityProviderTest, WithoutFurtherFieldsAProviderTrustsNothing) {
  const auto created = Must(Create(server().root(),
                                   "provider { name: 'plain' issuer: 'https://plain.example' audiences: 'a'"
                                   " create_time { seconds: 7 } update_time { seconds: 7 } }"));
  EXPECT_FALSE(created.consistency_token().empty());
  const v1::IdentityProvider& provider = created.provider();
  EXPECT_EQ(provider.link_policy(), v1::LINK_POLICY_NONE);
  for (const std::string& text :
       {provider.jwks_uri(), provider.name_claim(), provider.email_claim(), provider.email_verified_claim()}) {
    EXPECT_THAT(text, IsEmpty());
  }
  EXPECT_THAT(provider.algorithms(), IsEmpty());
  EXPECT_THAT(provider.trusted_amr(), IsEmpty());
  EXPECT_THAT(provider.trusted_acr(), IsEmpty());
  EXPECT_FALSE(provider.disabled());
  EXPECT_GT(provider.create_time().seconds(), 7) << "the server sets the times";
  EXPECT_GT(provider.update_time().seconds(), 7);
}

TEST_F(IdentityProviderTest, AnAlgorithmThatIsNamedTwiceIsStoredOnce) {
  const auto created = Must(Create(server().root(),
                                   "provider { name: 'twice' issuer: 'https://twice.example' audiences: 'a'"
                                   " algorithms: 'ES256' algorithms: 'RS256' algorithms: 'ES256' }"));
  EXPECT_THAT(created.provider().algorithms(), ElementsAre("ES256", "RS256"));
}

TEST_F(IdentityProviderTest, TheListHasAllInTheOrderOfTheirNames) {
  for (const char* name : {"list-b", "list-a", "list-c"}) {
    Must(Create(server().root(), "provider { name: '$0' issuer: 'https://$0.example' audiences: 'a' }",
                std::string(name)));
  }
  std::vector<std::string> names;
  const auto listed = Must(List(server().root()));
  for (const v1::IdentityProvider& provider : listed.providers()) {
    if (absl::StartsWith(provider.name(), "list-")) names.push_back(provider.name());
  }
  EXPECT_THAT(names, ElementsAre("list-a", "list-b", "list-c"));
}

TEST_F(IdentityProviderTest, TheListHasPages) {
  for (const char* name : {"page-a", "page-b", "page-c"}) {
    Must(Create(server().root(), "provider { name: '$0' issuer: 'https://$0.example' audiences: 'a' }",
                std::string(name)));
  }
  v1::ListIdentityProvidersRequest request;
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    const auto page = Must(server().Call(&Admin::ListIdentityProviders, request, server().root()));
    EXPECT_LE(page.providers_size(), 2);
    for (const v1::IdentityProvider& provider : page.providers()) {
      if (absl::StartsWith(provider.name(), "page-")) names.push_back(provider.name());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("page-a", "page-b", "page-c"));
}

TEST_F(IdentityProviderTest, ARepeatedCallMakesNoSecondProvider) {
  const char* text =
      "provider { name: 'repeated' issuer: 'https://repeated.example' audiences: '$0' }"
      " request_id: '0190b5a0-2222-7000-8000-000000000001'";
  const auto made = Must(Create(server().root(), text, std::string("a")));
  const auto repeated = Must(Create(server().root(), text, std::string("a")));
  EXPECT_EQ(repeated.provider().DebugString(), made.provider().DebugString());
  EXPECT_THAT(Create(server().root(), text, std::string("b")), FailsWith(ErrorReason::kRequestIdReused));
}

TEST_F(IdentityProviderTest, AnUpdateThatChangesNothingIsNoChange) {
  const std::string name = MakeFull();
  const std::string before = Stored(name).DebugString();
  Must(Update(server().root(), "provider { name: '$0' name_claim: 'n' }", name));
  EXPECT_EQ(Stored(name).DebugString(), before) << "logins that run go on";
  EXPECT_EQ(Audited("identity_provider.updated", name), "");
}

TEST_F(IdentityProviderTest, NamesAndIssuersAreUnique) {
  const std::string name = MakeFull();
  const auto same_name =
      Create(server().root(), "provider { name: '$0' issuer: 'https://other.example' audiences: 'a' }", name);
  EXPECT_THAT(same_name, FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_TRUE(absl::StrContains(same_name.status.error_message(), "name:")) << same_name.status.error_message();
  const auto same_issuer =
      Create(server().root(), "provider { name: 'other' issuer: 'https://$0.example' audiences: 'a' }", name);
  EXPECT_THAT(same_issuer, FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_TRUE(absl::StrContains(same_issuer.status.error_message(), "issuer:")) << same_issuer.status.error_message();
  EXPECT_EQ(Stored(name).audiences_size(), 2) << "the provider is as it was";
  EXPECT_THAT(Get(server().root(), "other"), FailsWith(ErrorReason::kNotFound));
}

TEST_F(IdentityProviderTest, FieldsAreChecked) {
  const struct {
    const char* field;
    const char* provider;
  } cases[] = {
      {"provider.name", "issuer: 'https://checked.example' audiences: 'a'"},
      {"provider.name", "name: 'Checked' issuer: 'https://checked.example' audiences: 'a'"},
      {"provider.issuer", "name: 'checked' audiences: 'a'"},
      {"provider.issuer", "name: 'checked' issuer: 'http://checked.example' audiences: 'a'"},
      {"provider.issuer", "name: 'checked' issuer: 'https://identity.localhost' audiences: 'a'"},
      {"provider.audiences", "name: 'checked' issuer: 'https://checked.example'"},
      {"provider.audiences", "name: 'checked' issuer: 'https://checked.example' audiences: ''"},
      {"provider.jwks_uri", "name: 'checked' issuer: 'https://checked.example' audiences: 'a' jwks_uri: 'http://x'"},
      {"provider.algorithms", "name: 'checked' issuer: 'https://checked.example' audiences: 'a' algorithms: 'HS256'"},
      {"provider.algorithms", "name: 'checked' issuer: 'https://checked.example' audiences: 'a' algorithms: 'none'"},
      {"provider.name_claim", "name: 'checked' issuer: 'https://checked.example' audiences: 'a' name_claim: 'a b'"},
      {"provider.email_claim", "name: 'checked' issuer: 'https://checked.example' audiences: 'a' email_claim: 'a b'"},
      {"provider.email_verified_claim",
       "name: 'checked' issuer: 'https://checked.example' audiences: 'a' email_verified_claim: 'a b'"},
      {"provider.trusted_amr", "name: 'checked' issuer: 'https://checked.example' audiences: 'a' trusted_amr: ''"},
      {"provider.trusted_acr", "name: 'checked' issuer: 'https://checked.example' audiences: 'a' trusted_acr: ''"},
      {"provider.link_policy",
       "name: 'checked' issuer: 'https://checked.example' audiences: 'a' link_policy: LINK_POLICY_CREATE"},
  };
  for (const auto& [field, provider] : cases) {
    EXPECT_THAT(Create(server().root(), "provider { $0 }", std::string(provider)), RefusesField(field)) << provider;
  }
  v1::CreateIdentityProviderRequest request = Proto<v1::CreateIdentityProviderRequest>(
      "provider { name: 'checked' issuer: 'https://checked.example' audiences: 'a' }");
  request.mutable_provider()->set_link_policy(static_cast<v1::LinkPolicy>(99));
  EXPECT_THAT(server().Call(&Admin::CreateIdentityProvider, request, server().root()),
              RefusesField("provider.link_policy"));
  EXPECT_THAT(Get(server().root(), "checked"), FailsWith(ErrorReason::kNotFound));
}

// ---- Updates

TEST_F(IdentityProviderTest, AnUpdateReplacesTheFieldsOfTheMask) {
  const std::string name = MakeFull();
  const v1::IdentityProvider before = Stored(name);
  const auto updated = Must(Update(server().root(),
                                   "provider { name: '$0' audiences: 'c' name_claim: 'ignored' }"
                                   " update_mask { paths: 'audiences' paths: 'trusted_amr' paths: 'disabled' }",
                                   name));
  EXPECT_FALSE(updated.consistency_token().empty());
  v1::IdentityProvider expected = before;
  expected.clear_audiences();
  expected.add_audiences("c");
  expected.clear_trusted_amr();
  expected.clear_disabled();
  *expected.mutable_update_time() = updated.provider().update_time();
  EXPECT_EQ(updated.provider().DebugString(), expected.DebugString());
  EXPECT_EQ(Stored(name).DebugString(), expected.DebugString());
  const auto moment = [](const google::protobuf::Timestamp& time) {
    return std::make_pair(time.seconds(), time.nanos());
  };
  EXPECT_GT(moment(updated.provider().update_time()), moment(before.update_time()));
}

TEST_F(IdentityProviderTest, WithoutAMaskAnUpdateChangesTheFieldsThatAreSet) {
  const std::string name = MakeFull();
  v1::IdentityProvider expected = Stored(name);
  const auto updated = Must(
      Update(server().root(), "provider { name: '$0' link_policy: LINK_POLICY_CREATE algorithms: 'ES384' }", name));
  expected.set_link_policy(v1::LINK_POLICY_CREATE);
  expected.clear_algorithms();
  expected.add_algorithms("ES384");
  *expected.mutable_update_time() = updated.provider().update_time();
  EXPECT_EQ(updated.provider().DebugString(), expected.DebugString());
}

// Every field that may change, so that none is forgotten.
TEST_F(IdentityProviderTest, EachFieldOfTheMaskIsTaken) {
  const std::string name = MakeFull();
  const auto updated =
      Must(Update(server().root(),
                  "provider { name: '$0' audiences: 'x' jwks_uri: 'https://x.example/keys' algorithms: 'PS256'"
                  " name_claim: 'x1' email_claim: 'x2' email_verified_claim: 'x3' link_policy: LINK_POLICY_NONE"
                  " trusted_amr: 'x4' trusted_acr: 'x5' } update_mask { paths: ['audiences', 'jwks_uri', 'algorithms',"
                  " 'name_claim', 'email_claim', 'email_verified_claim', 'link_policy', 'trusted_amr', 'trusted_acr',"
                  " 'disabled'] }",
                  name));
  const v1::IdentityProvider& provider = updated.provider();
  EXPECT_THAT(provider.audiences(), ElementsAre("x"));
  EXPECT_EQ(provider.jwks_uri(), "https://x.example/keys");
  EXPECT_THAT(provider.algorithms(), ElementsAre("PS256"));
  EXPECT_EQ(provider.name_claim(), "x1");
  EXPECT_EQ(provider.email_claim(), "x2");
  EXPECT_EQ(provider.email_verified_claim(), "x3");
  EXPECT_EQ(provider.link_policy(), v1::LINK_POLICY_NONE);
  EXPECT_THAT(provider.trusted_amr(), ElementsAre("x4"));
  EXPECT_THAT(provider.trusted_acr(), ElementsAre("x5"));
  EXPECT_FALSE(provider.disabled());
}

// Links are by the issuer. An issuer that changes would hand them to other people.
TEST_F(IdentityProviderTest, NameAndIssuerNeverChange) {
  const std::string name = MakeFull();
  const std::string issuer = Stored(name).issuer();
  for (const char* path : {"name", "issuer", "create_time", "update_time", "no_such_field", "*"}) {
    EXPECT_THAT(Update(server().root(), "provider { name: '$0' } update_mask { paths: '$1' }", name, std::string(path)),
                RefusesField("update_mask"))
        << path;
  }
  Must(Update(server().root(), "provider { name: '$0' issuer: 'https://other.example' name_claim: 'y' }", name));
  EXPECT_EQ(Stored(name).issuer(), issuer);
  EXPECT_EQ(Stored(name).name_claim(), "y");
}

TEST_F(IdentityProviderTest, AnUpdateThatBreaksARuleChangesNothing) {
  const std::string name = MakeFull();
  const std::string before = Stored(name).DebugString();
  const auto update = [&](const char* text) { return Update(server().root(), text, name); };
  EXPECT_THAT(update("provider { name: '$0' } update_mask { paths: 'audiences' }"), RefusesField("provider.audiences"));
  EXPECT_THAT(update("provider { name: '$0' } update_mask { paths: 'email_verified_claim' }"),
              RefusesField("provider.link_policy"))
      << "the policy needs the claim";
  EXPECT_THAT(update("provider { name: '$0' jwks_uri: 'http://x' name_claim: 'y' }"),
              RefusesField("provider.jwks_uri"));
  EXPECT_THAT(update("provider { name: '$0' algorithms: 'HS256' }"), RefusesField("provider.algorithms"));
  EXPECT_EQ(Stored(name).DebugString(), before);
}

TEST_F(IdentityProviderTest, AMissingProviderIsNotFound) {
  for (const std::string& name : {std::string("no-such-provider"), std::string(), std::string("NO SUCH")}) {
    EXPECT_THAT(Get(server().root(), name), FailsWith(ErrorReason::kNotFound)) << name;
    EXPECT_THAT(Delete(server().root(), name), FailsWith(ErrorReason::kNotFound)) << name;
    EXPECT_THAT(Update(server().root(), "provider { name: '$0' name_claim: 'x' }", name),
                FailsWith(ErrorReason::kNotFound))
        << name;
  }
}

TEST_F(IdentityProviderTest, ADeletedProviderMakesRoomForItsNameAndIssuer) {
  const std::string name = MakeFull();
  EXPECT_FALSE(Must(Delete(server().root(), name)).consistency_token().empty());
  EXPECT_THAT(Get(server().root(), name), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Delete(server().root(), name), FailsWith(ErrorReason::kNotFound));
  EXPECT_THAT(Create(server().root(), "provider { name: '$0' issuer: 'https://$0.example' audiences: 'a' }", name),
              Succeeds());
}

TEST(IdentityProviderLimitTest, ThereAreAtMostAHundred) {
  TestServer server;
  server.database().Execute(
      "INSERT INTO identity_providers (name, issuer, audiences, jwks_uri, algorithms, name_claim, email_claim,"
      " email_verified_claim, link_policy, trusted_amr, trusted_acr, disabled)"
      " SELECT 'p-' || n, 'https://p.example/' || n, ARRAY['a'], '', ARRAY[]::text[], '', '', '', 'none',"
      " ARRAY[]::text[], ARRAY[]::text[], false"
      " FROM generate_series(1, 99) AS n");
  const auto create = [&](const std::string& name) {
    return server.Call(&Admin::CreateIdentityProvider,
                       Proto<v1::CreateIdentityProviderRequest>(
                           "provider { name: '$0' issuer: 'https://$0.example' audiences: 'a' }", name),
                       server.root());
  };
  EXPECT_THAT(create("last"), Succeeds());
  EXPECT_THAT(create("one-more"), FailsWith(ErrorReason::kLimitReached));
  const auto listed =
      Must(server.Call(&Admin::ListIdentityProviders, v1::ListIdentityProvidersRequest(), server.root()));
  EXPECT_EQ(listed.providers_size(), 100) << "the list is whole";
  Must(server.Call(&Admin::DeleteIdentityProvider, Proto<v1::DeleteIdentityProviderRequest>("name: 'p-1'"),
                   server.root()));
  EXPECT_THAT(create("one-more"), Succeeds());
}

// ---- Permissions

TEST_F(IdentityProviderTest, ReadingNeedsThePermissionEverywhere) {
  const std::string name = MakeFull();
  for (const Metadata& caller : {server().MakeCaller({}), server().MakeCaller({"identity:identity_providers:write"}),
                                 server().MakeCaller({"identity:identity_providers:read"}, "orgs/acme")}) {
    EXPECT_THAT(Get(caller, name), FailsWith(ErrorReason::kPermissionDenied));
    EXPECT_THAT(List(caller), FailsWith(ErrorReason::kPermissionDenied));
  }
  const Metadata reader = server().MakeCaller({"identity:identity_providers:read"});
  EXPECT_EQ(Must(Get(reader, name)).provider().name(), name);
  EXPECT_THAT(List(reader), Succeeds());
}

TEST_F(IdentityProviderTest, WritingNeedsThePermissionAndASuperAdmin) {
  const std::string name = MakeFull();
  const std::string before = Stored(name).DebugString();
  const auto expect_refusal = [&](const Metadata& caller, ErrorReason reason) {
    EXPECT_THAT(Create(caller, "provider { name: 'mine' issuer: 'https://mine.example' audiences: 'a' }"),
                FailsWith(reason));
    EXPECT_THAT(Update(caller, "provider { name: '$0' disabled: false audiences: 'mine' }", name), FailsWith(reason));
    EXPECT_THAT(Delete(caller, name), FailsWith(reason));
  };
  expect_refusal(server().MakeCaller({}), ErrorReason::kPermissionDenied);
  expect_refusal(server().MakeCaller({"identity:identity_providers:read"}), ErrorReason::kPermissionDenied);
  expect_refusal(server().MakeCaller({"identity:identity_providers:write"}, "orgs/acme"),
                 ErrorReason::kPermissionDenied);
  expect_refusal(server().MakeCaller({"identity:identity_providers:write"}), ErrorReason::kSuperAdminRequired);
  expect_refusal(server().MakeCaller({"identity:*"}), ErrorReason::kSuperAdminRequired);
  EXPECT_THAT(Delete(server().MakeCaller({"identity:*"}), "no-such-provider"),
              FailsWith(ErrorReason::kSuperAdminRequired))
      << "others do not learn which names exist";
  // A credential of a super admin that is limited is none of a super admin.
  const TestUser super_admin = server().MakeUser();
  server().Bind(super_admin.id, "super_admin");
  expect_refusal(Bearer(server().Login(super_admin, {"identity:identity_providers:*"}).access_token()),
                 ErrorReason::kSuperAdminRequired);
  EXPECT_EQ(Stored(name).DebugString(), before);
  EXPECT_THAT(Get(server().root(), "mine"), FailsWith(ErrorReason::kNotFound));

  const Metadata session = Bearer(server().Login(super_admin).access_token());
  EXPECT_THAT(Update(session, "provider { name: '$0' audiences: 'c' }", name), Succeeds());
  EXPECT_THAT(Delete(session, name), Succeeds());
}

// A person who enters a provider can log in as others, so an investigator must see each change and each attempt.
TEST_F(IdentityProviderTest, ChangesAndAttemptsAreAudited) {
  const std::string name = NewName();
  const std::string issuer = absl::StrCat("https://", name, ".example");
  Must(
      Create(server().root(),
             "provider { name: '$0' issuer: '$1' audiences: 'a' email_claim: 'email' link_policy: LINK_POLICY_CREATE }",
             name, issuer));
  Must(Update(server().root(), "provider { name: '$0' disabled: true }", name));
  Must(Update(server().root(), "provider { name: '$0' link_policy: LINK_POLICY_NONE trusted_amr: 'mfa' }", name));
  Must(Delete(server().root(), name));
  EXPECT_EQ(Audited("identity_provider.created", name), issuer + ", link policy create");
  EXPECT_EQ(Audited("identity_provider.updated", name),
            absl::StrCat(issuer, ", link policy create, disabled; changed: disabled;", issuer,
                         ", link policy none, disabled; changed: link_policy, trusted_amr"));
  EXPECT_EQ(Audited("identity_provider.deleted", name), issuer);

  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"identity:identity_providers:write"});
  EXPECT_THAT(Create(Bearer(server().Login(user).access_token()),
                     "provider { name: 'mine' issuer: 'https://mine.example' audiences: 'a' }"),
              FailsWith(ErrorReason::kSuperAdminRequired));
  EXPECT_EQ(server().Ask("SELECT target FROM audit_events WHERE event = 'administration.denied' AND actor_id = '" +
                         user.id + "'"),
            "identity.v1.AdminService/CreateIdentityProvider");
}

TEST_F(IdentityProviderTest, AChangeThatFailsIsNoEvent) {
  const std::string name = MakeFull();
  EXPECT_THAT(Update(server().root(), "provider { name: '$0' jwks_uri: 'http://x' }", name),
              RefusesField("provider.jwks_uri"));
  EXPECT_THAT(Create(server().root(), "provider { name: '$0' issuer: 'https://x.example' audiences: 'a' }", name),
              FailsWith(ErrorReason::kAlreadyExists));
  EXPECT_EQ(Audited("identity_provider.updated", name), "");
  EXPECT_EQ(Audited("identity_provider.created", name),
            absl::StrCat("https://", name, ".example, link policy link, disabled"));
}

// ---- Presets

TEST_F(IdentityProviderTest, APresetFillsTheFieldsThatAreEmpty) {
  const struct {
    const char* request;
    const char* issuer;
    const char* verified_claim;
  } cases[] = {
      {"preset: PROVIDER_PRESET_AUTH0 domain: 'shop.eu.auth0.com' provider { name: 'auth0' audiences: 'a' }",
       "https://shop.eu.auth0.com/", "email_verified"},
      {"preset: PROVIDER_PRESET_KEYCLOAK realm_url: 'https://login.example.com/realms/shop'"
       " provider { name: 'keycloak' audiences: 'a' }",
       "https://login.example.com/realms/shop", "email_verified"},
      {"preset: PROVIDER_PRESET_FIREBASE project: 'shop-1' provider { name: 'firebase' }",
       "https://securetoken.google.com/shop-1", "email_verified"},
      {"preset: PROVIDER_PRESET_GOOGLE provider { name: 'google' audiences: 'a' }", "https://accounts.google.com", ""},
      {"preset: PROVIDER_PRESET_ENTRA_ID tenant: '5f0c2a6e-7d1b-4a55-9a0e-2b8f3c4d5e6f'"
       " provider { name: 'entra' audiences: 'a' }",
       "https://login.microsoftonline.com/5f0c2a6e-7d1b-4a55-9a0e-2b8f3c4d5e6f/v2.0", ""},
  };
  for (const auto& [request, issuer, verified_claim] : cases) {
    const v1::IdentityProvider provider = Must(Create(server().root(), request)).provider();
    EXPECT_EQ(provider.issuer(), issuer);
    EXPECT_EQ(provider.name_claim(), "name") << issuer;
    EXPECT_EQ(provider.email_claim(), "email") << issuer;
    EXPECT_EQ(provider.email_verified_claim(), verified_claim) << issuer;
    EXPECT_EQ(provider.link_policy(), v1::LINK_POLICY_NONE) << issuer;
    EXPECT_EQ(Stored(provider.name()).DebugString(), provider.DebugString());
  }
  EXPECT_THAT(Stored("firebase").audiences(), ElementsAre("shop-1"));
  EXPECT_THAT(Stored("firebase").algorithms(), ElementsAre("RS256"));
}

TEST_F(IdentityProviderTest, AFieldThatIsSetOverridesThePreset) {
  const auto created = Must(Create(server().root(),
                                   "preset: PROVIDER_PRESET_KEYCLOAK realm_url: 'https://login.example.com/realms/own'"
                                   " provider { name: 'own-claims' audiences: 'a' email_claim: 'upn'"
                                   " email_verified_claim: 'upn_verified' link_policy: LINK_POLICY_LINK }"));
  EXPECT_EQ(created.provider().email_claim(), "upn");
  EXPECT_EQ(created.provider().email_verified_claim(), "upn_verified");
  EXPECT_EQ(created.provider().link_policy(), v1::LINK_POLICY_LINK);
}

TEST_F(IdentityProviderTest, ValuesOfPresetsAreChecked) {
  const struct {
    const char* field;
    const char* request;
  } cases[] = {
      {"domain", "preset: PROVIDER_PRESET_AUTH0"},
      {"domain", "preset: PROVIDER_PRESET_AUTH0 domain: 'evil.example/x'"},
      {"realm_url", "preset: PROVIDER_PRESET_KEYCLOAK realm_url: 'http://login.example.com'"},
      {"project", "preset: PROVIDER_PRESET_FIREBASE"},
      {"tenant", "preset: PROVIDER_PRESET_ENTRA_ID tenant: 'common'"},
      {"tenant", "preset: PROVIDER_PRESET_GOOGLE tenant: 'x'"},
      {"domain", "preset: PROVIDER_PRESET_KEYCLOAK realm_url: 'https://a' domain: 'a.b'"},
      {"domain", "domain: 'shop.eu.auth0.com'"},
      {"realm_url", "realm_url: 'https://login.example.com'"},
      {"project", "project: 'shop-1'"},
      {"tenant", "tenant: 'x'"},
  };
  for (const auto& [field, request] : cases) {
    EXPECT_THAT(Create(server().root(), "$0 provider { name: 'checked' audiences: 'a' }", std::string(request)),
                RefusesField(field))
        << request;
  }
  EXPECT_THAT(Create(server().root(),
                     "preset: PROVIDER_PRESET_GOOGLE"
                     " provider { name: 'checked' audiences: 'a' link_policy: LINK_POLICY_LINK }"),
              RefusesField("provider.link_policy"))
      << "no address of Google counts as verified";
  v1::CreateIdentityProviderRequest unknown;
  unknown.mutable_provider()->set_name("checked");
  unknown.set_preset(static_cast<v1::ProviderPreset>(99));
  EXPECT_THAT(server().Call(&Admin::CreateIdentityProvider, unknown, server().root()), RefusesField("preset"));
}

}  // namespace
}  // namespace identity
