#include "server/mail/smtp_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Outcome = SmtpClient::Outcome;

SmtpClient::Options PlainOptions(const std::string& url) {
  SmtpClient::Options options;
  options.url = url;
  options.allow_plaintext = true;
  return options;
}

SmtpClient::Options TlsOptions(const std::string& url, const std::string& ca_file) {
  SmtpClient::Options options;
  options.url = url;
  options.ca_file = ca_file;
  return options;
}

SmtpClient::Delivery Deliver(SmtpClient::Options options, const std::string& text = "Subject: x\r\n\r\nHello\r\n") {
  const auto client = SmtpClient::Create(std::move(options));
  EXPECT_THAT(client, IsOk());
  const std::atomic<bool> stop{false};
  return (*client)->Deliver("identity@example.com", "ann@example.com", Secret(absl::string_view(text)), stop);
}

std::vector<std::string> TlsArguments(const TestCertificate& certificate) {
  return {"--tls", certificate.certificate_file(), certificate.key_file()};
}

TEST(SmtpClientTest, DeliversTheMailByteForByte) {
  const SmtpServer server;
  std::string text = "Subject: x\r\n\r\n.\r\n..two\r\n";
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&text, "line ", i, "\r\n");
  EXPECT_EQ(Deliver(PlainOptions(server.Url()), text).outcome, Outcome::kDelivered);
  const auto mails = server.Mails();
  ASSERT_THAT(mails, SizeIs(1));
  EXPECT_EQ(mails[0].Header("X-Envelope-From"), "identity@example.com");
  EXPECT_EQ(mails[0].Header("X-Envelope-To"), "ann@example.com");
  EXPECT_EQ(mails[0].Header("X-Session"), "plain -");
  EXPECT_THAT(mails[0].text, EndsWith(text));
}

TEST(SmtpClientTest, PlainTextIsRefusedUnlessAllowed) {
  const SmtpServer server;
  SmtpClient::Options options;
  options.url = server.Url();
  EXPECT_EQ(Deliver(std::move(options)).outcome, Outcome::kFailedForNow);
  EXPECT_THAT(server.Mails(), IsEmpty());
}

TEST(SmtpClientTest, StarttlsAndImplicitTlsAreChecked) {
  const TestCertificate certificate;
  const SmtpServer starttls(TlsArguments(certificate));
  std::vector<std::string> arguments = TlsArguments(certificate);
  arguments.push_back("--implicit");
  const SmtpServer implicit(arguments);
  EXPECT_EQ(Deliver(TlsOptions(starttls.Url(), certificate.certificate_file())).outcome, Outcome::kDelivered);
  EXPECT_EQ(Deliver(TlsOptions(implicit.Url("smtps"), certificate.certificate_file())).outcome, Outcome::kDelivered);
  EXPECT_EQ(starttls.Mails().at(0).Header("X-Session"), "tls -");
  EXPECT_EQ(implicit.Mails().at(0).Header("X-Session"), "tls -");
}

TEST(SmtpClientTest, AServerWithAnUnknownAuthorityReceivesNothing) {
  const TestCertificate certificate;
  const TestCertificate other;
  const SmtpServer starttls(TlsArguments(certificate));
  EXPECT_EQ(Deliver(TlsOptions(starttls.Url(), "")).outcome, Outcome::kFailedForNow);
  EXPECT_EQ(Deliver(TlsOptions(starttls.Url(), other.certificate_file())).outcome, Outcome::kFailedForNow);
  // Allowing plain text does not weaken TLS that the server offers.
  EXPECT_EQ(Deliver(PlainOptions(starttls.Url())).outcome, Outcome::kFailedForNow);
  EXPECT_THAT(starttls.Mails(), IsEmpty());
}

TEST(SmtpClientTest, AServerWithAnotherNameReceivesNothing) {
  const TestCertificate certificate("DNS:mail.test");
  const SmtpServer server(TlsArguments(certificate));
  EXPECT_EQ(Deliver(TlsOptions(server.Url(), certificate.certificate_file())).outcome, Outcome::kFailedForNow);
  EXPECT_THAT(server.Mails(), IsEmpty());
}

TEST(SmtpClientTest, LogsInAndAWrongPasswordIsNoPermanentFailure) {
  const SmtpServer server({"--login", "robot:s3cret"});
  for (const char* password : {"wrong", "s3cret"}) {
    SmtpClient::Options options = PlainOptions(server.Url());
    options.username = "robot";
    options.password = Secret(absl::string_view(password));
    const bool right = absl::string_view(password) == "s3cret";
    EXPECT_EQ(Deliver(std::move(options)).outcome, right ? Outcome::kDelivered : Outcome::kFailedForNow);
  }
  EXPECT_EQ(Deliver(PlainOptions(server.Url())).outcome, Outcome::kFailedForNow);
  ASSERT_THAT(server.Mails(), SizeIs(1));
  EXPECT_EQ(server.Mails()[0].Header("X-Session"), "plain robot");
}

