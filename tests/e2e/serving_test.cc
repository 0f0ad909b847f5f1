#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/support/deployment.h"

namespace identity {
namespace {

using testing::HasSubstr;

constexpr char kIdentityService[] = "identity.v1.IdentityService";
constexpr char kAdminService[] = "identity.v1.AdminService";

TEST(HealthTest, EachServiceIsServing) {
  Deployment deployment({1, {}});
  const Probe probe{deployment.replica(0).address()};
  for (const char* service : {"", kIdentityService, kAdminService}) EXPECT_EQ(HealthOf(probe, service), "SERVING");
  EXPECT_EQ(HealthOf(probe, "identity.v1.Unheard"), "NOT_FOUND");
}

TEST(ReflectionTest, ListsTheServices) {
  Deployment deployment({1, {}});
  const auto services = ReflectedServices({deployment.replica(0).address()});
  ASSERT_TRUE(services.ok()) << services.status();
  EXPECT_THAT(*services, HasSubstr(kIdentityService));
  EXPECT_THAT(*services, HasSubstr(kAdminService));
}

TEST(ReflectionTest, CanBeSwitchedOff) {
  Deployment deployment({1, {"--no-reflection"}});
  const Probe probe{deployment.replica(0).address()};
  EXPECT_EQ(ReflectedServices(probe).status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(HealthOf(probe, kIdentityService), "SERVING");
}

TEST(LogsTest, HoldNoSecretOfSuccessfulOrFailedCalls) {
  Deployment deployment({1, {}});
  const Person ada = deployment.NewUser("ada");
  const std::string wrong = "a password that is not right";
  deployment.KeepSecret(wrong);
  const v1::TokenSet tokens = deployment.LogIn(ada);
  const std::string key = deployment.NewApiKey(tokens, ada.password).secret();
  EXPECT_FALSE(deployment.TryPassword(ada.username, wrong, 0).ok());
  v1::RefreshRequest refresh;
  refresh.set_refresh_token(tokens.refresh_token());
  deployment.KeepSecrets(Must(deployment.client(0).Refresh(refresh)).tokens());
  Check(deployment, 0, ForToken(tokens.access_token()), ada.id);
  Check(deployment, 0, ForKey(key), ada.id);
  // The database is away during these calls.
  TestCluster::Get().Stop();
  EXPECT_FALSE(deployment.TryPassword(ada.username, ada.password, 0).ok());
  EXPECT_FALSE(deployment.client(0).Refresh(refresh).ok());
  EXPECT_FALSE(deployment.client(0).CheckPermission(ForKey(key), deployment.AsAdmin()).ok());
  TestCluster::Get().Start();
  // The deployment searches the logs for secrets when it ends.
  EXPECT_THAT(deployment.Logs(), HasSubstr("\"serving\""));
}

// A server with a certificate for 127.0.0.1 that openssl made.
class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    const Outcome made = RunProgram({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                     "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=localhost",
                                     "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key_, "-out", certificate_});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
    server_ = std::make_unique<Process>(
        std::vector<std::string>{Identityd(), "serve", "--database-url", deployment_.database().server_url(),
                                 "--master-key-file", deployment_.master_key_file(), "--listen-address", address_,
                                 "--tls-certificate-file", certificate_, "--tls-key-file", key_},
        std::vector<std::string>(), Process::Files());
  }

  Deployment deployment_{{1, {}}};
  ScratchDirectory scratch_;
  const std::string key_ = scratch_.File("key.pem");
  const std::string certificate_ = scratch_.File("certificate.pem");
  const std::string address_ = absl::StrCat("127.0.0.1:", FreePort());
  std::unique_ptr<Process> server_;
};

TEST_F(TlsTest, ServesOnlyClientsThatTrustItsCertificate) {
  grpc::SslCredentialsOptions trusting;
  trusting.pem_root_certs = ReadWhole(certificate_);
  ASSERT_EQ(HealthOf({address_, grpc::SslCredentials(trusting), true}, ""), "SERVING");

  ClientOptions options;
  options.address = address_;
  options.tls_root_file = certificate_;
  const auto client = Must(Client::Create(std::move(options)));
  const v1::CheckPermissionResponse answer = Must([&] {
    v1::CheckPermissionRequest request;
    request.set_self(true);
    request.set_permission("identity:roles:read");
    return client->CheckPermission(request, {deployment_.AsAdmin().credential, absl::Seconds(30)});
  }());
  EXPECT_EQ(answer.decision(), v1::DECISION_ALLOWED);

  EXPECT_EQ(HealthOf({address_, grpc::InsecureChannelCredentials()}, ""), "UNAVAILABLE");
  EXPECT_EQ(HealthOf({address_, grpc::SslCredentials({})}, ""), "UNAVAILABLE");
}

}  // namespace
}  // namespace identity
