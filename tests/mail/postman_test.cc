#include "server/mail/postman.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/base/trace.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class PostmanTest : public ::testing::Test {
 protected:
  static Postman::Options OptionsFor(const SmtpServer& server) {
    Postman::Options options;
    options.smtp.url = server.Url();
    options.smtp.allow_plaintext = true;
    options.from = "The Service <identity@example.com>";
    options.interval = absl::Milliseconds(20);
    options.first_delay = absl::Milliseconds(20);
    return options;
  }
  std::unique_ptr<Postman> Start(Postman::Options options) { return StartOn(outbox_, std::move(options)); }
  std::unique_ptr<Postman> StartOn(MailOutbox& outbox, Postman::Options options) {
    auto prepared = Postman::Prepare(std::move(options));
    EXPECT_THAT(prepared, IsOk());
    return std::make_unique<Postman>(*std::move(prepared), database_.database(), outbox, metrics_);
  }
  void Enqueue(const MailMessage& message) {
    ASSERT_THAT(
        database_.database().Write(RequestContext(), [&](Transaction& t) { return outbox_.Enqueue(t, message); }),
        IsOk());
    outbox_.Wake();
  }
  void EnqueueReset(const std::string& username = "ann") {
    Enqueue({MailKind::kResetPassword, "ann@example.com", {{"username", username}, {"token", "idm_1"}}});
  }
  int64_t Waiting() { return database_.Execute("SELECT count(*) AS mails FROM outbox")[0].Int("mails"); }
  void AwaitEmptyOutbox() {
    AwaitTrue("an empty outbox", [this] { return Waiting() == 0; });
  }

  TestDatabase database_;
  const MasterKeys keys_ = TestMasterKeys();
  MailOutbox outbox_{keys_, true};
  Metrics metrics_{{}, {}};
};

TEST_F(PostmanTest, ADeliveryBelongsToTheTraceOfTheCallThatCausedIt) {
  const SmtpServer server;
  Counter dropped;
  Tracer tracer(0, dropped);
  const TraceContext trace = {{1}, {2}, true};
  {
    const TraceScope scope(&tracer, trace);
    Enqueue({MailKind::kPasswordChanged, "ann@example.com", {{"username", "ann"}}});
  }
  Enqueue({MailKind::kPasswordChanged, "bob@example.com", {{"username", "bob"}}});
  {
    const Postman postman(*Postman::Prepare(OptionsFor(server)), database_.database(), outbox_, metrics_, &tracer);
    AwaitEmptyOutbox();
  }
  std::vector<SpanRecord> spans = tracer.Take(100, absl::ZeroDuration());
  ASSERT_THAT(spans, SizeIs(2));
  EXPECT_EQ(spans[0].name, "transaction");
  EXPECT_EQ(spans[1].name, "mail");
  EXPECT_EQ(spans[1].context.trace_id, trace.trace_id);
  EXPECT_EQ(spans[1].parent_id, spans[0].context.span_id);
}

TEST_F(PostmanTest, DeliversOnceWithAllHeaders) {
  const SmtpServer server;
  Postman::Options options = OptionsFor(server);
  options.reset_url = "https://example.com/reset?token=";
  options.verify_url = "https://example.com/verify?token=";
  const auto postman = Start(std::move(options));
  EnqueueReset();
  AwaitEmptyOutbox();
  const auto mails = server.Mails();
  ASSERT_THAT(mails, SizeIs(1));
  const ReceivedMail& mail = mails[0];
  EXPECT_EQ(mail.Header("X-Envelope-From"), "identity@example.com");
  EXPECT_EQ(mail.Header("X-Envelope-To"), "ann@example.com");
  EXPECT_EQ(mail.Header("From"), "\"The Service\" <identity@example.com>");
  EXPECT_EQ(mail.Header("To"), "ann@example.com");
  EXPECT_THAT(mail.Header("Subject"), HasSubstr("password"));
  EXPECT_THAT(mail.Header("Date"), EndsWith("+0000"));
  EXPECT_THAT(mail.Header("Message-ID"), EndsWith("@example.com>"));
  EXPECT_EQ(mail.Header("Auto-Submitted"), "auto-generated");
  EXPECT_THAT(mail.Body(), AllOf(HasSubstr("Hello ann,"), HasSubstr("\nidm_1\n"),
                                 HasSubstr("https://example.com/reset?token=idm_1\n")));
  EXPECT_EQ(metrics_.mails_sent.value(), 1u);
  EXPECT_EQ(metrics_.mails_failed.value(), 0u);
}

TEST_F(PostmanTest, WithoutALinkAddressTheMailShowsOnlyTheToken) {
  const SmtpServer server;
  const auto postman = Start(OptionsFor(server));
  EnqueueReset();
  const auto mails = server.AwaitMails(1);
  EXPECT_THAT(mails.at(0).Body(), AllOf(HasSubstr("\nidm_1\n"), Not(HasSubstr("page"))));
}