TEST(SmtpClientTest, TheReplyDecidesWhetherToRetry) {
  struct Case {
    std::vector<std::string> arguments;
    Outcome outcome;
    int reply;
  };
  for (const Case& c : {Case{{"--defer", "1"}, Outcome::kFailedForNow, 451},
                        Case{{"--refuse", "ann@example.com"}, Outcome::kFailedPermanently, 550},
                        Case{{"--refuse-data"}, Outcome::kFailedPermanently, 554},
                        Case{{"--refuse-sender"}, Outcome::kFailedForNow, 550}}) {
    const SmtpServer server(c.arguments);
    const auto delivery = Deliver(PlainOptions(server.Url()));
    EXPECT_EQ(delivery.outcome, c.outcome) << c.arguments[0];
    EXPECT_EQ(delivery.reply, c.reply) << c.arguments[0];
    EXPECT_THAT(server.Mails(), IsEmpty());
  }
}

TEST(SmtpClientTest, NoListenerIsATemporaryFailure) {
  EXPECT_EQ(Deliver(PlainOptions("smtp://127.0.0.1:1")).outcome, Outcome::kFailedForNow);
}

TEST(SmtpClientTest, ALostConnectionIsATemporaryFailure) {
  const SmtpServer server({"--drop", "1"});
  EXPECT_EQ(Deliver(PlainOptions(server.Url())).outcome, Outcome::kFailedForNow);
}

TEST(SmtpClientTest, IgnoresAProxyOfTheEnvironment) {
  const SmtpServer server;
  for (const char* name : {"all_proxy", "ALL_PROXY", "smtp_proxy"}) setenv(name, "http://127.0.0.1:1", 1);
  EXPECT_EQ(Deliver(PlainOptions(server.Url())).outcome, Outcome::kDelivered);
  for (const char* name : {"all_proxy", "ALL_PROXY", "smtp_proxy"}) unsetenv(name);
}

TEST(SmtpClientTest, StopEndsAHangingDelivery) {
  const SmtpServer server({"--hang"});
  const auto client = SmtpClient::Create(PlainOptions(server.Url()));
  ASSERT_THAT(client, IsOk());
  std::atomic<bool> stop{false};
  std::thread stopper([&] {
    server.AwaitHanging();
    stop = true;
  });
  const auto delivery =
      (*client)->Deliver("identity@example.com", "ann@example.com", Secret(std::string("x\r\n")), stop);
  stopper.join();
  EXPECT_EQ(delivery.outcome, Outcome::kFailedForNow);
  constexpr int kAborted = 42;  // CURLE_ABORTED_BY_CALLBACK, and not a timeout
  EXPECT_EQ(delivery.curl_code, kAborted);
}

struct SmtpMistake {
  const char* flag;
  void (*make)(SmtpClient::Options&);
};

class BadSmtpOptionsTest : public testing::TestWithParam<SmtpMistake> {};

TEST_P(BadSmtpOptionsTest, AreNamedByTheirFlag) {
  SmtpClient::Options options;
  options.url = "smtp://mail.example.com:587";
  GetParam().make(options);
  const auto client = SmtpClient::Create(std::move(options));
  ASSERT_THAT(client, HasReason(ErrorReason::kInvalidField));
  EXPECT_EQ(FieldViolationsOf(client.status()).at(0).field, GetParam().flag);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSmtpOptionsTest,
    testing::Values(
        SmtpMistake{"smtp-url", [](SmtpClient::Options& o) { o.url = ""; }},
        SmtpMistake{"smtp-url", [](SmtpClient::Options& o) { o.url = "mail.example.com"; }},
        SmtpMistake{"smtp-url", [](SmtpClient::Options& o) { o.url = "http://mail.example.com"; }},
        SmtpMistake{"smtp-url", [](SmtpClient::Options& o) { o.url = "smtp://"; }},
        SmtpMistake{"smtp-url", [](SmtpClient::Options& o) { o.url = "smtp://user:pass@mail.example.com"; }},
        SmtpMistake{"smtp-url", [](SmtpClient::Options& o) { o.url = "smtp://mail.example.com/name"; }},
        SmtpMistake{"smtp-url", [](SmtpClient::Options& o) { o.url = "smtp://mail.example.com:99999"; }},
        SmtpMistake{"smtp-url", [](SmtpClient::Options& o) { o.url = "smtp://mail.example.com\r\n"; }},
        SmtpMistake{"smtp-username", [](SmtpClient::Options& o) { o.username = "robot"; }},
        SmtpMistake{"smtp-username", [](SmtpClient::Options& o) { o.password = Secret(std::string("s3cret")); }},
        SmtpMistake{"smtp-username",
                    [](SmtpClient::Options& o) {
                      o.username = "robot";
                      o.password = Secret(std::string("a\0b", 3));
                    }},
        SmtpMistake{"smtp-ca-file", [](SmtpClient::Options& o) { o.ca_file = "/nowhere"; }},
        SmtpMistake{"smtp-ca-file", [](SmtpClient::Options& o) { o.ca_file = "/etc/passwd"; }},
        SmtpMistake{"smtp-allow-plaintext", [](SmtpClient::Options& o) {
                      o.url = "smtps://mail.example.com";
                      o.allow_plaintext = true;
                    }}));

}  // namespace
}  // namespace identity
