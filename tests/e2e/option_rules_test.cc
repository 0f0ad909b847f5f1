#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/deployment.h"
#include "tests/support/mail_fixture.h"

// Wrong configurations of `serve`. No database answers here: the error must come before the server connects to it.
namespace identity {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// By option, without "--". "" as in a flag without a value; "@NAME" is the path of a file of the test.
using Flags = std::map<std::string, std::string>;

struct BrokenRule {
  Flags flags;
  std::vector<std::string> error;  // its parts; "@NAME" as in the flags
};

void PrintTo(const BrokenRule& rule, std::ostream* out) { *out << rule.error[0]; }

class StartTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = std::make_unique<ScratchDirectory>();
    const TestCertificate certificate;
    const TestCertificate other;
    scratch_->Write("certificate.pem", ReadWhole(certificate.certificate_file()));
    scratch_->Write("key.pem", ReadWhole(certificate.key_file()));
    scratch_->Write("other_key.pem", ReadWhole(other.key_file()));
    scratch_->Write("text", "correct horse battery staple\n");
    scratch_->Write("empty", "");
    scratch_->Write("malformed.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    scratch_->Write("malformed.crl", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n");
    scratch_->Write("own.crl", EmptyListOf(certificate));
    scratch_->Write("other.crl", EmptyListOf(other));
    scratch_->Write("master.key", absl::StrCat(std::string(64, '1'), "\n"));
    Make({"openssl", "pkey", "-in", Path("key.pem"), "-aes256", "-passout", "pass:x", "-out", Path("locked.pem")});
    Make({"openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout",
          Path("short_key.pem"), "-out", Path("short.pem")});
    Make({"mkdir", Path("templates")});
    scratch_->Write("templates/verify_email.txt", "no subject\n");
  }
  static void TearDownTestSuite() { scratch_.reset(); }

  static void Make(const std::vector<std::string>& command) {
    const Outcome outcome = RunProgram(command);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  }
  // A list of revoked certificates in PEM, signed with the key of `ca`, which has revoked none.
  static std::string EmptyListOf(const TestCertificate& ca) {
    const std::string configuration = scratch_->Write(
        "crl.conf",
        absl::StrCat("[ca]\ndefault_ca = self\n[self]\ndefault_md = sha256\ndefault_crl_days = 1\ndatabase = ",
                     scratch_->Write("revoked.txt", ""), "\n"));
    Make({"openssl", "ca", "-gencrl", "-config", configuration, "-cert", ca.certificate_file(), "-keyfile",
          ca.key_file(), "-out", Path("made.crl")});
    return ReadWhole(Path("made.crl"));
  }
  static std::string Path(const std::string& name) { return scratch_->File(name); }
  static std::string Replaced(const std::string& text) { return text[0] == '@' ? Path(text.substr(1)) : text; }

  static Outcome Serve(const Flags& flags, const std::vector<std::string>& environment = {}) {
    Flags all = {{"database-url", "host=/nowhere"}, {"master-key-file", "@master.key"}};
    for (const auto& [name, value] : flags) all[name] = value;
    std::vector<std::string> command = {Identityd(), "serve"};
    for (const auto& [name, value] : all) {
      command.push_back("--" + name);
      if (value != kOn) command.push_back(Replaced(value));
    }
    return RunProgram(command, environment);
  }

  static constexpr char kOn[] = "(on)";
  static std::unique_ptr<ScratchDirectory> scratch_;
};

std::unique_ptr<ScratchDirectory> StartTest::scratch_;

class OptionRulesTest : public StartTest, public testing::WithParamInterface<BrokenRule> {};

TEST_P(OptionRulesTest, StopTheStartBeforeAnythingIsConnected) {
  const Outcome outcome = Serve(GetParam().flags);
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_NE(outcome.exit_code, 124) << "it started";
  EXPECT_THAT(outcome.errors, Not(HasSubstr("database is unreachable")));
  for (const std::string& part : GetParam().error) EXPECT_THAT(outcome.errors, HasSubstr(Replaced(part)));
}

