#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/deployment.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/scrape.h"

namespace identity {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr double kDay = 24 * 60 * 60;

std::shared_ptr<grpc::ChannelCredentials> Trusting(const TestCertificate& server,
                                                   const TestCertificate* client = nullptr) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = ReadWhole(server.certificate_file());
  if (client != nullptr) {
    options.pem_cert_chain = ReadWhole(client->certificate_file());
    options.pem_private_key = ReadWhole(client->key_file());
  }
  return grpc::SslCredentials(options);
}

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { deployment_ = std::make_unique<Deployment>(Deployment::Options{1, {}}); }
  static void TearDownTestSuite() { deployment_.reset(); }

  // Writes the files that the server reads.
  void Install(const TestCertificate& certificate) {
    scratch_.Write("certificate.pem", ReadWhole(certificate.certificate_file()));
    scratch_.Write("key.pem", ReadWhole(certificate.key_file()));
  }

  // Starts a server with the installed files, and waits for its metrics. It serves a moment later.
  void Serve(const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {Identityd(),
                                        "serve",
                                        "--database-url",
                                        deployment_->database().server_url(),
                                        "--master-key-file",
                                        deployment_->master_key_file(),
                                        "--listen-address",
                                        address_,
                                        "--admin-address",
                                        absl::StrCat("127.0.0.1:", admin_port_),
                                        "--tls-certificate-file",
                                        certificate_file_,
                                        "--tls-key-file",
                                        key_file_};
    command.insert(command.end(), more.begin(), more.end());
    server_ = std::make_unique<Process>(command, std::vector<std::string>(),
                                        Process::Files{"/dev/null", "/dev/null", log_file_});
    WaitUntil([this] { return Fetch(admin_port_, "/metrics").status == 200; });
  }

  // Over a new connection. Not "SERVING" when the server is too busy to accept it within milliseconds.
  std::string Health(const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
    return HealthOf({address_, credentials}, "");
  }
  // Over a new connection. Tries again for half a minute.
  bool Serves(const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
    return HealthOf({address_, credentials, true}, "") == "SERVING";
  }
  double Metric(const std::string& name) const { return Parse(Fetch(admin_port_, "/metrics").body)[name]; }
  double Expiry() const { return Metric("identity_tls_certificate_expiry_seconds"); }
  bool ReloadFailed() const { return Metric("identity_tls_certificate_reload_failed") == 1; }

  static std::unique_ptr<Deployment> deployment_;
  const ScratchDirectory scratch_;
  const std::string certificate_file_ = scratch_.File("certificate.pem");
  const std::string key_file_ = scratch_.File("key.pem");
  const std::string log_file_ = scratch_.File("server.log");
  const std::string address_ = absl::StrCat("127.0.0.1:", FreePort());
  const int admin_port_ = FreePort();
  const TestCertificate first_;
  std::unique_ptr<Process> server_;
};

std::unique_ptr<Deployment> TlsTest::deployment_;

TEST_F(TlsTest, ServesOnlyClientsThatTrustItsCertificate) {
  Install(first_);
  Serve();
  ASSERT_TRUE(Serves(Trusting(first_)));

  ClientOptions options;
  options.address = address_;
  options.tls_root_file = certificate_file_;
  const auto client = Must(Client::Create(std::move(options)));
  const v1::CheckPermissionResponse answer = Must([&] {
    v1::CheckPermissionRequest request;
    request.set_self(true);
    request.set_permission("identity:roles:read");
    return client->Call(&IdentityRpc::CheckPermission, request, {deployment_->AsAdmin().credential, absl::Seconds(30)});
  }());
  EXPECT_EQ(answer.decision(), v1::DECISION_ALLOWED);

  EXPECT_EQ(Health(grpc::InsecureChannelCredentials()), "UNAVAILABLE");
  EXPECT_EQ(Health(grpc::SslCredentials({})), "UNAVAILABLE");
}

