#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "server/base/encoding/base64url.h"
#include "server/base/error.h"
#include "server/calls/access.h"
#include "tests/api/access/workload_fixture.h"
#include "tests/support/methods.h"

namespace identity {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

// The details of the audit events that a principal caused, oldest first.
std::vector<std::string> DetailsBy(TestServer& server, const std::string& actor, const std::string& event) {
  const auto listed =
      Must(server.Call(&Admin::ListAuditEvents,
                       Proto<v1::ListAuditEventsRequest>("actor_id: '$0' event: '$1'", actor, event), server.root()));
  std::vector<std::string> details;
  for (const v1::AuditEvent& found : listed.events()) details.insert(details.begin(), found.details());
  return details;
}

// Another replica, on the database of `server`.
class OtherReplica {
 public:
  OtherReplica(TestServer& server, const std::string& ca_file) {
    Config config;
    config.database_url = server.database().server_url();
    config.database_connections = 4;
    config.server.listen_address = "127.0.0.1:0";
    config.master_keys = Secret(std::string(64, '7'));  // those of TestServer
    config.argon2 = {uint64_t{19} << 20, 2};
    config.throttle = {0, 0, 0, 0, 0, 0, 0};
    config.workers = 4;
    WithProvidersHere(config, ca_file);
    auto service = Service::Start(config, Service::Surroundings());
    if (!service.ok()) {
      ADD_FAILURE() << service.status();
      return;
    }
    service_ = *std::move(service);
    identity_ = v1::IdentityService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", service_->port()), grpc::InsecureChannelCredentials()));
  }
  bool serves() const { return identity_ != nullptr; }

  // Decides with all changes up to `consistency_token`.
  v1::CheckPermissionResponse Check(v1::CheckPermissionRequest request, const std::string& consistency_token,
                                    const Metadata& metadata) {
    request.mutable_consistency()->set_at_least_as_fresh(consistency_token);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
    v1::CheckPermissionResponse response;
    EXPECT_THAT(identity_->CheckPermission(&context, request, &response), Succeeds());
    return response;
  }