Flags Tls(const std::string& certificate, const std::string& key) {
  return {{"tls-certificate-file", certificate}, {"tls-key-file", key}};
}

Flags TlsWithClientCa(const std::string& ca) {
  Flags flags = Tls("@certificate.pem", "@key.pem");
  flags["tls-client-ca-file"] = ca;
  return flags;
}

Flags TlsWithClientCrl(const std::string& lists) {
  Flags flags = TlsWithClientCa("@certificate.pem");
  flags["tls-client-crl-file"] = lists;
  return flags;
}

Flags TlsWithoutClientCa(const std::string& lists) {
  Flags flags = TlsWithClientCrl(lists);
  flags.erase("tls-client-ca-file");
  return flags;
}

Flags Mail(const std::string& option, const std::string& value) {
  Flags flags = {{"smtp-url", "smtp://127.0.0.1:1"}, {"mail-from", "identity@example.com"}};
  flags[option] = value;
  return flags;
}

INSTANTIATE_TEST_SUITE_P(
    Listen, OptionRulesTest,
    testing::Values(BrokenRule{{{"listen-address", "127.0.0.1"}}, {"--listen-address", "\"127.0.0.1\"", "HOST:PORT"}},
                    BrokenRule{{{"listen-address", "localhost:99999"}}, {"--listen-address", "\"localhost:99999\""}},
                    BrokenRule{{{"listen-address", ""}}, {"--listen-address", "HOST:PORT"}},
                    BrokenRule{{{"listen-address", "0.0.0.0:0"}}, {"--listen-address", "0.0.0.0:0", "allow-plaintext"}},
                    BrokenRule{{{"admin-address", "localhost"}}, {"--admin-address", "\"localhost\""}},
                    BrokenRule{{{"admin-address", "127.0.0.1:65536"}}, {"--admin-address", "65536"}}));

INSTANTIATE_TEST_SUITE_P(
    Tls, OptionRulesTest,
    testing::Values(
        BrokenRule{{{"tls-certificate-file", "@certificate.pem"}}, {"--tls-key-file", "--tls-certificate-file"}},
        BrokenRule{{{"tls-key-file", "@key.pem"}}, {"--tls-certificate-file", "--tls-key-file"}},
        BrokenRule{{{"tls-client-ca-file", "@certificate.pem"}}, {"--tls-certificate-file", "--tls-client-ca-file"}},
        BrokenRule{Tls("/nowhere", "@key.pem"), {"--tls-certificate-file", "/nowhere"}},
        BrokenRule{Tls("@templates", "@key.pem"), {"--tls-certificate-file", "@templates"}},
        BrokenRule{Tls("@certificate.pem", "/nowhere"), {"--tls-key-file", "/nowhere"}},
        BrokenRule{Tls("@empty", "@key.pem"), {"tls-certificate-file", "@empty"}},
        BrokenRule{Tls("@text", "@key.pem"), {"tls-certificate-file", "@text", "no certificate"}},
        BrokenRule{Tls("@key.pem", "@key.pem"), {"tls-certificate-file", "@key.pem", "no certificate"}},
        BrokenRule{Tls("@malformed.pem", "@key.pem"), {"tls-certificate-file", "@malformed.pem", "malformed"}},
        BrokenRule{Tls("@certificate.pem", "@text"), {"tls-key-file", "@text", "no private key"}},
        BrokenRule{Tls("@certificate.pem", "@locked.pem"), {"tls-key-file", "@locked.pem", "passphrase"}},
        BrokenRule{Tls("@certificate.pem", "@other_key.pem"), {"tls-key-file", "@other_key.pem", "@certificate.pem"}},
        BrokenRule{Tls("@short.pem", "@short_key.pem"), {"tls-certificate-file", "@short.pem", "too small"}},
        BrokenRule{TlsWithClientCa("/nowhere"), {"--tls-client-ca-file", "/nowhere"}},
        BrokenRule{TlsWithClientCa("@text"), {"tls-client-ca-file", "@text", "no certificate"}},
        BrokenRule{TlsWithClientCa("@malformed.pem"), {"tls-client-ca-file", "@malformed.pem", "malformed"}},
        BrokenRule{TlsWithoutClientCa("@own.crl"), {"--tls-client-ca-file", "--tls-client-crl-file"}},
        BrokenRule{TlsWithClientCrl("/nowhere"), {"--tls-client-crl-file", "/nowhere"}},
        BrokenRule{TlsWithClientCrl("@templates"), {"--tls-client-crl-file", "@templates"}},
        BrokenRule{TlsWithClientCrl("@empty"), {"tls-client-crl-file", "@empty"}},
        BrokenRule{TlsWithClientCrl("@text"), {"tls-client-crl-file", "@text", "no list"}},
        BrokenRule{TlsWithClientCrl("@certificate.pem"), {"tls-client-crl-file", "@certificate.pem", "no list"}},
        BrokenRule{TlsWithClientCrl("@malformed.crl"), {"tls-client-crl-file", "@malformed.crl", "malformed"}},
        BrokenRule{TlsWithClientCrl("@other.crl"), {"tls-client-crl-file", "@other.crl", "no CA"}}));

