#ifndef IDENTITY_TESTS_API_ACCESS_WORKLOAD_FIXTURE_H_
#define IDENTITY_TESTS_API_ACCESS_WORKLOAD_FIXTURE_H_

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/openid_provider.h"
#include "tests/support/people.h"

namespace identity {

// A suite with one server, and with any number of Kubernetes clusters, whose keys a document server publishes. Each
// test has a cluster of its own and a service account, which the workload kBilling of the cluster is.
class WorkloadTest : public ::testing::Test {
 protected:
  using Claims = nlohmann::json;

  static constexpr char kBilling[] = "system:serviceaccount:shop:billing";
  static constexpr char kReports[] = "system:serviceaccount:shop:reports";
  static constexpr char kDefault[] = "system:serviceaccount:shop:default";
  static constexpr char kAudience[] = "identity";  // that pods ask Kubernetes for
  static constexpr char kPod[] = "billing-7d4f9c6b8-x2x5k";
  static constexpr char kNode[] = "node-1.example.com";
  static constexpr char kReadOrders[] = "orders:read";

  static void SetUpTestSuite() {
    documents_ = std::make_unique<DocumentServer>();
    server_ = NewServer();
  }
  static void TearDownTestSuite() {
    server_.reset();
    documents_.reset();
  }
  static TestServer& server() { return *server_; }
  static const DocumentServer& documents() { return *documents_; }
  // Another server that can ask the same clusters.
  static std::unique_ptr<TestServer> NewServer(const std::function<void(Config&)>& adjust = [](Config&) {}) {
    return std::make_unique<TestServer>([adjust](Config& config) {
      WithMail(config);
      WithProvidersHere(config, documents_->ca_file());
      adjust(config);
    });
  }

  WorkloadTest() : cluster_(NewCluster()), account_(server().MakeServiceAccount()) {
    cluster_.Publish();
    Enter(server(), cluster_);
    server().Grant(account_, {"orders:*", "identity:check"});
    Name(account_, cluster_, {{kBilling}});
  }

  // A cluster that no administrator has entered, and that publishes nothing yet.
  static OpenIdProvider NewCluster() {
    static int clusters = 0;
    return OpenIdProvider(*documents_, absl::StrCat("cluster-", ++clusters), JwsAlgorithm::kRs256);
  }
  // Enters the cluster with `fields`, those of v1::IdentityProvider in text form.
  static void Enter(TestServer& server, const OpenIdProvider& cluster, const std::string& fields = "") {
    v1::CreateIdentityProviderRequest request;
    v1::IdentityProvider& row = *request.mutable_provider();
    row = Proto<v1::IdentityProvider>(fields);
    row.set_name(cluster.name());
    row.set_issuer(cluster.issuer());
    row.add_workload_audiences(kAudience);
    Must(server.Call(&Admin::CreateIdentityProvider, request, server.root()));
  }
  // `text`: of the request, in which $0 is the cluster's name. Returns the consistency token.
  static std::string Update(const OpenIdProvider& cluster, const char* text) {
    return Must(server().Call(&Admin::UpdateIdentityProvider,
                              Proto<v1::UpdateIdentityProviderRequest>(text, cluster.name()), server().root()))
        .consistency_token();
  }

  struct Workload {
    std::string subject;
    std::vector<std::string> scopes = {};
  };
  // From now on these workloads of the cluster, and no others, are the account. Returns the consistency token.
  static std::string Name(TestServer& server, const std::string& account, const OpenIdProvider& cluster,
                          const std::vector<Workload>& workloads) {
    v1::UpdateServiceAccountRequest request;
    request.mutable_update_mask()->add_paths("external_identities");
    request.mutable_service_account()->set_id(account);
    for (const Workload& workload : workloads) {
      v1::WorkloadIdentity& identity = *request.mutable_service_account()->add_external_identities();
      identity.set_issuer(cluster.issuer());
      identity.set_subject(workload.subject);
      for (const std::string& scope : workload.scopes) identity.add_scopes(scope);
    }
    return Must(server.Call(&Admin::UpdateServiceAccount, request, server.root())).consistency_token();
  }
  static std::string Name(const std::string& account, const OpenIdProvider& cluster,
                          const std::vector<Workload>& workloads) {
    return Name(server(), account, cluster, workloads);
  }
  // Returns the consistency token.
  static std::string RevokeExternal(const OpenIdProvider& cluster, const std::string& subject, bool undo = false) {
    v1::RevokeExternalRequest request;
    request.set_issuer(cluster.issuer());
    request.set_subject(subject);
    request.set_undo(undo);
    return Must(server().Call(&Admin::RevokeExternal, request, server().root())).consistency_token();
  }