 private:
  std::unique_ptr<Service> service_;
  std::unique_ptr<Identity> identity_;
};

// ---- Good tokens

TEST_F(WorkloadTest, ATokenOfItsPlatformIsACredential) {
  const Claims claims = ClaimsFor();
  const std::string token = Sign(claims);
  for (const auto& answer : {Must(CheckSelf(token)), server().Check(About(token))}) {
    EXPECT_EQ(answer.decision(), v1::DECISION_ALLOWED);
    EXPECT_EQ(answer.reason(), v1::REASON_GRANTED);
    EXPECT_EQ(answer.principal().id(), account_);
    EXPECT_EQ(answer.principal().type(), v1::PRINCIPAL_TYPE_SERVICE_ACCOUNT);
    EXPECT_EQ(answer.session_id(), "");
    EXPECT_THAT(answer.scopes(), ElementsAre("*"));
    EXPECT_EQ(answer.expire_time().seconds(), claims["exp"].get<int64_t>());
    EXPECT_FALSE(answer.has_quota());
  }
  EXPECT_EQ(Must(CheckSelf(token, "invoices:read")).reason(), v1::REASON_NO_BINDING) << "no more than its account may";
}

TEST_F(WorkloadTest, ChecksOthersAsItsAccountMay) {
  const TestUser user = server().MakeUser();
  server().Grant(user.id, {"posts:read"}, "orgs/acme");
  const auto check = [&](const std::string& resource) {
    return Must(server().Call(&Identity::CheckPermission,
                              Proto<v1::CheckPermissionRequest>(
                                  "principal_id: '$0' permission: 'posts:read' resource: '$1'", user.id, resource),
                              Bearer(Token())))
        .reason();
  };
  EXPECT_EQ(check("orgs/acme"), v1::REASON_GRANTED);
  EXPECT_EQ(check("orgs/other"), v1::REASON_NO_BINDING);
}

TEST_F(WorkloadTest, OneOfItsAudiencesMustBeOurs) {
  Claims claims = ClaimsFor();
  claims["aud"] = kAudience;
  ExpectGood(Sign(claims));
  claims["aud"] = {"vault", kAudience};
  ExpectGood(Sign(claims));
  claims["aud"] = {"vault", "https://kubernetes.default.svc"};
  ExpectRefused(Sign(claims), v1::REASON_CREDENTIAL_INVALID);
}

TEST_F(WorkloadTest, AnotherIssuersWorkloadOfThatNameIsAnother) {
  const OpenIdProvider other = NewCluster();
  other.Publish();
  Enter(server(), other);
  ExpectRefused(Sign(other.forge(), ClaimsFor(other)), v1::REASON_CREDENTIAL_INVALID);
  const std::string account = server().MakeServiceAccount();
  Name(account, other, {{kBilling}});
  EXPECT_EQ(server().Check(About(Sign(other.forge(), ClaimsFor(other)))).principal().id(), account);
  EXPECT_EQ(server().Check(About(Token())).principal().id(), account_);
  ExpectRefused(Sign(other.forge(), ClaimsFor(cluster_)), v1::REASON_CREDENTIAL_INVALID,
                "signed with the key of the other one");
}

// ---- What its identity limits

TEST_F(WorkloadTest, TheScopesOfItsIdentityLimitIt) {
  Name(account_, cluster_, {{kBilling, {"orders:read"}}, {kReports}});
  const std::string token = Token();
  EXPECT_EQ(Must(CheckSelf(token, "orders:read")).reason(), v1::REASON_GRANTED);
  EXPECT_EQ(Must(CheckSelf(token, "orders:write")).reason(), v1::REASON_SCOPE_INSUFFICIENT);
  EXPECT_EQ(server().Check(About(token, "orders:write")).reason(), v1::REASON_SCOPE_INSUFFICIENT);
  EXPECT_THAT(server().Check(About(token)).scopes(), ElementsAre("orders:read"));
  EXPECT_THAT(server().Call(&Identity::CheckPermission, About(token), Bearer(token)),
              FailsWith(ErrorReason::kPermissionDenied))
      << "identity:check is none of its scopes";
  EXPECT_EQ(Must(CheckSelf(Token(kReports), "orders:write")).reason(), v1::REASON_GRANTED) << "has none of its own";
}

TEST_F(WorkloadTest, NewScopesCountAtTheNextCall) {
  const std::string token = Token();
  EXPECT_EQ(Must(CheckSelf(token, "orders:write")).reason(), v1::REASON_GRANTED);
  Name(account_, cluster_, {{kBilling, {"orders:read"}}});
  EXPECT_EQ(Must(CheckSelf(token, "orders:write")).reason(), v1::REASON_SCOPE_INSUFFICIENT);
  EXPECT_EQ(server().Check(About(token, "orders:write")).reason(), v1::REASON_SCOPE_INSUFFICIENT);
  Name(account_, cluster_, {{kBilling, {"orders:write"}}});
  EXPECT_EQ(Must(CheckSelf(token, "orders:write")).reason(), v1::REASON_GRANTED);
}

// ---- How it ends

TEST_F(WorkloadTest, IsRefusedWhileItsAccountIsDisabled) {
  const std::string token = Token();
  ExpectGood(token);
  server().Disable(account_);
  ExpectRefused(token, v1::REASON_PRINCIPAL_DISABLED);
  server().Enable(account_);
  ExpectGood(token);
}

TEST_F(WorkloadTest, EndsWithItsAccountAndMayBecomeAnother) {
  const std::string token = Token();
  ExpectGood(token);
  Must(server().Call(&Admin::DeleteServiceAccount,
                     Proto<v1::DeleteServiceAccountRequest>("service_account_id: '$0'", account_), server().root()));
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID);
  const std::string heir = server().MakeServiceAccount();
  Name(heir, cluster_, {{kBilling}});
  EXPECT_EQ(server().Check(About(token)).principal().id(), heir);
  EXPECT_EQ(Must(CheckSelf(token)).reason(), v1::REASON_NO_BINDING) << "the heir inherits no bindings";
}

TEST_F(WorkloadTest, AnIdentityThatIsTakenAwayCountsNoMore) {
  const std::string token = Token();
  ExpectGood(token);
  Name(account_, cluster_, {{kReports}});
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID);
  ExpectGood(Token(kReports));
  const std::string other = server().MakeServiceAccount();
  Name(other, cluster_, {{kBilling}});
  EXPECT_EQ(server().Check(About(token)).principal().id(), other);
}