TEST_F(PostmanTest, ANewMailWakesItImmediately) {
  const SmtpServer server;
  Postman::Options options = OptionsFor(server);
  options.interval = absl::Hours(1);
  const auto postman = Start(std::move(options));
  for (size_t i = 1; i <= 2; ++i) {
    EnqueueReset();
    server.AwaitMails(i);
  }
}

TEST_F(PostmanTest, AMailIsSentAgainWithTheSameIdWhenTheAnswerIsLost) {
  const SmtpServer server({"--drop", "1"});
  const auto postman = Start(OptionsFor(server));
  EnqueueReset();
  AwaitEmptyOutbox();
  const auto mails = server.Mails();
  ASSERT_THAT(mails, SizeIs(2));
  EXPECT_THAT(mails[0].Header("Message-ID"), Not(IsEmpty()));
  EXPECT_EQ(mails[0].text, mails[1].text);
  EXPECT_EQ(metrics_.mails_failed.value(), 1u);
}

TEST_F(PostmanTest, ATemporaryRefusalIsRetried) {
  const SmtpServer server({"--defer", "3"});
  const auto postman = Start(OptionsFor(server));
  EnqueueReset();
  AwaitEmptyOutbox();
  EXPECT_THAT(server.Mails(), SizeIs(1));
  EXPECT_EQ(metrics_.mails_failed.value(), 3u);
  EXPECT_EQ(metrics_.mails_abandoned.value(), 0u);
}

TEST_F(PostmanTest, TheNextAttemptIsLaterEachTime) {
  const SmtpServer server({"--defer", "1000"});
  Postman::Options options = OptionsFor(server);
  options.first_delay = absl::Seconds(100);
  options.longest_delay = absl::Seconds(150);
  const auto postman = Start(std::move(options));
  EnqueueReset();
  // Each delay starts at the end of an attempt, and jitter takes up to a quarter off. A lease is longer than any delay.
  for (const int most : {100, 150, 150}) {
    AwaitTrue("a postponed mail", [&] {
      return database_
                 .Execute(
                     "SELECT count(*) AS mails FROM outbox WHERE attempt_time > clock_timestamp() AND "
                     "attempt_time < clock_timestamp() + interval '170 seconds'")[0]
                 .Int("mails") == 1;
    });
    const Rows rows = database_.Execute(absl::StrCat(
        "UPDATE outbox SET attempt_time = clock_timestamp() WHERE attempt_time - clock_timestamp() BETWEEN interval '",
        most * 0.75 - 20, " seconds' AND interval '", most, " seconds' RETURNING attempts"));
    EXPECT_EQ(rows.size(), 1u) << most;
  }
}

TEST_F(PostmanTest, APermanentRefusalIsAbandonedImmediately) {
  const SmtpServer server({"--refuse", "ann@example.com"});
  const auto postman = Start(OptionsFor(server));
  EnqueueReset();
  AwaitEmptyOutbox();
  EXPECT_EQ(metrics_.mails_failed.value(), 1u);
  EXPECT_EQ(metrics_.mails_abandoned.value(), 1u);
  EXPECT_THAT(server.Mails(), IsEmpty());
}

TEST_F(PostmanTest, AMailOlderThanThreeDaysIsAbandonedAtItsNextFailure) {
  const SmtpServer server({"--defer", "1000"});
  EnqueueReset();
  database_.Execute("UPDATE outbox SET create_time = create_time - interval '73 hours'");
  const auto postman = Start(OptionsFor(server));
  AwaitEmptyOutbox();
  EXPECT_EQ(metrics_.mails_failed.value(), 1u);
  EXPECT_EQ(metrics_.mails_abandoned.value(), 1u);
}

TEST_F(PostmanTest, TwoPostmenSendEachOfManyMailsOnce) {
  constexpr size_t kMails = 50;
  const SmtpServer server;
  for (size_t i = 0; i < kMails; ++i) EnqueueReset(absl::StrCat("user", i, "-"));
  MailOutbox other_outbox(keys_, true);
  const auto one = Start(OptionsFor(server));
  const auto two = StartOn(other_outbox, OptionsFor(server));
  AwaitEmptyOutbox();
  std::set<std::string> ids;
  const auto mails = server.Mails();
  for (const ReceivedMail& mail : mails) ids.insert(mail.Header("Message-ID"));
  EXPECT_THAT(mails, SizeIs(kMails));
  EXPECT_THAT(ids, SizeIs(kMails));
}

TEST_F(PostmanTest, MailsForNobodyAreRemovedAndNeverSent) {
  const SmtpServer server;
  ASSERT_THAT(database_.database().Write(
                  RequestContext(),
                  [&](Transaction& t) {
                    return outbox_.EnqueueDecoy(
                        t, {MailKind::kResetPassword, "ann@example.com", {{"username", "ann"}, {"token", "idm_1"}}});
                  }),
              IsOk());
  const auto postman = Start(OptionsFor(server));
  AwaitEmptyOutbox();
  EXPECT_THAT(server.Mails(), IsEmpty());
  EXPECT_EQ(metrics_.mails_sent.value(), 0u);
  EXPECT_EQ(metrics_.mails_failed.value(), 0u);
}