  // The claims of a token that the API server makes for a pod (a bound service account token).
  static Claims ClaimsFor(const OpenIdProvider& cluster, const std::string& subject = kBilling) {
    Claims claims = cluster.Claims(subject);
    claims["aud"] = Claims::array({kAudience});
    claims["nbf"] = claims["iat"];
    claims["jti"] = "8f2c1f0e-6f0b-4a3b-9f0e-0d7b8c9a0b1c";
    claims["kubernetes.io"] = {
        {"namespace", "shop"},
        {"node", {{"name", kNode}, {"uid", "5f0c2a6e-7d1b-4a55-9a0e-2b8f3c4d5e6f"}}},
        {"pod", {{"name", kPod}, {"uid", "0a6d3c1e-95c4-4c52-8a7b-4f1f0b6b7c8d"}}},
        {"serviceaccount", {{"name", "billing"}, {"uid", "c3f5a2b4-1111-4222-8333-444455556666"}}}};
    return claims;
  }
  Claims ClaimsFor(const std::string& subject = kBilling) const { return ClaimsFor(cluster_, subject); }
  // As the API server signs: its header has no `typ`.
  static std::string Sign(const TokenForge& forge, const Claims& claims) {
    Claims header = forge.Header();
    header.erase("typ");
    return forge.Sign(header, claims.dump());
  }
  std::string Sign(const Claims& claims) const { return Sign(cluster_.forge(), claims); }
  std::string Token(const std::string& subject = kBilling) const { return Sign(ClaimsFor(subject)); }

  // A check of the workload about itself.
  static Result<v1::CheckPermissionResponse> CheckSelf(TestServer& server, const std::string& token,
                                                       const std::string& permission = kReadOrders) {
    v1::CheckPermissionRequest request;
    request.set_self(true);
    request.set_permission(permission);
    return server.Call(&Identity::CheckPermission, request, Bearer(token));
  }
  static Result<v1::CheckPermissionResponse> CheckSelf(const std::string& token,
                                                       const std::string& permission = kReadOrders) {
    return CheckSelf(server(), token, permission);
  }
  // A check of somebody else, who got the token in a request.
  static v1::CheckPermissionRequest About(const std::string& token, const std::string& permission = kReadOrders) {
    v1::CheckPermissionRequest request;
    request.set_access_token(token);
    request.set_permission(permission);
    return request;
  }
  // The token is good, whoever presents it.
  static void ExpectGood(const std::string& token) {
    EXPECT_EQ(Must(CheckSelf(token)).reason(), v1::REASON_GRANTED);
    EXPECT_EQ(server().Check(About(token)).reason(), v1::REASON_GRANTED);
  }
  // It is not, for this reason.
  static void ExpectRefused(const std::string& token, v1::Reason reason, const std::string& where = "") {
    const std::string why = reason == v1::REASON_CREDENTIAL_EXPIRED   ? "has expired"
                            : reason == v1::REASON_CREDENTIAL_REVOKED ? "was revoked"
                            : reason == v1::REASON_PRINCIPAL_DISABLED ? "disabled principal"
                                                                      : "is not valid";
    const auto call = CheckSelf(token);
    EXPECT_THAT(call, FailsWith(ErrorReason::kCallerInvalid)) << where;
    EXPECT_THAT(call.status.error_message(), ::testing::HasSubstr(why)) << where;
    const auto answer = server().Check(About(token));
    EXPECT_EQ(answer.decision(), v1::DECISION_DENIED) << where;
    EXPECT_EQ(answer.reason(), reason) << where;
  }
  // How often the server has asked for the keys of the cluster.
  static size_t FetchesOf(const OpenIdProvider& cluster) {
    return documents().Requests(absl::StrCat("/", cluster.name(), "/keys"));
  }

  const OpenIdProvider cluster_;
  const std::string account_;

 private:
  static inline std::unique_ptr<DocumentServer> documents_;
  static inline std::unique_ptr<TestServer> server_;
};

}  // namespace identity

#endif  // IDENTITY_TESTS_API_ACCESS_WORKLOAD_FIXTURE_H_