TEST_F(WorkloadTest, IsRevokedUntilThatIsUndone) {
  Name(account_, cluster_, {{kBilling}, {kReports}});
  const std::string token = Token();
  ExpectGood(token);
  RevokeExternal(cluster_, kBilling);
  ExpectRefused(token, v1::REASON_CREDENTIAL_REVOKED);
  ExpectRefused(Token(), v1::REASON_CREDENTIAL_REVOKED, "a new token of the same workload");
  ExpectGood(Token(kReports));
  Name(account_, cluster_, {{kReports}});
  Name(account_, cluster_, {{kBilling}, {kReports}});
  ExpectRefused(token, v1::REASON_CREDENTIAL_REVOKED, "whoever names the workload again does not end that");
  RevokeExternal(cluster_, kBilling, true);
  ExpectGood(token);
}

TEST_F(WorkloadTest, MayBeRevokedBeforeItIsAnybody) {
  RevokeExternal(cluster_, kReports);
  Name(account_, cluster_, {{kBilling}, {kReports}});
  ExpectRefused(Token(kReports), v1::REASON_CREDENTIAL_REVOKED);
  ExpectGood(Token());
}

TEST_F(WorkloadTest, IsRevokedWithEverythingElseOfItsAccount) {
  Name(account_, cluster_, {{kBilling}, {kReports}});
  const std::string key = server().IssueKey(account_, {}).secret();
  const OpenIdProvider other_cluster = NewCluster();
  const std::string other = server().MakeServiceAccount();
  other_cluster.Publish();
  Enter(server(), other_cluster);
  Name(other, other_cluster, {{kBilling}});
  Must(server().Call(&Identity::Revoke, Proto<v1::RevokeRequest>("principal_id: '$0'", account_), server().root()));
  ExpectRefused(Token(), v1::REASON_CREDENTIAL_REVOKED);
  ExpectRefused(Token(kReports), v1::REASON_CREDENTIAL_REVOKED);
  EXPECT_THAT(server().Call(&Identity::CheckPermission,
                            Proto<v1::CheckPermissionRequest>("self: true permission: 'a:b'"), ApiKeyHeader(key)),
              FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_EQ(server().Check(About(Sign(other_cluster.forge(), ClaimsFor(other_cluster)))).reason(),
            v1::REASON_NO_BINDING)
      << "a workload of another account";
  EXPECT_THAT(server().Ask("SELECT details FROM audit_events WHERE event = 'principal.revoked' AND subject_id = '" +
                           account_ + "'"),
              HasSubstr("2 workloads"));
  RevokeExternal(cluster_, kReports, true);
  ExpectGood(Token(kReports));
  ExpectRefused(Token(), v1::REASON_CREDENTIAL_REVOKED);
}

TEST_F(WorkloadTest, IsRefusedWhileItsIssuerIsDisabled) {
  const std::string token = Token();
  ExpectGood(token);
  Update(cluster_, "provider { name: '$0' disabled: true }");
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID);
  Update(cluster_, "provider { name: '$0' } update_mask { paths: 'disabled' }");
  ExpectGood(token);
}

TEST_F(WorkloadTest, EndsWithTheEntryOfItsIssuer) {
  const std::string token = Token();
  ExpectGood(token);
  Must(server().Call(&Admin::DeleteIdentityProvider,
                     Proto<v1::DeleteIdentityProviderRequest>("name: '$0'", cluster_.name()), server().root()));
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID);
  Enter(server(), cluster_);
  ExpectGood(token);
}

TEST_F(WorkloadTest, TheEntryOfItsIssuerSaysWhichAudiencesAreOurs) {
  const std::string token = Token();
  ExpectGood(token);
  Update(cluster_, "provider { name: '$0' workload_audiences: 'orders' }");
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID);
  Update(cluster_, "provider { name: '$0' workload_audiences: ['orders', 'identity'] }");
  ExpectGood(token);
  Update(cluster_,
         "provider { name: '$0' audiences: 'shop' } update_mask { paths: ['audiences', 'workload_audiences'] }");
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID, "the provider has no workloads any more");
}

TEST_F(WorkloadTest, TheEntryOfItsIssuerSaysWhichAlgorithmsAreGood) {
  const std::string token = Token();
  ExpectGood(token);
  Update(cluster_, "provider { name: '$0' algorithms: 'ES256' }");
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID);
}

// All pods of a namespace for which nobody chose an account share it.
TEST_F(WorkloadTest, TheDefaultAccountOfANamespaceIsNobodyUnlessTheEntrySaysSo) {
  Update(cluster_, "provider { name: '$0' default_workloads: true }");
  Name(account_, cluster_, {{kBilling}, {kDefault}});
  const std::string token = Token(kDefault);
  ExpectGood(token);
  Update(cluster_, "provider { name: '$0' } update_mask { paths: 'default_workloads' }");
  ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID);
  ExpectGood(Token());
}