TEST_F(TlsTest, ARenewedCertificateIsServedWithoutARestart) {
  Install(first_);
  Serve();
  ASSERT_TRUE(Serves(Trusting(first_)));
  EXPECT_GT(Expiry(), kDay);
  EXPECT_LE(Expiry(), 2 * kDay);

  const TestCertificate renewed("IP:127.0.0.1", 10);
  Install(renewed);
  EXPECT_TRUE(Serves(Trusting(renewed)));
  EXPECT_EQ(Health(Trusting(first_)), "UNAVAILABLE");
  WaitUntil([this] { return Expiry() > 9 * kDay && !ReloadFailed(); });
}

TEST_F(TlsTest, TheLastGoodCertificateIsServedWhileTheFilesAreBad) {
  Install(first_);
  Serve();
  ASSERT_TRUE(Serves(Trusting(first_)));

  const TestCertificate other("IP:127.0.0.1", 10);
  const std::string good = ReadWhole(certificate_file_);
  const std::string contents[] = {ReadWhole(other.certificate_file()), "no certificate", "",
                                  good.substr(0, good.size() / 2)};
  for (const std::string& bad : contents) {
    scratch_.Write("certificate.pem", bad);
    WaitUntil([this] { return ReloadFailed(); });
    EXPECT_TRUE(Serves(Trusting(first_))) << bad;
    EXPECT_LE(Expiry(), 2 * kDay) << "of the served certificate";
    scratch_.Write("certificate.pem", good);
    WaitUntil([this] { return !ReloadFailed(); });
    EXPECT_TRUE(Serves(Trusting(first_))) << "after " << bad;
  }
  EXPECT_THAT(ReadWhole(log_file_),
              AllOf(HasSubstr("TLS files not reloaded"), HasSubstr("tls-key-file"), HasSubstr("tls-certificate-file"),
                    HasSubstr(certificate_file_), Not(HasSubstr("PRIVATE KEY"))));

  Install(other);
  EXPECT_TRUE(Serves(Trusting(other)));
}

TEST_F(TlsTest, AMissingFileChangesNothing) {
  Install(first_);
  Serve();
  ASSERT_TRUE(Serves(Trusting(first_)));
  ASSERT_EQ(unlink(key_file_.c_str()), 0);
  WaitUntil([this] { return ReloadFailed(); });
  EXPECT_TRUE(Serves(Trusting(first_)));
  Install(first_);
  WaitUntil([this] { return !ReloadFailed(); });
}

TEST_F(TlsTest, TheMetricIsNegativeAfterTheExpiry) {
  Install(TestCertificate("IP:127.0.0.1", -1));
  Serve();
  EXPECT_LT(Expiry(), 0);
  EXPECT_GT(Expiry(), -2 * kDay);
  EXPECT_THAT(ReadWhole(log_file_), HasSubstr("\"expired\":\"yes\""));
}

TEST_F(TlsTest, ClientsNeedACertificateOfTheCa) {
  const TestCertificate ada;
  const TestCertificate eve;
  const std::string ca_file = scratch_.Write("ca.pem", ReadWhole(ada.certificate_file()));
  Install(first_);
  Serve({"--tls-client-ca-file", ca_file});
  ASSERT_TRUE(Serves(Trusting(first_, &ada)));
  EXPECT_EQ(Health(Trusting(first_, &eve)), "UNAVAILABLE");
  EXPECT_EQ(Health(Trusting(first_)), "UNAVAILABLE");

  ClientOptions options;
  options.address = address_;
  options.tls_root_file = first_.certificate_file();
  options.tls_certificate_file = ada.certificate_file();
  options.tls_key_file = ada.key_file();
  EXPECT_EQ(Must(Client::Create(std::move(options)))->Call(&AdminRpc::ListRoles, {}).status().code(),
            absl::StatusCode::kUnauthenticated)
      << "the server asks for a credential";

  scratch_.Write("ca.pem", "no certificate");
  WaitUntil([this] { return ReloadFailed(); });
  EXPECT_TRUE(Serves(Trusting(first_, &ada)));
  EXPECT_EQ(Health(Trusting(first_)), "UNAVAILABLE");

  scratch_.Write("ca.pem", ReadWhole(eve.certificate_file()));
  EXPECT_TRUE(Serves(Trusting(first_, &eve)));
  EXPECT_EQ(Health(Trusting(first_, &ada)), "UNAVAILABLE");
}

}  // namespace
}  // namespace identity