TEST_F(PostmanTest, ANameCannotAddAHeader) {
  const SmtpServer server;
  const auto postman = Start(OptionsFor(server));
  EnqueueReset("ann\r\nBcc: bob@example.com\r\n\r\nBuy");
  Enqueue({MailKind::kPasswordChanged, "ann@example.com>\r\nRCPT TO:<bob@example.com", {{"username", "ann"}}});
  AwaitEmptyOutbox();
  EXPECT_THAT(server.Mails(), IsEmpty());
  EXPECT_EQ(metrics_.mails_abandoned.value(), 2u);
}

TEST_F(PostmanTest, AMailSealedWithAMissingKeyWaitsForTheKey) {
  const MasterKeys other_keys = TestMasterKeys('2');
  MailOutbox other_outbox(other_keys, true);
  const SmtpServer server;
  EnqueueReset();
  {
    const auto postman = StartOn(other_outbox, OptionsFor(server));
    AwaitTrue("an attempt", [this] { return metrics_.mails_failed.value() > 0; });
    EXPECT_EQ(metrics_.mails_abandoned.value(), 0u);
  }
  const auto postman = Start(OptionsFor(server));
  AwaitEmptyOutbox();
  EXPECT_THAT(server.Mails(), SizeIs(1));
}

TEST_F(PostmanTest, StopsDuringAHangingDeliveryAndLeavesTheMailToTheNextPostman) {
  const SmtpServer hanging({"--hang"});
  {
    const auto postman = Start(OptionsFor(hanging));
    EnqueueReset();
    EnqueueReset();
    hanging.AwaitHanging();
  }
  EXPECT_EQ(metrics_.mails_failed.value(), 0u);
  const SmtpServer server;
  const auto postman = Start(OptionsFor(server));
  // Neither postman waits for the end of a lease.
  server.AwaitMails(2);
}

TEST_F(PostmanTest, RecoversAfterADatabaseOutage) {
  const SmtpServer server;
  const auto postman = Start(OptionsFor(server));
  EnqueueReset();
  AwaitEmptyOutbox();
  database_.KillServerConnections();
  database_.Execute("INSERT INTO outbox (kind, sealed, master_key_id) VALUES ('nobody', '', '')");
  AwaitEmptyOutbox();
}

TEST_F(PostmanTest, TheGaugesShowPendingMails) {
  const SmtpServer server;
  EnqueueReset();
  database_.Execute(
      "UPDATE outbox SET create_time = create_time - interval '1 hour', "
      "attempt_time = 'infinity'");
  const auto postman = Start(OptionsFor(server));
  std::map<std::string, std::function<double()>> gauges;
  for (const Gauge& gauge : postman->Gauges()) gauges[gauge.name] = gauge.read;
  AwaitTrue("the gauge", [&] { return gauges.at("identity_mail_outbox_mails")() == 1; });
  EXPECT_GE(gauges.at("identity_mail_outbox_age_seconds")(), 3600);
}

struct PostmanMistake {
  const char* flag;
  void (*make)(Postman::Options&);
};

class BadPostmanOptionsTest : public testing::TestWithParam<PostmanMistake> {};

TEST_P(BadPostmanOptionsTest, AreNamedByTheirFlag) {
  Postman::Options options;
  options.smtp.url = "smtp://127.0.0.1:1";
  options.from = "identity@example.com";
  GetParam().make(options);
  const auto prepared = Postman::Prepare(std::move(options));
  ASSERT_THAT(prepared, HasReason(ErrorReason::kInvalidField));
  EXPECT_EQ(FieldViolationsOf(prepared.status()).at(0).field, GetParam().flag);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPostmanOptionsTest,
    testing::Values(PostmanMistake{"smtp-url", [](Postman::Options& o) { o.smtp.url = ""; }},
                    PostmanMistake{"mail-from", [](Postman::Options& o) { o.from = ""; }},
                    PostmanMistake{"mail-from", [](Postman::Options& o) { o.from = "Identity"; }},
                    PostmanMistake{"mail-templates", [](Postman::Options& o) { o.templates_directory = "/nowhere"; }},
                    PostmanMistake{"verify-email-url", [](Postman::Options& o) { o.verify_url = "example.com"; }},
                    PostmanMistake{"reset-password-url",
                                   [](Postman::Options& o) { o.reset_url = "javascript:alert(1)"; }},
                    PostmanMistake{"reset-password-url", [](Postman::Options& o) { o.reset_url = "https://a b"; }}));

}  // namespace
}  // namespace identity
