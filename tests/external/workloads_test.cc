#include "server/domain/external/workloads.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/domain/external/token_rules.h"
#include "tests/support/status_matchers.h"
#include "tests/support/token_forge.h"

namespace identity {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kCluster[] = "https://kubernetes.default.svc.cluster.local";
constexpr char kBilling[] = "system:serviceaccount:shop:billing";

// The field that an INVALID_ARGUMENT names. "" for success.
std::string BrokenField(const absl::Status& status) {
  if (status.ok()) return "";
  EXPECT_THAT(status, HasReason(ErrorReason::kInvalidField));
  const std::vector<FieldViolation> violations = FieldViolationsOf(status);
  return violations.size() == 1 ? violations[0].field : absl::StrCat(violations.size(), " fields");
}

// ---- What a token says about the workload

class WorkloadOfTest : public testing::Test {
 protected:
  static WorkloadIdentity Read(const Json& claims) {
    static const auto* const forge = new TokenForge(JwsAlgorithm::kEdDsa);
    return WorkloadOf(
        *ExternalClaims::Verify(*ExternalToken::Parse(forge->Sign(claims)), *JsonWebKey::FromJson(forge->Jwk())),
        kCluster, kBilling);
  }
  static Json OnPod(const Json& name) { return {{"kubernetes.io", {{"pod", {{"name", name}}}}}}; }
  static Json OnNode(const Json& name) { return {{"kubernetes.io", {{"node", {{"name", name}}}}}}; }
};

TEST_F(WorkloadOfTest, ATokenOfKubernetesNamesItsPodAndItsNode) {
  const WorkloadIdentity workload =
      Read({{"kubernetes.io",
             {{"namespace", "shop"},
              {"node", {{"name", "node-1.example.com"}, {"uid", "5f0c2a6e-7d1b-4a55-9a0e-2b8f3c4d5e6f"}}},
              {"pod", {{"name", "billing-7d4f9c6b8-x2x5k"}, {"uid", "0a6d3c1e-95c4-4c52-8a7b-4f1f0b6b7c8d"}}},
              {"serviceaccount", {{"name", "billing"}, {"uid", "c3f5a2b4-1111-4222-8333-444455556666"}}}}}});
  EXPECT_EQ(workload.issuer, kCluster);
  EXPECT_EQ(workload.subject, kBilling);
  EXPECT_EQ(workload.pod, "billing-7d4f9c6b8-x2x5k");
  EXPECT_EQ(workload.node, "node-1.example.com");
}

TEST_F(WorkloadOfTest, ATokenWithoutThemNamesNone) {
  for (const Json& claims :
       {Json::object(), Json{{"kubernetes.io", "pod"}}, Json{{"kubernetes.io", Json::object()}},
        Json{{"kubernetes.io", {{"pod", "billing-1"}, {"node", Json::array({"node-1"})}}}}, OnPod(7), OnNode(nullptr),
        OnPod(Json::array({"billing-1"})), Json{{"/kubernetes.io/pod/name", "billing-1"}}}) {
    const WorkloadIdentity workload = Read(claims);
    EXPECT_EQ(workload.pod, "") << claims;
    EXPECT_EQ(workload.node, "") << claims;
    EXPECT_EQ(workload.subject, kBilling) << claims;
  }
}

// Otherwise an issuer could write whatever it likes into the audit.
TEST_F(WorkloadOfTest, ANameWithoutTheFormOfOneIsDropped) {
  EXPECT_EQ(Read(OnPod(std::string(253, 'x'))).pod, std::string(253, 'x'));
  for (const std::string& name :
       {std::string(254, 'x'), std::string("Billing"), std::string("billing 1"), std::string("billing_1"),
        std::string("shop/billing"), std::string("billing; by the workload root"), std::string("billing\n"),
        std::string("billing\0", 8), std::string("b\xc3\xa4r")}) {
    EXPECT_EQ(Read(OnPod(name)).pod, "") << name;
    EXPECT_EQ(Read(OnNode(name)).node, "") << name;
  }
}

TEST(DefaultWorkloadTest, IsTheAccountDefaultOfANamespaceOfKubernetes) {
  for (const char* subject : {"system:serviceaccount:shop:default", "system:serviceaccount:default:default"}) {
    EXPECT_TRUE(IsDefaultWorkload(subject)) << subject;
  }
  for (const char* subject : {kBilling, "system:serviceaccount:default:billing", "system:serviceaccount:shop:default2",
                              "system:serviceaccount:shop:my-default", "system:serviceaccount:shop:Default", "default",
                              "shop:default", "repo:shop/billing:ref:default", ""}) {
    EXPECT_FALSE(IsDefaultWorkload(subject)) << subject;
  }
}

// ---- The name of a person or a workload at an issuer

TEST(ExternalKeyTest, HasAnIssuerAndASubjectOfPrintableAscii) {
  for (const ExternalKey& key : std::vector<ExternalKey>{{kCluster, kBilling},
                                                         {"x", "y"},
                                                         {"https://a", "auth0|65f1 c0ffee"},
                                                         {std::string(512, 'x'), std::string(255, 'y')}}) {
    EXPECT_EQ(BrokenField(CheckExternalKey(key)), "") << key.issuer << " " << key.subject;
  }
  for (const std::string& issuer : {std::string(513, 'x'), std::string("https://a b"), std::string("https://a\n"),
                                    std::string("\0", 1), std::string("https://\xc3\xa4"), std::string("\x7f")}) {
    EXPECT_EQ(BrokenField(CheckExternalKey({issuer, kBilling})), "issuer") << issuer;
  }
  for (const std::string& subject : {std::string(), std::string(256, 'y'), std::string("a\nb"), std::string("a\0b", 3),
                                     std::string("\xc3\xa4"), std::string("\x7f")}) {
    EXPECT_EQ(BrokenField(CheckExternalKey({kCluster, subject})), "subject") << subject;
  }
}

TEST(ExternalKeyTest, WithoutAnIssuerTheSubjectIsTheUriOfACertificate) {
  EXPECT_EQ(BrokenField(CheckExternalKey({"", "spiffe://example.org/billing"})), "");
  for (const std::string& subject : {std::string(), std::string(kBilling), std::string("billing.example.org"),
                                     std::string("spiffe://example.org/a b"), std::string("spiffe://example.org/a\n"),
                                     "spiffe://" + std::string(247, 'x')}) {
    EXPECT_EQ(BrokenField(CheckExternalKey({"", subject})), "subject") << subject;
  }
}

// ---- Who is who

PrincipalId AccountNumbered(uint8_t number) {
  std::array<uint8_t, 16> bytes{};
  bytes[15] = number;
  return PrincipalId(Uuid(bytes));
}

IdentityProvider IssuerNamed(const std::string& issuer) {
  IdentityProvider provider;
  provider.issuer = issuer;
  provider.workload_audiences = {"identity"};
  return provider;
}

TEST(WorkloadsTest, FindsAnAccountByIssuerAndSubject) {
  const Scopes narrow = *Scopes::Parse({"orders:read"});
  const Workloads workloads({IssuerNamed("https://a"), IssuerNamed("https://ab")},
                            {{{"https://a", "bc"}, {AccountNumbered(1), Scopes::Unlimited()}},
                             {{"https://ab", "c"}, {AccountNumbered(2), narrow}},
                             {{"https://a", "c"}, {AccountNumbered(1), narrow}}},
                            {});
  ASSERT_NE(workloads.FindAccount("https://a", "bc"), nullptr);
  EXPECT_EQ(workloads.FindAccount("https://a", "bc")->service_account, AccountNumbered(1));
  EXPECT_EQ(workloads.FindAccount("https://a", "bc")->scopes, Scopes::Unlimited());
  ASSERT_NE(workloads.FindAccount("https://ab", "c"), nullptr);
  EXPECT_EQ(workloads.FindAccount("https://ab", "c")->service_account, AccountNumbered(2));
  EXPECT_EQ(workloads.FindAccount("https://ab", "c")->scopes, narrow);
  EXPECT_EQ(workloads.FindAccount("https://a", "c")->service_account, AccountNumbered(1));
  for (const auto& [issuer, subject] : std::vector<std::pair<std::string, std::string>>{
           {"https://a", "b"}, {"https://a", ""}, {"", "bc"}, {"https://A", "bc"}, {"https://abc", ""}}) {
    EXPECT_EQ(workloads.FindAccount(issuer, subject), nullptr) << issuer << " " << subject;
  }
}

TEST(WorkloadsTest, FindsAnIssuerLetterByLetter) {
  const Workloads workloads({IssuerNamed("https://a"), IssuerNamed("https://b/")}, {}, {});
  EXPECT_FALSE(workloads.issuers().empty());
  ASSERT_NE(workloads.FindIssuer("https://b/"), nullptr);
  EXPECT_EQ(workloads.FindIssuer("https://b/")->issuer, "https://b/");
  for (const char* issuer : {"https://b", "https://a/", "https://A", "a", ""}) {
    EXPECT_EQ(workloads.FindIssuer(issuer), nullptr) << issuer;
  }
}

TEST(WorkloadsTest, KnowsWhoIsRevokedWhetherOrNotItIsAnybody) {
  const Workloads workloads({IssuerNamed("https://a")},
                            {{{"https://a", "b"}, {AccountNumbered(1), Scopes::Unlimited()}}},
                            {{"https://a", "b"}, {"https://other", "ada"}});
  EXPECT_TRUE(workloads.IsRevoked("https://a", "b"));
  EXPECT_TRUE(workloads.IsRevoked("https://other", "ada"));
  EXPECT_NE(workloads.FindAccount("https://a", "b"), nullptr) << "the revocation does not take the account away";
  for (const auto& [issuer, subject] : std::vector<std::pair<std::string, std::string>>{
           {"https://a", "ada"}, {"https://other", "b"}, {"https://other", ""}, {"", ""}}) {
    EXPECT_FALSE(workloads.IsRevoked(issuer, subject)) << issuer << " " << subject;
  }
}

TEST(WorkloadsTest, AtTheBeginningThereAreNone) {
  const Workloads none;
  EXPECT_TRUE(none.issuers().empty());
  EXPECT_EQ(none.FindIssuer(""), nullptr);
  EXPECT_EQ(none.FindAccount("", ""), nullptr);
  EXPECT_FALSE(none.IsRevoked("", ""));
}

// ---- Providers of workloads

IdentityProvider ClusterProvider() {
  IdentityProvider provider = IssuerNamed(kCluster);
  provider.name = "cluster";
  return provider;
}

std::string BrokenField(const IdentityProvider& provider) {
  return BrokenField(CheckIdentityProvider(provider, "https://identity.example.com"));
}

TEST(WorkloadProviderTest, NeedsAnAudienceOfPeopleOrOfWorkloads) {
  IdentityProvider provider = ClusterProvider();
  EXPECT_EQ(BrokenField(provider), "");
  provider.workload_audiences.clear();
  EXPECT_EQ(BrokenField(provider), "audiences");
  provider.audiences = {"shop"};
  EXPECT_EQ(BrokenField(provider), "");
  provider.workload_audiences = {"identity"};
  EXPECT_EQ(BrokenField(provider), "") << "a provider may have both";
}

TEST(WorkloadProviderTest, HasAFewShortAudiences) {
  IdentityProvider provider = ClusterProvider();
  provider.workload_audiences = std::vector<std::string>(20, "identity");
  EXPECT_EQ(BrokenField(provider), "");
  provider.workload_audiences = std::vector<std::string>(21, "identity");
  EXPECT_EQ(BrokenField(provider), "workload_audiences");
  for (const std::string& audience :
       {std::string(), std::string(257, 'x'), std::string("a b"), std::string("a\n"), std::string("\xc3\xa4")}) {
    provider.workload_audiences = {"identity", audience};
    EXPECT_EQ(BrokenField(provider), "workload_audiences") << audience;
  }
}

// A person's ID token would otherwise be the credential of a program, without a session that ends.
TEST(WorkloadProviderTest, AnAudienceIsOfPeopleOrOfWorkloads) {
  IdentityProvider provider = ClusterProvider();
  provider.audiences = {"shop", "frontend"};
  provider.workload_audiences = {"identity", "frontend"};
  EXPECT_EQ(BrokenField(provider), "workload_audiences");
  provider.workload_audiences = {"identity", "Frontend"};
  EXPECT_EQ(BrokenField(provider), "");
}

TEST(KubernetesPresetTest, FillsAProviderThatNeedsOnlyItsName) {
  IdentityProvider provider;
  ASSERT_THAT(ApplyPreset(ProviderPreset::kKubernetes, PresetValues(), provider), IsOk());
  EXPECT_EQ(provider.issuer, kCluster);
  EXPECT_EQ(provider.jwks_uri, "https://kubernetes.default.svc/openid/v1/jwks");
  EXPECT_THAT(provider.workload_audiences, ElementsAre("identity"));
  EXPECT_FALSE(provider.default_workloads) << "all pods of a namespace share that account";
  EXPECT_THAT(provider.audiences, IsEmpty()) << "the cluster logs nobody in";
  EXPECT_EQ(provider.name_claim, "");
  EXPECT_EQ(provider.email_claim, "");
  EXPECT_EQ(provider.email_verified_claim, "");
  EXPECT_EQ(provider.link_policy, LinkPolicy::kNone);
  EXPECT_FALSE(provider.disabled);
  provider.name = "cluster";
  EXPECT_EQ(BrokenField(provider), "");
}

TEST(KubernetesPresetTest, KeepsTheFieldsThatAreSet) {
  IdentityProvider provider;
  provider.issuer = "https://oidc.eks.eu-central-1.amazonaws.com/id/1A2B";
  provider.jwks_uri = "https://keys.example.com";
  provider.workload_audiences = {"orders", "billing"};
  provider.audiences = {"shop"};
  provider.default_workloads = true;
  ASSERT_THAT(ApplyPreset(ProviderPreset::kKubernetes, PresetValues(), provider), IsOk());
  EXPECT_EQ(provider.issuer, "https://oidc.eks.eu-central-1.amazonaws.com/id/1A2B");
  EXPECT_EQ(provider.jwks_uri, "https://keys.example.com");
  EXPECT_THAT(provider.workload_audiences, ElementsAre("orders", "billing"));
  EXPECT_THAT(provider.audiences, ElementsAre("shop"));
  EXPECT_TRUE(provider.default_workloads);
}

TEST(KubernetesPresetTest, NeedsNoneOfTheValues) {
  const struct {
    const char* field;
    std::string PresetValues::*value;
  } all[] = {{"domain", &PresetValues::domain},
             {"realm_url", &PresetValues::realm_url},
             {"project", &PresetValues::project},
             {"tenant", &PresetValues::tenant}};
  for (const auto& [field, value] : all) {
    PresetValues values;
    values.*value = "https://login.example.com";
    IdentityProvider provider;
    EXPECT_EQ(BrokenField(ApplyPreset(ProviderPreset::kKubernetes, values, provider)), field);
  }
}

}  // namespace
}  // namespace identity
