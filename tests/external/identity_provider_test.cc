#include "server/domain/external/identity_provider.h"

#include <gmock/gmock.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "server/base/error.h"
#include "tests/support/status_matchers.h"
#include "tests/support/token_forge.h"

namespace identity {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// The field that an INVALID_ARGUMENT names. "" for success.
std::string RefusedField(const absl::Status& status) {
  if (status.ok()) return "";
  EXPECT_THAT(status, HasReason(ErrorReason::kInvalidField));
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  EXPECT_THAT(violations, SizeIs(1)) << status;
  return violations.empty() ? "no field" : violations[0].field;
}

IdentityProvider GoodProvider() {
  IdentityProvider provider;
  provider.name = "staff";
  provider.issuer = "https://login.example.com/realms/shop";
  provider.audiences = {"shop-frontend"};
  provider.name_claim = "name";
  provider.email_claim = "email";
  provider.email_verified_claim = "email_verified";
  provider.link_policy = LinkPolicy::kCreate;
  return provider;
}

// ---- The rules of a provider

class ProviderRulesTest : public testing::Test {
 protected:
  using Change = std::function<void(IdentityProvider&)>;

  static std::string RefusedAfter(const Change& change) {
    IdentityProvider provider = GoodProvider();
    change(provider);
    return RefusedField(CheckIdentityProvider(provider, "https://identity.example.com"));
  }
  static std::string RefusedName(const std::string& name) {
    return RefusedAfter([&](IdentityProvider& provider) { provider.name = name; });
  }
  static std::string RefusedIssuer(const std::string& issuer) {
    return RefusedAfter([&](IdentityProvider& provider) { provider.issuer = issuer; });
  }
  static std::string RefusedUri(const std::string& uri) {
    return RefusedAfter([&](IdentityProvider& provider) { provider.jwks_uri = uri; });
  }
};

TEST_F(ProviderRulesTest, AGoodProviderIsAccepted) {
  EXPECT_EQ(RefusedAfter([](IdentityProvider&) {}), "");
}

TEST_F(ProviderRulesTest, ANameIsAFewLowerCaseLettersDigitsAndHyphens) {
  for (const std::string& name : {std::string("a"), std::string("0"), std::string("a-0"), std::string(63, 'x')}) {
    EXPECT_EQ(RefusedName(name), "") << name;
  }
  for (const std::string& name :
       {std::string(), std::string(64, 'x'), std::string("Staff"), std::string("a_b"), std::string("a b"),
        std::string("a/b"), std::string("-a"), std::string("a-"), std::string("a\0b", 3), std::string("\xc3\xa4")}) {
    EXPECT_EQ(RefusedName(name), "name") << name;
  }
}

TEST_F(ProviderRulesTest, AnIssuerIsAnHttpsUrlWithoutUserQueryAndFragment) {
  for (const std::string& issuer :
       {std::string("https://a"), std::string("https://a/"), std::string("https://a:8443/b"),
        std::string("https://[2001:db8::1]/b"), "https://" + std::string(504, 'x')}) {
    EXPECT_EQ(RefusedIssuer(issuer), "") << issuer;
  }
  for (const std::string& issuer :
       {std::string(), std::string("a"), std::string("http://a"), std::string("HTTPS://a"), std::string("https://"),
        std::string("https:///b"), std::string("https://user@a"), std::string("https://a?b=c"),
        std::string("https://a#b"), std::string("https://a\\b"), std::string("https://a b"), std::string(" https://a"),
        std::string("https://a\n"), std::string("https://a\0b", 11), std::string("https://\xc3\xa4"),
        std::string("file:///etc/passwd"), "https://" + std::string(505, 'x')}) {
    EXPECT_EQ(RefusedIssuer(issuer), "issuer") << issuer;
  }
}

// Otherwise a token of this service, which anybody with an account here has, would be an ID token.
TEST_F(ProviderRulesTest, ThisServiceIsNoProvider) {
  EXPECT_EQ(RefusedIssuer("https://identity.example.com"), "issuer");
  EXPECT_EQ(RefusedIssuer("https://identity.example.com/"), "") << "the issuer of another service";
}

TEST_F(ProviderRulesTest, TheAddressOfTheKeysIsOptionalAndMayHaveAQuery) {
  for (const char* uri : {"", "https://a/keys", "https://a/keys?p=b2c_1"}) EXPECT_EQ(RefusedUri(uri), "") << uri;
  for (const std::string& uri :
       {std::string("http://a/keys"), std::string("https://user:secret@a/keys"), std::string("https://a/keys#b"),
        std::string("/keys"), std::string("https://a/ b"), "https://" + std::string(505, 'x')}) {
    EXPECT_EQ(RefusedUri(uri), "jwks_uri") << uri;
  }
}

// Without an audience of ours, a token that the provider has made for another client would log people in here.
TEST_F(ProviderRulesTest, AnAudienceIsRequired) {
  EXPECT_EQ(RefusedAfter([](IdentityProvider& provider) { provider.audiences.clear(); }), "audiences");
}

TEST_F(ProviderRulesTest, ListsHaveAFewShortTexts) {
  const struct {
    const char* field;
    std::vector<std::string> IdentityProvider::*list;
  } lists[] = {{"audiences", &IdentityProvider::audiences},
               {"trusted_amr", &IdentityProvider::trusted_amr},
               {"trusted_acr", &IdentityProvider::trusted_acr}};
  for (const auto& [field, list] : lists) {
    const auto refused = [list = list](const std::vector<std::string>& texts) {
      return RefusedAfter([&](IdentityProvider& provider) { provider.*list = texts; });
    };
    EXPECT_EQ(refused(std::vector<std::string>(20, "x")), "") << field;
    EXPECT_EQ(refused({std::string(256, 'x')}), "") << field;
    EXPECT_EQ(refused(std::vector<std::string>(21, "x")), field);
    for (const std::string& text : {std::string(), std::string(257, 'x'), std::string("a b"), std::string("a\n"),
                                    std::string("\x7f"), std::string("\xc3\xa4")}) {
      EXPECT_EQ(refused({"good", text}), field) << text;
    }
  }
}

TEST_F(ProviderRulesTest, NamesOfClaimsAreShortAndPrintable) {
  const struct {
    const char* field;
    std::string IdentityProvider::*claim;
  } claims[] = {{"name_claim", &IdentityProvider::name_claim},
                {"email_claim", &IdentityProvider::email_claim},
                {"email_verified_claim", &IdentityProvider::email_verified_claim}};
  for (const auto& [field, claim] : claims) {
    const auto refused = [claim = claim](const std::string& name) {
      return RefusedAfter([&](IdentityProvider& provider) {
        provider.link_policy = LinkPolicy::kNone;
        provider.*claim = name;
      });
    };
    for (const std::string& name :
         {std::string(), std::string("/address/email"), std::string("urn:x:email"), std::string(256, 'x')}) {
      EXPECT_EQ(refused(name), "") << field << " " << name;
    }
    for (const std::string& name : {std::string(257, 'x'), std::string("e mail"), std::string("a\0b", 3)}) {
      EXPECT_EQ(refused(name), field) << name;
    }
  }
}

TEST_F(ProviderRulesTest, APolicyNeedsTheClaimsThatItReads) {
  const auto refused = [](LinkPolicy policy, const char* email, const char* verified) {
    return RefusedAfter([&](IdentityProvider& provider) {
      provider.link_policy = policy;
      provider.email_claim = email;
      provider.email_verified_claim = verified;
    });
  };
  EXPECT_EQ(refused(LinkPolicy::kNone, "", ""), "");
  EXPECT_EQ(refused(LinkPolicy::kLink, "email", "verified"), "");
  EXPECT_EQ(refused(LinkPolicy::kLink, "email", ""), "link_policy");
  EXPECT_EQ(refused(LinkPolicy::kLink, "", "verified"), "link_policy");
  EXPECT_EQ(refused(LinkPolicy::kCreate, "email", ""), "");
  EXPECT_EQ(refused(LinkPolicy::kCreate, "", "verified"), "link_policy");
}

TEST_F(ProviderRulesTest, AMappingHasAClaimAValueAndARole) {
  const RoleMapping good = {"groups", "staff", "publisher", *Resource::Parse("orgs/acme")};
  const auto refused = [&](const std::function<void(RoleMapping&)>& change) {
    RoleMapping mapping = good;
    change(mapping);
    return RefusedAfter([&](IdentityProvider& provider) { provider.role_mappings = {good, mapping}; });
  };
  const auto claim = [&](const std::string& text) { return refused([&](RoleMapping& one) { one.claim = text; }); };
  const auto value = [&](const std::string& text) { return refused([&](RoleMapping& one) { one.value = text; }); };
  EXPECT_EQ(refused([](RoleMapping&) {}), "");
  EXPECT_EQ(refused([](RoleMapping& one) { one.resource = Resource(); }), "") << "everywhere";
  EXPECT_EQ(refused([](RoleMapping& one) { one.role.clear(); }), "role_mappings[1].role");
  for (const std::string& text :
       {std::string("/realm_access/roles"), std::string("urn:x:groups"), std::string(256, 'x')}) {
    EXPECT_EQ(claim(text), "") << text;
  }
  for (const std::string& text : {std::string(), std::string(257, 'x'), std::string("a claim"), std::string("a\n")}) {
    EXPECT_EQ(claim(text), "role_mappings[1].claim") << text;
  }
  for (const std::string& text : {std::string("Staff of Z\u00fcrich"), std::string(256, 'x')}) {
    EXPECT_EQ(value(text), "") << text;
  }
  for (const std::string& text : {std::string(), std::string(257, 'x'), std::string("a\nb"), std::string("\xff")}) {
    EXPECT_EQ(value(text), "role_mappings[1].value") << text;
  }
}

TEST_F(ProviderRulesTest, MappingsAreAtMostAHundred) {
  const auto refused = [](size_t count) {
    return RefusedAfter([&](IdentityProvider& provider) {
      provider.role_mappings.assign(count, {"groups", "staff", "publisher", Resource()});
    });
  };
  EXPECT_EQ(refused(100), "");
  EXPECT_EQ(refused(101), "role_mappings");
}

TEST_F(ProviderRulesTest, WithoutAListEveryAlgorithmIsAccepted) {
  IdentityProvider provider;
  for (const JwsAlgorithm algorithm : kJwsAlgorithms) EXPECT_TRUE(provider.Accepts(algorithm)) << NameOf(algorithm);
  provider.algorithms = {JwsAlgorithm::kEs256, JwsAlgorithm::kEdDsa};
  for (const JwsAlgorithm algorithm : kJwsAlgorithms) {
    const bool listed = algorithm == JwsAlgorithm::kEs256 || algorithm == JwsAlgorithm::kEdDsa;
    EXPECT_EQ(provider.Accepts(algorithm), listed) << NameOf(algorithm);
  }
}

TEST_F(ProviderRulesTest, EachPolicyIsReadByItsName) {
  for (const LinkPolicy policy : {LinkPolicy::kNone, LinkPolicy::kLink, LinkPolicy::kCreate}) {
    EXPECT_EQ(ParseLinkPolicy(NameOf(policy)), policy);
  }
  EXPECT_EQ(ParseLinkPolicy("LINK"), absl::nullopt);
  EXPECT_EQ(ParseLinkPolicy(""), absl::nullopt);
}

// ---- Presets

PresetValues ValueOf(std::string PresetValues::*value, const std::string& text) {
  PresetValues values;
  values.*value = text;
  return values;
}

struct PresetCase {
  const char* name;
  ProviderPreset preset;
  PresetValues values;
  std::string value_field;  // "" when the preset needs no value
  std::string issuer;
  bool verifies_addresses;
};

std::vector<PresetCase> PresetCases() {
  return {{"Auth0", ProviderPreset::kAuth0, ValueOf(&PresetValues::domain, "Shop.EU.auth0.com"), "domain",
           "https://shop.eu.auth0.com/", true},
          {"Keycloak", ProviderPreset::kKeycloak,
           ValueOf(&PresetValues::realm_url, "https://login.example.com/realms/Shop/"), "realm_url",
           "https://login.example.com/realms/Shop", true},
          {"Firebase", ProviderPreset::kFirebase, ValueOf(&PresetValues::project, "shop-1"), "project",
           "https://securetoken.google.com/shop-1", true},
          {"Google", ProviderPreset::kGoogle, PresetValues(), "", "https://accounts.google.com", false},
          {"EntraId", ProviderPreset::kEntraId, ValueOf(&PresetValues::tenant, "5F0C2A6E-7d1b-4a55-9a0e-2b8f3c4d5e6f"),
           "tenant", "https://login.microsoftonline.com/5f0c2a6e-7d1b-4a55-9a0e-2b8f3c4d5e6f/v2.0", false}};
}

class PresetTest : public testing::TestWithParam<PresetCase> {
 protected:
  static std::string Refused(const PresetValues& values, ProviderPreset preset = GetParam().preset) {
    IdentityProvider provider;
    return RefusedField(ApplyPreset(preset, values, provider));
  }
};

TEST_P(PresetTest, FillsAProviderThatNeedsOnlyItsNameAndAudience) {
  IdentityProvider provider;
  ASSERT_THAT(ApplyPreset(GetParam().preset, GetParam().values, provider), IsOk());
  EXPECT_EQ(provider.issuer, GetParam().issuer);
  EXPECT_EQ(provider.name_claim, "name");
  EXPECT_EQ(provider.email_claim, "email");
  EXPECT_EQ(provider.email_verified_claim, GetParam().verifies_addresses ? "email_verified" : "");
  EXPECT_EQ(provider.link_policy, LinkPolicy::kNone) << "that is for the administrator to decide";
  EXPECT_THAT(provider.trusted_amr, IsEmpty());
  EXPECT_THAT(provider.trusted_acr, IsEmpty());
  EXPECT_FALSE(provider.disabled);
  provider.name = "staff";
  if (provider.audiences.empty()) provider.audiences = {"client"};
  EXPECT_EQ(RefusedField(CheckIdentityProvider(provider, "https://identity.example.com")), "");
}

TEST_P(PresetTest, KeepsTheFieldsThatAreSet) {
  const IdentityProvider before = GoodProvider();
  IdentityProvider provider = before;
  provider.jwks_uri = "https://keys.example.com";
  provider.algorithms = {JwsAlgorithm::kEs256};
  provider.name_claim = "n";
  provider.email_claim = "e";
  provider.email_verified_claim = "v";
  ASSERT_THAT(ApplyPreset(GetParam().preset, GetParam().values, provider), IsOk());
  EXPECT_EQ(provider.issuer, before.issuer);
  EXPECT_EQ(provider.audiences, before.audiences);
  EXPECT_EQ(provider.jwks_uri, "https://keys.example.com");
  EXPECT_THAT(provider.algorithms, ElementsAre(JwsAlgorithm::kEs256));
  EXPECT_EQ(provider.name_claim, "n");
  EXPECT_EQ(provider.email_claim, "e");
  EXPECT_EQ(provider.email_verified_claim, "v");
  EXPECT_EQ(provider.link_policy, before.link_policy);
}

TEST_P(PresetTest, NeedsItsValueAndRefusesTheOthers) {
  EXPECT_EQ(Refused(PresetValues()), GetParam().value_field) << "without a value";
  const struct {
    const char* field;
    std::string PresetValues::*value;
    const char* good;
  } all[] = {{"domain", &PresetValues::domain, "shop.eu.auth0.com"},
             {"realm_url", &PresetValues::realm_url, "https://login.example.com/realms/shop"},
             {"project", &PresetValues::project, "shop-1"},
             {"tenant", &PresetValues::tenant, "5f0c2a6e-7d1b-4a55-9a0e-2b8f3c4d5e6f"}};
  for (const auto& [field, value, good] : all) {
    PresetValues values = GetParam().values;
    if (!(values.*value).empty()) continue;
    values.*value = good;
    EXPECT_EQ(Refused(values), field);
  }
}

INSTANTIATE_TEST_SUITE_P(Providers, PresetTest, testing::ValuesIn(PresetCases()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

class PresetValueTest : public testing::Test {
 protected:
  static std::string Refused(ProviderPreset preset, const PresetValues& values) {
    IdentityProvider provider;
    return RefusedField(ApplyPreset(preset, values, provider));
  }
};

// The value becomes a part of a URL, so it must not be able to name another server or another path.
TEST_F(PresetValueTest, MalformedValuesAreRefused) {
  for (const char* domain : {"auth0", "https://shop.eu.auth0.com", "shop.eu.auth0.com/", "user@evil.example",
                             "shop.eu.auth0.com:8443", "shop eu.auth0.com", "shop.eu.auth0.com#", "sh\xc3\xb6p.com"}) {
    EXPECT_EQ(Refused(ProviderPreset::kAuth0, ValueOf(&PresetValues::domain, domain)), "domain") << domain;
  }
  for (const char* url : {"login.example.com/realms/shop", "http://login.example.com/realms/shop",
                          "https://user@login.example.com/realms/shop", "https://login.example.com/realms/shop?x=1",
                          "https://login.example.com/realms/shop#x", "https://", "https://a b"}) {
    EXPECT_EQ(Refused(ProviderPreset::kKeycloak, ValueOf(&PresetValues::realm_url, url)), "realm_url") << url;
  }
  for (const char* project : {"shop/1", "shop 1", "shop?1", "shop#1", "../other", "sh\xc3\xb6p"}) {
    EXPECT_EQ(Refused(ProviderPreset::kFirebase, ValueOf(&PresetValues::project, project)), "project") << project;
  }
  for (const char* tenant : {"a/b", "a?b", "../other", "{tenantid}", "5f0c2a6e", "contoso.onmicrosoft.com",
                             "5f0c2a6e-7d1b-4a55-9a0e-2b8f3c4d5e6f/x"}) {
    EXPECT_EQ(Refused(ProviderPreset::kEntraId, ValueOf(&PresetValues::tenant, tenant)), "tenant") << tenant;
  }
}

// Everybody can have an account in one of all tenants.
TEST_F(PresetValueTest, ANameOfAllTenantsIsNoTenant) {
  for (const char* tenant : {"common", "organizations", "consumers", "Common", "ORGANIZATIONS"}) {
    EXPECT_EQ(Refused(ProviderPreset::kEntraId, ValueOf(&PresetValues::tenant, tenant)), "tenant") << tenant;
  }
}

TEST_F(PresetValueTest, FirebaseTakesItsAudienceKeysAndAlgorithmFromTheProject) {
  IdentityProvider provider;
  ASSERT_THAT(ApplyPreset(ProviderPreset::kFirebase, ValueOf(&PresetValues::project, "shop-1"), provider), IsOk());
  EXPECT_THAT(provider.audiences, ElementsAre("shop-1"));
  EXPECT_THAT(provider.jwks_uri, HasSubstr("https://www.googleapis.com/"));
  EXPECT_THAT(provider.algorithms, ElementsAre(JwsAlgorithm::kRs256));
}

// Their tokens may have addresses that others have come to own.
TEST_F(PresetValueTest, NoAddressOfGoogleAndEntraLinksAnAccount) {
  for (const PresetCase& each : PresetCases()) {
    IdentityProvider provider;
    ASSERT_THAT(ApplyPreset(each.preset, each.values, provider), IsOk());
    provider.name = "staff";
    if (provider.audiences.empty()) provider.audiences = {"client"};
    provider.link_policy = LinkPolicy::kLink;
    EXPECT_EQ(RefusedField(CheckIdentityProvider(provider, "https://identity.example.com")),
              each.verifies_addresses ? "" : "link_policy")
        << each.name;
  }
}

// ---- What a token says about a person

class ProfileTest : public testing::Test {
 protected:
  static const TokenForge& Signer() {
    static const auto* const forge = new TokenForge(JwsAlgorithm::kEdDsa);
    return *forge;
  }
  static ExternalProfile Read(const Json& claims, const IdentityProvider& provider = GoodProvider()) {
    return ProfileOf(provider, *ExternalClaims::Verify(*ExternalToken::Parse(Signer().Sign(claims)),
                                                       *JsonWebKey::FromJson(Signer().Jwk())));
  }
  static IdentityProvider Trusting(const std::vector<std::string>& amr, const std::vector<std::string>& acr) {
    IdentityProvider provider = GoodProvider();
    provider.trusted_amr = amr;
    provider.trusted_acr = acr;
    return provider;
  }
  static std::string EmailIn(const Json& claims) { return Read(claims).email; }
  static bool VerifiedBy(const Json& value) {
    return Read({{"email", "ada@example.com"}, {"email_verified", value}}).email_verified;
  }
};

TEST_F(ProfileTest, OnlyAnAddressThatAnAccountCouldHaveIsUsed) {
  EXPECT_EQ(EmailIn({{"email", "Ada.Lovelace@Example.com"}}), "Ada.Lovelace@Example.com") << "as in the token";
  for (const Json& email :
       {Json("ada"), Json(""), Json("ada@localhost"), Json("ad\u00e4@example.com"), Json("ada@example.com "),
        Json("a@b@example.com"), Json("ada\n@example.com"), Json(7), Json::array({"ada@example.com"}), Json(nullptr),
        Json(std::string(250, 'x') + "@example.com")}) {
    EXPECT_EQ(EmailIn({{"email", email}}), "") << email;
  }
  EXPECT_EQ(EmailIn(Json::object()), "");
}

TEST_F(ProfileTest, TheAddressIsVerifiedOnlyIfTheProviderSaysSo) {
  EXPECT_TRUE(VerifiedBy(true));
  EXPECT_TRUE(VerifiedBy("true")) << "as Apple and others write it";
  for (const Json& value :
       {Json(false), Json("false"), Json("True"), Json("1"), Json(1), Json(nullptr), Json::array({true}), Json("")}) {
    EXPECT_FALSE(VerifiedBy(value)) << value;
  }
  EXPECT_FALSE(Read({{"email", "ada@example.com"}}).email_verified) << "without the claim";
}

TEST_F(ProfileTest, AnAddressThatCannotBeUsedIsNotVerified) {
  EXPECT_FALSE(Read({{"email", "ada@localhost"}, {"email_verified", true}}).email_verified);
  EXPECT_FALSE(Read({{"email_verified", true}}).email_verified);
}

// A claim whose name is empty is one that JSON can have.
TEST_F(ProfileTest, WithoutTheNameOfAClaimNothingIsRead) {
  IdentityProvider provider = GoodProvider();
  provider.email_verified_claim = "";
  const Json claims = {{"email", "ada@example.com"}, {"email_verified", true}, {"name", "Ada"}, {"", "true"}};
  EXPECT_EQ(Read(claims, provider).email, "ada@example.com");
  EXPECT_FALSE(Read(claims, provider).email_verified);
  provider.email_claim = "";
  provider.name_claim = "";
  const ExternalProfile nothing = Read({{"", "eve@example.com"}, {"email", "ada@example.com"}}, provider);
  EXPECT_EQ(nothing.email, "");
  EXPECT_EQ(nothing.full_name, "");
}

TEST_F(ProfileTest, AClaimMayBeWithinAnother) {
  IdentityProvider provider = GoodProvider();
  provider.email_claim = "/contact/email";
  provider.email_verified_claim = "/contact/verified";
  provider.name_claim = "/contact/name";
  const ExternalProfile profile = Read(
      {{"contact", {{"email", "ada@example.com"}, {"verified", true}, {"name", "Ada"}}}, {"email", "eve@example.com"}},
      provider);
  EXPECT_EQ(profile.email, "ada@example.com");
  EXPECT_TRUE(profile.email_verified);
  EXPECT_EQ(profile.full_name, "Ada");
}

TEST_F(ProfileTest, ANameThatIsNoLabelIsDropped) {
  const auto name = [](const Json& value) { return Read({{"name", value}}).full_name; };
  EXPECT_EQ(name("Ada Lov\u00e9lace"), "Ada Lov\u00e9lace");
  EXPECT_EQ(name(std::string(256, 'x')), std::string(256, 'x'));
  for (const Json& value : {Json(std::string(257, 'x')), Json("Ada\r\nBcc: eve@example.com"),
                            Json(std::string("Ada\0", 4)), Json("\x1b[31mAda"), Json(7), Json::array({"Ada"})}) {
    EXPECT_EQ(name(value), "") << value;
  }
}

TEST_F(ProfileTest, ATrustedValueShowsASecondFactor) {
  const IdentityProvider provider = Trusting({"mfa", "hwk"}, {"urn:acr:gold"});
  const auto shown = [&](const Json& claims) { return Read(claims, provider).second_factor; };
  EXPECT_TRUE(shown({{"amr", {"pwd", "hwk"}}}));
  EXPECT_TRUE(shown({{"amr", "mfa"}}));
  EXPECT_TRUE(shown({{"acr", "urn:acr:gold"}}));
  EXPECT_TRUE(shown({{"amr", {"pwd"}}, {"acr", "urn:acr:gold"}}));
  for (const Json& claims :
       {Json{{"amr", {"pwd"}}}, Json{{"amr", {"MFA"}}}, Json{{"amr", Json::array()}}, Json{{"amr", {"mfa", 1}}},
        Json{{"acr", "mfa"}}, Json{{"amr", {"urn:acr:gold"}}}, Json{{"acr", {"urn:acr:gold"}}}, Json::object()}) {
    EXPECT_FALSE(shown(claims)) << claims;
  }
}

TEST_F(ProfileTest, WithoutTrustNothingOfTheTokenShowsAFactor) {
  const ExternalProfile profile = Read({{"amr", {"pwd", "otp", "mfa"}}, {"acr", "2"}});
  EXPECT_FALSE(profile.second_factor);
  EXPECT_THAT(profile.amr, ElementsAre("fed")) << "services that read access tokens must not see the methods";
  EXPECT_EQ(profile.shown, "amr pwd otp mfa, acr 2") << "the audit has them";
}

// A token without `acr` has none, and must not match an entry.
TEST_F(ProfileTest, AMissingClassIsNotTrusted) {
  IdentityProvider provider = GoodProvider();
  provider.trusted_acr = {""};
  EXPECT_NE(RefusedField(CheckIdentityProvider(provider, "https://identity.example.com")), "")
      << "such a provider cannot be entered";
}

TEST_F(ProfileTest, WithTrustTheMethodsOfTheTokenFollow) {
  const IdentityProvider provider = Trusting({"mfa"}, {"gold"});
  EXPECT_THAT(Read({{"amr", {"pwd", "mfa", "fed", "pwd"}}}, provider).amr, ElementsAre("fed", "mfa", "pwd"))
      << "each once";
  EXPECT_THAT(Read({{"acr", "gold"}}, provider).amr, ElementsAre("fed", "mfa"));
}

// A provider could otherwise fill our access tokens and the audit.
TEST_F(ProfileTest, MethodsWithoutTheFormOfOneAreDropped) {
  const IdentityProvider provider = Trusting({"mfa"}, {});
  const ExternalProfile odd =
      Read({{"amr", {"mfa", "", "a b", "a\nb", "\u00e4", std::string(33, 'x'), std::string(32, 'y')}}}, provider);
  EXPECT_THAT(odd.amr, ElementsAre("fed", "mfa", std::string(32, 'y')));
  EXPECT_EQ(odd.shown, absl::StrCat("amr mfa ", std::string(32, 'y')));

  Json many = Json::array({"mfa"});
  for (int i = 0; i < 500; ++i) many.push_back(absl::StrCat("method-", i));
  const ExternalProfile full = Read({{"amr", many}}, provider);
  EXPECT_THAT(full.amr, AllOf(SizeIs(testing::Le(12)), Each(Not(HasSubstr("method-10")))));
  EXPECT_THAT(full.shown, SizeIs(testing::Le(400)));
}

TEST_F(ProfileTest, EveryMethodOfTheTokenIsCompared) {
  const IdentityProvider provider = Trusting({"mfa"}, {});
  Json many = Json::array();
  for (int i = 0; i < 50; ++i) many.push_back(absl::StrCat("method-", i));
  EXPECT_FALSE(Read({{"amr", many}}, provider).second_factor);
  many.push_back("mfa");
  const ExternalProfile last = Read({{"amr", many}}, provider);
  EXPECT_TRUE(last.second_factor);
  EXPECT_THAT(last.amr, testing::Contains("mfa"));
}

TEST_F(ProfileTest, ATokenThatShowsNothingLeavesTheAuditEmpty) {
  EXPECT_EQ(Read(Json::object()).shown, "");
  EXPECT_EQ(Read({{"acr", "1"}}).shown, "acr 1");
  EXPECT_EQ(Read({{"amr", {"pwd"}}}).shown, "amr pwd");
}

TEST_F(ProfileTest, TheTimeIsThatOfTheCredentialAndElseOfTheToken) {
  const auto time = [](const Json& claims) { return absl::ToUnixSeconds(Read(claims).auth_time); };
  EXPECT_EQ(time({{"auth_time", 1'700'000'000}, {"iat", 1'800'000'000}}), 1'700'000'000);
  EXPECT_EQ(time({{"iat", 1'800'000'000}}), 1'800'000'000);
  EXPECT_EQ(time({{"auth_time", "now"}, {"iat", 1'800'000'000}}), 1'800'000'000);
  EXPECT_EQ(time(Json::object()), 0) << "so long ago that no role takes it for recent";
}

// ---- The roles that a token gives

class MappedRolesOfTest : public testing::Test {
 protected:
  // The roles of these claims, each as "role" or "role on resource".
  static std::vector<std::string> RolesBy(const std::vector<RoleMapping>& mappings, const Json& claims) {
    static const auto* const signer = new TokenForge(JwsAlgorithm::kEdDsa);
    IdentityProvider provider = GoodProvider();
    provider.role_mappings = mappings;
    std::vector<std::string> roles;
    const auto verified =
        ExternalClaims::Verify(*ExternalToken::Parse(signer->Sign(claims)), *JsonWebKey::FromJson(signer->Jwk()));
    for (const RoleMapping& mapping : MappedRolesOf(provider, *verified)) {
      const Resource& resource = mapping.resource;
      roles.push_back(resource.is_everywhere() ? mapping.role : absl::StrCat(mapping.role, " on ", resource.text()));
    }
    return roles;
  }
  static RoleMapping Everywhere(const std::string& claim, const std::string& value, const std::string& role) {
    return {claim, value, role, Resource()};
  }
};

TEST_F(MappedRolesOfTest, AListThatHasTheValueOrATextThatIsTheValueGivesTheRole) {
  const std::vector<RoleMapping> mappings = {Everywhere("groups", "staff", "publisher")};
  for (const Json& value : {Json("staff"), Json::array({"staff"}), Json::array({"all", "staff", "staff"})}) {
    EXPECT_THAT(RolesBy(mappings, {{"groups", value}}), ElementsAre("publisher")) << value;
  }
  for (const Json& value : {Json("Staff"), Json("staff "), Json("all staff"), Json("staf"), Json(""), Json(nullptr),
                            Json(true), Json(7), Json::array(), Json::array({"Staff"}), Json::array({"staff", 7}),
                            Json::array({Json::array({"staff"})}), Json::object({{"staff", true}})}) {
    EXPECT_THAT(RolesBy(mappings, {{"groups", value}}), IsEmpty()) << value;
  }
  EXPECT_THAT(RolesBy(mappings, {{"roles", "staff"}}), IsEmpty());
  EXPECT_THAT(RolesBy(mappings, Json::object()), IsEmpty());
  EXPECT_THAT(RolesBy({}, {{"groups", "staff"}}), IsEmpty());
}

TEST_F(MappedRolesOfTest, AClaimMayBeWithinAnother) {
  const std::vector<RoleMapping> mappings = {Everywhere("/realm_access/roles", "staff", "publisher")};
  EXPECT_THAT(RolesBy(mappings, {{"realm_access", {{"roles", {"all", "staff"}}}}}), ElementsAre("publisher"));
  for (const Json& claims :
       {Json{{"roles", "staff"}}, Json{{"realm_access", "staff"}}, Json{{"realm_access", {{"x", "staff"}}}}}) {
    EXPECT_THAT(RolesBy(mappings, claims), IsEmpty()) << claims;
  }
}

TEST_F(MappedRolesOfTest, EachRoleAndResourceIsGivenOnce) {
  const std::vector<RoleMapping> mappings = {
      Everywhere("groups", "staff", "publisher"), Everywhere("groups", "chiefs", "publisher"),
      Everywhere("title", "editor", "publisher"), {"groups", "staff", "publisher", *Resource::Parse("orgs/acme")},
      Everywhere("groups", "staff", "writer"),    Everywhere("groups", "others", "reader")};
  EXPECT_THAT(RolesBy(mappings, {{"groups", {"staff", "chiefs"}}, {"title", "editor"}}),
              ElementsAre("publisher", "publisher on orgs/acme", "writer"));
  EXPECT_THAT(RolesBy(mappings, {{"title", "editor"}}), ElementsAre("publisher"));
  EXPECT_THAT(RolesBy(mappings, {{"groups", {"editor"}}}), IsEmpty()) << "the value of another claim";
}

}  // namespace
}  // namespace identity