// ---- Bad tokens

TEST_F(WorkloadTest, BadTokensAreRefused) {
  ExpectGood(Token());
  const auto with = [&](const char* claim, const Claims& value) {
    Claims claims = ClaimsFor();
    claims[claim] = value;
    return Sign(claims);
  };
  const auto without = [&](const char* claim) {
    Claims claims = ClaimsFor();
    claims.erase(claim);
    return Sign(claims);
  };
  const auto signed_as = [&](const char* algorithm) {
    Claims header = cluster_.forge().Header();
    header["alg"] = algorithm;
    return cluster_.forge().Sign(header, ClaimsFor().dump());
  };
  const int64_t now = ClaimsFor()["iat"].get<int64_t>();
  const std::vector<std::string> good = absl::StrSplit(Token(), '.');
  const std::vector<std::string> other = absl::StrSplit(Token(kReports), '.');
  const std::string none = absl::StrCat(Base64UrlEncode(R"({"alg":"none"})"), ".", good[1], ".");
  const TokenForge same_name(JwsAlgorithm::kRs256);
  const TokenForge other_name(JwsAlgorithm::kRs256, "k2");
  const std::map<std::string, std::string> invalid = {
      {"another audience", with("aud", "vault")},
      {"no audience", without("aud")},
      {"an audience that is a part of ours", with("aud", "ident")},
      {"an unknown issuer", with("iss", "https://kubernetes.default.svc.cluster.local")},
      {"an issuer with a slash more", with("iss", cluster_.issuer() + "/")},
      {"no issuer", without("iss")},
      {"an unknown subject", with("sub", "system:serviceaccount:shop:unknown")},
      {"a subject in other letters", with("sub", "system:serviceaccount:shop:Billing")},
      {"the subject with a line break", with("sub", absl::StrCat(kBilling, "\n"))},
      {"no subject", without("sub")},
      {"not yet valid", with("nbf", now + 300)},
      {"issued in the future", with("iat", now + 300)},
      {"no time of issue", without("iat")},
      {"no end", without("exp")},
      {"the signature of another token", absl::StrCat(good[0], ".", good[1], ".", other[2])},
      {"other claims", absl::StrCat(good[0], ".", other[1], ".", good[2])},
      {"no signature", absl::StrCat(good[0], ".", good[1], ".")},
      {"the algorithm none", none},
      {"the algorithm HS256", signed_as("HS256")},
      {"an algorithm that the key is not for", signed_as("RS512")},
      {"another key of the same name", Sign(same_name, ClaimsFor())},
      {"a key that the issuer does not have", Sign(other_name, ClaimsFor())},
      {"a part more", Token() + ".x"},
      {"a part less", absl::StrCat(good[0], ".", good[1])},
      {"more than 16 KiB", with("jti", std::string(16 * 1024, 'x'))}};
  for (const auto& [what, token] : invalid) {
    // Longer metadata is refused by gRPC itself.
    if (token.size() < 8 * 1024) ExpectRefused(token, v1::REASON_CREDENTIAL_INVALID, what);
    EXPECT_EQ(server().ReasonFor(token, kReadOrders), v1::REASON_CREDENTIAL_INVALID) << what;
  }
  ExpectRefused(with("exp", now - 60), v1::REASON_CREDENTIAL_EXPIRED);
}

TEST_F(WorkloadTest, EndsWithItsTokenAlthoughThatIsRemembered) {
  const std::string token = Token();
  ExpectGood(token);
  server().Advance(absl::Minutes(6));
  ExpectRefused(token, v1::REASON_CREDENTIAL_EXPIRED);
  server().Advance(-absl::Minutes(6));
  ExpectGood(token);
}

// ---- What it is not

TEST_F(WorkloadTest, ATokenOfAPersonIsNone) {
  Update(cluster_, "provider { name: '$0' audiences: 'shop' }");
  Claims claims = ClaimsFor();
  claims["aud"] = "shop";
  ExpectRefused(Sign(claims), v1::REASON_CREDENTIAL_INVALID);
  ExpectGood(Token());
}