INSTANTIATE_TEST_SUITE_P(
    Signing, OptionRulesTest,
    testing::Values(
        BrokenRule{{{"signing-algorithm", "HS256"}}, {"--signing-algorithm", "HS256"}},
        BrokenRule{{{"signing-algorithm", "es256"}}, {"--signing-algorithm", "es256"}},
        BrokenRule{{{"audience-algorithm", "orders"}}, {"--audience-algorithm", "\"orders\"", "EdDSA, ES256, RS256"}},
        BrokenRule{{{"audience-algorithm", "orders=none"}}, {"--audience-algorithm", "\"orders=none\""}},
        BrokenRule{{{"audience-algorithm", "=ES256"}}, {"--audience-algorithm", "\"=ES256\""}},
        BrokenRule{{{"audience-algorithm", "a=ES256 b"}}, {"--audience-algorithm", "\"b\""}},
        BrokenRule{{{"audience-algorithm", "a=ES256 a=RS256"}}, {"--audience-algorithm", "the audience a twice"}}));

INSTANTIATE_TEST_SUITE_P(
    Proxies, OptionRulesTest,
    testing::Values(BrokenRule{{{"trusted-proxies", "10.0.0.1/8"}}, {"--trusted-proxies", "\"10.0.0.1/8\""}},
                    BrokenRule{{{"trusted-proxies", "10.0.0.0/8 *"}}, {"--trusted-proxies", "\"*\""}}));

INSTANTIATE_TEST_SUITE_P(Doors, OptionRulesTest,
                         testing::Values(BrokenRule{{{"password-grant", "(on)"}},
                                                    {"--password-grant", "--http-address"}}));

INSTANTIATE_TEST_SUITE_P(
    Mail, OptionRulesTest,
    testing::Values(BrokenRule{{{"require-verified-email", "(on)"}}, {"--require-verified-email", "--smtp-url"}},
                    BrokenRule{{{"smtp-url", "smtp://127.0.0.1:1"}}, {"--mail-from", "--smtp-url"}},
                    BrokenRule{Mail("smtp-url", "http://127.0.0.1:1"), {"smtp-url", "must be smtp://"}},
                    BrokenRule{Mail("mail-from", "Identity"), {"mail-from", "\"Identity\"", "name@example.com"}},
                    BrokenRule{Mail("smtp-username", "robot"), {"smtp-username", "password"}},
                    BrokenRule{Mail("smtp-password-file", "@empty"), {"--smtp-password-file", "@empty"}},
                    BrokenRule{Mail("smtp-ca-file", "/nowhere"), {"--smtp-ca-file", "/nowhere"}},
                    BrokenRule{Mail("smtp-ca-file", "@text"), {"smtp-ca-file", "@text"}},
                    BrokenRule{Mail("mail-templates", "@templates"), {"mail-templates", "verify_email"}},
                    BrokenRule{{{"mail-templates", "/nowhere"}}, {"--mail-templates", "/nowhere", "directory"}},
                    BrokenRule{{{"mail-templates", "@text"}}, {"--mail-templates", "@text", "directory"}},
                    BrokenRule{{{"verify-email-url", "javascript:alert(1)"}},
                               {"--verify-email-url", "javascript:", "https"}},
                    BrokenRule{{{"reset-password-url", "/reset"}}, {"--reset-password-url", "\"/reset\"", "https"}}));

