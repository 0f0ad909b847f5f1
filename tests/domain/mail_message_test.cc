#include "server/domain/mail_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::Contains;

TEST(MailMessageTest, ParseInvertsSerialize) {
  const MailMessage message{
      MailKind::kVerifyEmail, "ann@example.com", {{"username", "\"ann\"\\\xc3\xa9"}, {"token", "idm_1"}}};
  const auto parsed = ParseMail(MailKind::kVerifyEmail, SerializeMail(message));
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->kind, message.kind);
  EXPECT_EQ(parsed->to, message.to);
  EXPECT_EQ(parsed->parameters, message.parameters);
}

TEST(MailMessageTest, BytesThatAreNotUtf8AreReplaced) {
  const MailMessage message{MailKind::kVerifyEmail, "ann@example.com", {{"username", "a\xff"}}};
  const auto parsed = ParseMail(MailKind::kVerifyEmail, SerializeMail(message));
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->parameters.at("username"), "a\xef\xbf\xbd");
}

TEST(MailMessageTest, OtherTextIsRefused) {
  for (const char* text : {"", "null", "[]", "{}", "\"to\"", R"({"to":"a@b.test"})", R"({"parameters":{}})",
                           R"({"to":1,"parameters":{}})", R"({"to":"a@b.test","parameters":[]})",
                           R"({"to":"a@b.test","parameters":{"username":1}})", R"({"to":"a@b.test","parameters":{})"}) {
    EXPECT_THAT(ParseMail(MailKind::kVerifyEmail, Secret(absl::string_view(text))),
                HasReason(ErrorReason::kInvalidField))
        << text;
  }
}

TEST(MailMessageTest, EveryKindHasItsOwnNameAndTheUsername) {
  for (const MailKind kind : AllMailKinds()) {
    EXPECT_EQ(MailKindOf(MailKindName(kind)), kind);
    EXPECT_THAT(MailParameterNames(kind), Contains("username"));
  }
  EXPECT_FALSE(MailKindOf("nobody"));
  EXPECT_FALSE(MailKindOf(""));
}

}  // namespace
}  // namespace identity