TEST_F(WorkloadTest, LogsNobodyIn) {
  const std::string token = Token();
  const auto by_id_token = [&] {
    v1::AuthenticateRequest request;
    request.mutable_id_token()->set_issuer(cluster_.issuer());
    request.mutable_id_token()->set_token(token);
    return server().Call(&Identity::Authenticate, request);
  };
  EXPECT_THAT(by_id_token(), FailsWith(ErrorReason::kInvalidCredentials)) << "the cluster has no people";
  Update(cluster_, "provider { name: '$0' audiences: 'shop' link_policy: LINK_POLICY_CREATE email_claim: 'email' }");
  EXPECT_THAT(by_id_token(), FailsWith(ErrorReason::kInvalidCredentials)) << "the token is for no client of theirs";
  EXPECT_THAT(server().Call(&Identity::Authenticate, Proto<v1::AuthenticateRequest>("api_key { key: '$0' }", token)),
              FailsWith(ErrorReason::kInvalidCredentials));
}

TEST_F(WorkloadTest, IsNoApiKey) {
  const std::string token = Token();
  EXPECT_THAT(
      server().Call(&Identity::CheckPermission,
                    Proto<v1::CheckPermissionRequest>("self: true permission: '$0'", kReadOrders), ApiKeyHeader(token)),
      FailsWith(ErrorReason::kCallerInvalid));
  EXPECT_EQ(
      server().Check(Proto<v1::CheckPermissionRequest>("api_key: '$0' permission: '$1'", token, kReadOrders)).reason(),
      v1::REASON_CREDENTIAL_INVALID);
}

TEST_F(WorkloadTest, HasNoSession) {
  server().Grant(account_, {"identity:self:*"});
  const Metadata caller = Bearer(Token());
  int tried = 0;
  for (const AccessRule& rule : AccessRules()) {
    if (rule.who != AccessRule::Who::kOwnSession) continue;
    ++tried;
    EXPECT_THAT(server().CallRaw(rule.method, "", caller), FailsWith(ErrorReason::kSessionRequired)) << rule.method;
  }
  EXPECT_GT(tried, 5);
  EXPECT_THAT(server().Call(&Identity::IssueApiKey, v1::IssueApiKeyRequest(), caller),
              FailsWith(ErrorReason::kSessionRequired))
      << "a key of its own would outlive its token";
}

TEST_F(WorkloadTest, HasTheAudienceIdentity) {
  const std::string token = Token();
  Claims claims = ClaimsFor();
  claims["aud"] = {kAudience, "orders"};
  for (const std::string& subject : {token, Sign(claims)}) {
    v1::CheckPermissionRequest about = About(subject);
    about.set_audience("orders");
    EXPECT_EQ(server().Check(about).reason(), v1::REASON_CREDENTIAL_INVALID);
    about.set_audience("identity");
    EXPECT_EQ(server().Check(about).reason(), v1::REASON_GRANTED);
  }
  const auto self = [&](const char* audience) {
    return Must(server().Call(&Identity::CheckPermission,
                              Proto<v1::CheckPermissionRequest>("self: true permission: '$0' audience: '$1'",
                                                                kReadOrders, audience),
                              Bearer(token)))
        .reason();
  };
  EXPECT_EQ(self("identity"), v1::REASON_GRANTED);
  EXPECT_EQ(self("orders"), v1::REASON_CREDENTIAL_INVALID) << "as with an access token of ours";
}

// ---- People