INSTANTIATE_TEST_SUITE_P(
    Traces, OptionRulesTest,
    testing::Values(BrokenRule{{{"otlp-endpoint", "collector:4317"}},
                               {"--otlp-endpoint", "\"collector:4317\"", "http"}},
                    BrokenRule{{{"otlp-ca-file", "@certificate.pem"}}, {"--otlp-endpoint", "--otlp-ca-file"}},
                    BrokenRule{{{"otlp-endpoint", "http://collector:4317"}, {"otlp-ca-file", "@certificate.pem"}},
                               {"--otlp-ca-file", "https"}},
                    BrokenRule{{{"otlp-endpoint", "https://collector:4317"}, {"otlp-ca-file", "/nowhere"}},
                               {"--otlp-ca-file", "/nowhere"}},
                    BrokenRule{{{"otlp-endpoint", "https://collector:4317"}, {"otlp-ca-file", "@text"}},
                               {"otlp-ca-file", "certificate"}},
                    BrokenRule{{{"trace-ratio", "1.5"}}, {"--trace-ratio", "1.5"}}));

INSTANTIATE_TEST_SUITE_P(
    Providers, OptionRulesTest,
    testing::Values(BrokenRule{{{"provider-ca-file", "/nowhere"}}, {"--provider-ca-file", "/nowhere"}},
                    BrokenRule{{{"provider-ca-file", "@templates"}}, {"--provider-ca-file", "@templates"}},
                    BrokenRule{{{"provider-ca-file", "@text"}}, {"provider-ca-file", "@text"}},
                    BrokenRule{{{"provider-networks", "10.0.0.1/8"}}, {"--provider-networks", "\"10.0.0.1/8\""}},
                    BrokenRule{{{"provider-networks", "10.0.0.0/8 *"}}, {"--provider-networks", "\"*\""}}));

INSTANTIATE_TEST_SUITE_P(
    Others, OptionRulesTest,
    testing::Values(BrokenRule{{{"issuer", ""}}, {"--issuer"}},
                    BrokenRule{{{"issuer", "two words"}}, {"--issuer", "\"two words\""}},
                    BrokenRule{{{"service-name", ""}}, {"--service-name"}},
                    BrokenRule{{{"max-staleness", "1s"}, {"feed-interval", "1s"}}, {"--max-staleness", "\"1s\"", "1s"}},
                    BrokenRule{{{"breached-passwords-file", "/nowhere"}}, {"--breached-passwords-file", "/nowhere"}},
                    BrokenRule{{{"routes", "/nowhere"}}, {"--routes", "/nowhere"}},
                    BrokenRule{{{"routes", "@templates"}}, {"--routes", "@templates"}},
                    BrokenRule{{{"routes", "@text"}}, {"routes", "@text", "line 1: the file must be a map"}},
                    BrokenRule{{{"master-key-file", "/nowhere"}}, {"--master-key-file", "/nowhere"}},
                    BrokenRule{{{"master-key-file", "@text"}}, {"master-key-file", "line 1"}},
                    BrokenRule{{{"database-url", "nonsense"}}, {"--database-url", "connection string"}}));

