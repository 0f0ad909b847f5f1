#include "server/app/change/mail_outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "server/base/trace.h"
#include "tests/support/mail_fixture.h"
#include "tests/support/postgres.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const MailMessage& Message() {
  static const MailMessage message{
      MailKind::kResetPassword, "ann@example.com", {{"username", "ann"}, {"token", "idm_1"}}};
  return message;
}

class MailOutboxTest : public ::testing::Test {
 protected:
  void Enqueue(MailOutbox& outbox) {
    ASSERT_THAT(
        database_.database().Write(RequestContext(), [&](Transaction& t) { return outbox.Enqueue(t, Message()); }),
        IsOk());
  }
  void EnqueueDecoy(MailOutbox& outbox) {
    ASSERT_THAT(
        database_.database().Write(RequestContext(), [&](Transaction& t) { return outbox.EnqueueDecoy(t, Message()); }),
        IsOk());
  }
  std::vector<outbox::Mail> Mails() {
    return database_.database()
        .Write(RequestContext(), [](Transaction& t) { return outbox::Lease(t, 10, absl::Minutes(1)); })
        .value();
  }

  TestDatabase database_;
  const MasterKeys keys_ = TestMasterKeys();
  MailOutbox outbox_{keys_, true};
};

TEST_F(MailOutboxTest, AMailCarriesTheTraceOfItsCallExceptAReset) {
  Counter dropped;
  Tracer tracer(0, dropped);
  const TraceContext trace = {{1}, {2}, true};
  const MailMessage changed{MailKind::kPasswordChanged, "ann@example.com", {{"username", "ann"}}};
  {
    const TraceScope scope(&tracer, trace);
    Enqueue(outbox_);
    EnqueueDecoy(outbox_);
    ASSERT_THAT(
        database_.database().Write(RequestContext(), [&](Transaction& t) { return outbox_.Enqueue(t, changed); }),
        IsOk());
  }
  std::map<std::string, outbox::Mail> mails;
  for (outbox::Mail& mail : Mails()) mails.emplace(mail.kind, std::move(mail));
  ASSERT_THAT(mails, SizeIs(3));
  EXPECT_EQ(mails.at("reset_password").sealed.size(), mails.at(std::string(outbox::kNobody)).sealed.size());
  EXPECT_EQ(outbox_.Open(mails.at("reset_password"))->traceparent, "");
  const auto carried = TraceContext::Parse(outbox_.Open(mails.at("password_changed"))->traceparent);
  ASSERT_TRUE(carried.has_value());
  EXPECT_EQ(carried->trace_id, trace.trace_id);
  EXPECT_TRUE(carried->sampled);
}

TEST_F(MailOutboxTest, AnEnqueuedMailIsSealedAndOpensAgain) {
  Enqueue(outbox_);
  const auto mails = Mails();
  ASSERT_THAT(mails, SizeIs(1));
  EXPECT_EQ(mails[0].kind, "reset_password");
  EXPECT_EQ(mails[0].master_key_id, keys_.current_id());
  EXPECT_THAT(mails[0].sealed, Not(HasSubstr("idm_1")));
  EXPECT_THAT(mails[0].sealed, Not(HasSubstr("ann")));
  const auto message = outbox_.Open(mails[0]);
  ASSERT_THAT(message, IsOk());
  EXPECT_EQ(message->to, Message().to);
  EXPECT_EQ(message->parameters, Message().parameters);
}

TEST_F(MailOutboxTest, AMailOfAnotherKindOrKeyDoesNotOpen) {
  Enqueue(outbox_);
  auto mail = Mails().at(0);
  const MasterKeys other_keys = TestMasterKeys('2');
  EXPECT_THAT(MailOutbox(other_keys, true).Open(mail), StatusIs(absl::StatusCode::kFailedPrecondition));
  mail.kind = "verify_email";
  EXPECT_THAT(outbox_.Open(mail), StatusIs(absl::StatusCode::kDataLoss));
  mail.kind = "of_the_future";
  EXPECT_THAT(outbox_.Open(mail), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(MailOutboxTest, AMailForNobodyLooksLikeAMailAndHoldsNothing) {
  Enqueue(outbox_);
  EnqueueDecoy(outbox_);
  const auto mails = Mails();
  ASSERT_THAT(mails, SizeIs(2));
  EXPECT_EQ(mails[1].kind, outbox::kNobody);
  EXPECT_EQ(mails[1].sealed.size(), mails[0].sealed.size());
  EXPECT_THAT(std::string(keys_.Open(mails[1].master_key_id, mails[1].sealed, "outbox:nobody")->Reveal()),
              Not(HasSubstr("ann")));
}

TEST_F(MailOutboxTest, NothingIsEnqueuedWhenMailIsNotConfigured) {
  MailOutbox outbox(keys_, false);
  Enqueue(outbox);
  EnqueueDecoy(outbox);
  EXPECT_THAT(Mails(), IsEmpty());
}

TEST_F(MailOutboxTest, CallsTheWakeFunction) {
  int count = 0;
  outbox_.Wake();
  outbox_.set_wake([&count] { ++count; });
  outbox_.Wake();
  EXPECT_EQ(count, 1);
  outbox_.set_wake(nullptr);
  outbox_.Wake();
  EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace identity