TEST_F(WorkloadTest, ARevokedPersonCannotLogIn) {
  Update(cluster_, "provider { name: '$0' audiences: 'shop' link_policy: LINK_POLICY_CREATE email_claim: 'email' }");
  const auto log_in = [&] {
    v1::AuthenticateRequest request;
    request.mutable_id_token()->set_issuer(cluster_.issuer());
    request.mutable_id_token()->set_token(cluster_.Sign(cluster_.Claims("ada", "ada@" + cluster_.name() + ".example")));
    return server().Call(&Identity::Authenticate, request);
  };
  RevokeExternal(cluster_, "ada");
  EXPECT_THAT(log_in(), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_EQ(server().Ask("SELECT count(*)::text FROM users WHERE email LIKE 'ada@" + cluster_.name() + "%'"), "0")
      << "and gets no account";
  RevokeExternal(cluster_, "ada", true);
  EXPECT_THAT(log_in(), Succeeds());
  RevokeExternal(cluster_, "ada");
  EXPECT_THAT(log_in(), FailsWith(ErrorReason::kInvalidCredentials));
  EXPECT_THAT(server().Ask("SELECT details FROM audit_events WHERE event = 'login' AND outcome = 'failure' "
                           "ORDER BY id DESC LIMIT 1"),
              HasSubstr("revoked identity"));
  RevokeExternal(cluster_, "ada", true);
  EXPECT_THAT(log_in(), Succeeds());
}

// ---- The audit

TEST_F(WorkloadTest, TheAuditSaysWhichPodActed) {
  server().Grant(account_, {"identity:roles:write"});
  const auto make_role = [&](const std::string& name, const std::string& token) {
    Must(server().Call(
        &Admin::CreateRole,
        Proto<v1::CreateRoleRequest>("role { name: '$0-$1' permissions: 'orders:read' }", cluster_.name(), name),
        Bearer(token)));
  };
  make_role("in-pod", Token());
  Claims claims = ClaimsFor();
  claims.erase("kubernetes.io");
  make_role("elsewhere", Sign(claims));
  claims["kubernetes.io"] = {{"pod", {{"name", "billing; by root"}}}, {"node", {{"name", kNode}}}};
  make_role("odd", Sign(claims));
  const std::vector<std::string> details = DetailsBy(server(), account_, "role.created");
  ASSERT_THAT(details, SizeIs(3));
  EXPECT_THAT(details[0],
              EndsWith(absl::StrCat("by the workload ", kBilling, " in the pod ", kPod, " on the node ", kNode)));
  EXPECT_THAT(details[1], EndsWith(absl::StrCat("by the workload ", kBilling)));
  EXPECT_THAT(details[2], EndsWith(absl::StrCat("by the workload ", kBilling, " on the node ", kNode)));
}

TEST_F(WorkloadTest, TheAuditOfADenialSaysWhichPodTried) {
  EXPECT_THAT(server().Call(&Admin::ListUsers, v1::ListUsersRequest(), Bearer(Token())),
              FailsWith(ErrorReason::kPermissionDenied));
  EXPECT_THAT(DetailsBy(server(), account_, "administration.denied"),
              ElementsAre(AllOf(StartsWith("PERMISSION_DENIED: "),
                                HasSubstr(absl::StrCat("by the workload ", kBilling, " in the pod ", kPod)))));
}

TEST_F(WorkloadTest, TheAuditOfAnApiKeyNamesNoWorkload) {
  server().Grant(account_, {"identity:roles:write"});
  Must(server().Call(&Admin::CreateRole, Proto<v1::CreateRoleRequest>("role { name: '$0-by-key' }", cluster_.name()),
                     ApiKeyHeader(server().IssueKey(account_, {}).secret())));
  EXPECT_THAT(DetailsBy(server(), account_, "role.created"), ElementsAre(Not(HasSubstr("workload"))));
}

// ---- Other replicas

TEST_F(WorkloadTest, AnotherReplicaFollows) {
  OtherReplica replica(server(), documents().ca_file());
  ASSERT_TRUE(replica.serves());
  const std::string token = Token();
  const auto about = [&](const std::string& consistency_token) {
    return replica.Check(About(token), consistency_token, server().root()).reason();
  };
  const auto self = [&](const std::string& consistency_token) {
    return replica
        .Check(Proto<v1::CheckPermissionRequest>("self: true permission: '$0'", kReadOrders), consistency_token,
               Bearer(token))
        .reason();
  };
  std::string last = Name(account_, cluster_, {{kBilling}});
  EXPECT_EQ(about(last), v1::REASON_GRANTED);
  EXPECT_EQ(self(last), v1::REASON_GRANTED);
  EXPECT_EQ(about(RevokeExternal(cluster_, kBilling)), v1::REASON_CREDENTIAL_REVOKED);
  last = RevokeExternal(cluster_, kBilling, true);
  EXPECT_EQ(about(last), v1::REASON_GRANTED);
  last = Name(account_, cluster_, {{kBilling, {"orders:write"}}});
  EXPECT_EQ(about(last), v1::REASON_SCOPE_INSUFFICIENT);
  EXPECT_EQ(self(last), v1::REASON_SCOPE_INSUFFICIENT);
  EXPECT_EQ(about(Name(account_, cluster_, {})), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_EQ(about(Name(account_, cluster_, {{kBilling}})), v1::REASON_GRANTED);
  EXPECT_EQ(about(Update(cluster_, "provider { name: '$0' disabled: true }")), v1::REASON_CREDENTIAL_INVALID);
  EXPECT_EQ(about(Update(cluster_, "provider { name: '$0' } update_mask { paths: 'disabled' }")), v1::REASON_GRANTED);
  EXPECT_EQ(about(Update(cluster_, "provider { name: '$0' workload_audiences: 'orders' }")),
            v1::REASON_CREDENTIAL_INVALID);
}

}  // namespace
}  // namespace identity