INSTANTIATE_TEST_SUITE_P(
    Kubernetes, OptionRulesTest,
    testing::Values(BrokenRule{{{"kubernetes-api", "kubernetes.default.svc"}},
                               {"--kubernetes-api", "\"kubernetes.default.svc\"", "https://HOST"}},
                    BrokenRule{{{"kubernetes-api", "http://kubernetes.default.svc"}}, {"--kubernetes-api", "https"}},
                    BrokenRule{{{"kubernetes-api", "https://kubernetes.default.svc/openid/v1/jwks"}},
                               {"--kubernetes-api", "/openid/v1/jwks"}},
                    BrokenRule{{{"provider-keys", "https://issuer.example=/nowhere"}}, {"--provider-keys", "/nowhere"}},
                    BrokenRule{{{"provider-keys", "https://issuer.example"}},
                               {"--provider-keys", "\"https://issuer.example\"", "ISSUER=FILE"}},
                    BrokenRule{{{"provider-keys", "=/etc/keys"}}, {"--provider-keys", "\"=/etc/keys\""}}));

TEST_F(StartTest, AWrongValueOfAVariableNamesTheVariable) {
  const Outcome outcome = Serve({}, {"IDENTITY_LISTEN_ADDRESS=127.0.0.1"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.errors, AllOf(HasSubstr("IDENTITY_LISTEN_ADDRESS"), HasSubstr("\"127.0.0.1\"")));
}

// Each source has a wrong second value, so the error shows that the source is read and split.
TEST_F(StartTest, OneValueMayHoldTheAlgorithmsOfSeveralAudiences) {
  EXPECT_THAT(Serve({}, {"IDENTITY_AUDIENCE_ALGORITHM=a=ES256 b=x"}).errors,
              AllOf(HasSubstr("IDENTITY_AUDIENCE_ALGORITHM"), HasSubstr("\"b=x\"")));
  scratch_->Write("identity.conf", "audience-algorithm = \"a=ES256 https://b.example?c=d=RS256 e=x\"\n");
  EXPECT_THAT(Serve({{"config", "@identity.conf"}}).errors,
              AllOf(HasSubstr("audience-algorithm"), HasSubstr("\"e=x\"")));
  EXPECT_THAT(
      Serve({{"audience-algorithm", "a=ES256 https://b.example?c=d=RS256"}, {"signing-algorithm", "RS256"}}).errors,
      HasSubstr("database is unreachable"));
}

TEST_F(StartTest, AnInvalidDatabaseUrlIsNotRepeated) {
  EXPECT_THAT(Serve({{"database-url", "hunter2"}}).errors,
              AllOf(HasSubstr("--database-url"), Not(HasSubstr("hunter2"))));
}

// Each source has a wrong second value, so the error shows that the source is read and split.
TEST_F(StartTest, OneValueMayHoldTheKeyFilesOfSeveralIssuers) {
  const std::string first = absl::StrCat("https://a.example/?b=c=", Path("text"));
  EXPECT_THAT(Serve({}, {absl::StrCat("IDENTITY_PROVIDER_KEYS=", first, " x")}).errors,
              AllOf(HasSubstr("IDENTITY_PROVIDER_KEYS"), HasSubstr("\"x\"")));
  EXPECT_THAT(Serve({{"provider-keys", absl::StrCat(first, " https://b.example=/nowhere")}}).errors,
              AllOf(HasSubstr("--provider-keys"), HasSubstr("/nowhere")));
  EXPECT_THAT(Serve({{"provider-keys", first}}).errors, HasSubstr("database is unreachable"));
}

// Otherwise the tests above could succeed because of another option.
TEST_F(StartTest, WithValidOptionsTheServerConnectsToTheDatabase) {
  EXPECT_THAT(Serve(TlsWithClientCa("@certificate.pem")).errors, HasSubstr("database is unreachable"));
  EXPECT_THAT(Serve(TlsWithClientCrl("@own.crl")).errors, HasSubstr("database is unreachable"));
  EXPECT_THAT(Serve(Mail("verify-email-url", "https://example.com/verify?token=")).errors,
              HasSubstr("database is unreachable"));
  EXPECT_THAT(Serve({{"kubernetes-api", "https://kubernetes.default.svc:6443"}}).errors,
              HasSubstr("database is unreachable"));
}

}  // namespace
}  // namespace identity
