#include "server/mail/mail_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::HasSubstr;

constexpr char kText[] =
    "Subject: For {{username}}\n\nHello {{username}},\n\n{{token}}\n\nOr here: {{link}}\n\nBye {{username}}{{link}}\n";

MailTemplate::Text Render(const std::string& text, const MailParameters& parameters) {
  return *MailTemplate::Parse(MailKind::kVerifyEmail, text)->Render(parameters);
}

TEST(MailTemplateTest, FillsSubjectAndBody) {
  const MailTemplate::Text text = Render(kText, {{"username", "ann"}, {"token", "T"}, {"link", "L"}});
  EXPECT_EQ(text.subject, "For ann");
  EXPECT_EQ(text.body, "Hello ann,\n\nT\n\nOr here: L\n\nBye annL\n");
}

TEST(MailTemplateTest, ALineWithoutValuesIsOmittedWithTheEmptyLineAfterIt) {
  const MailTemplate::Text text = Render(kText, {{"username", "ann"}, {"token", "T"}, {"link", ""}});
  EXPECT_EQ(text.body, "Hello ann,\n\nT\n\nBye ann\n");
  EXPECT_EQ(Render(kText, {{"username", "ann"}, {"token", "T"}}).body, text.body);
}

TEST(MailTemplateTest, AValueIsNotReadAsATemplate) {
  EXPECT_EQ(Render(kText, {{"username", "{{token}}"}, {"token", "T"}}).subject, "For {{token}}");
}

TEST(MailTemplateTest, AValueCannotAddALine) {
  const auto parsed = MailTemplate::Parse(MailKind::kVerifyEmail, kText);
  ASSERT_THAT(parsed, IsOk());
  for (const std::string& name : {std::string("a\nBcc: b@example.com"), std::string("a\rb"), std::string("a\0b", 3),
                                  std::string("a\x1b[2J"), std::string("a\xc2\x85z"), std::string("a\xff")}) {
    EXPECT_THAT(parsed->Render({{"username", name}}), HasReason(ErrorReason::kInvalidField)) << name;
  }
}

TEST(MailTemplateTest, LinesMayEndWithCrlf) {
  const MailTemplate::Text text = Render("Subject: S\r\n\r\nHello {{username}}\r\n", {{"username", "ann"}});
  EXPECT_EQ(text.subject, "S");
  EXPECT_EQ(text.body, "Hello ann\n");
}

struct TemplateMistake {
  const char* text;
  const char* told;
};

class BadTemplateTest : public testing::TestWithParam<TemplateMistake> {};

TEST_P(BadTemplateTest, TheErrorNamesFileAndLine) {
  const auto parsed = MailTemplate::Parse(MailKind::kVerifyEmail, GetParam().text);
  ASSERT_THAT(parsed, HasReason(ErrorReason::kInvalidField));
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("verify_email.txt"));
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(GetParam().told));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadTemplateTest,
    testing::Values(TemplateMistake{"", "line 1"}, TemplateMistake{"Subject: \n\nx\n", "line 1"},
                    TemplateMistake{"Hello\n\nx\n", "line 1"}, TemplateMistake{"Subject: a\n", "line 2"},
                    TemplateMistake{"Subject: a\n\n", "line 2"}, TemplateMistake{"Subject: a\nx\ny\n", "line 2"},
                    TemplateMistake{"Subject: a\n\nx\n{{email}}\n", "line 4 may not show {{email}}"},
                    TemplateMistake{"Subject: {{nothing}}\n\nx\n", "line 1 may not show {{nothing}}"},
                    TemplateMistake{"Subject: a\n\n{{ token }}\n", "line 3"},
                    TemplateMistake{"Subject: a\n\n{{token\n", "line 3"},
                    TemplateMistake{"Subject: a\n\n{{token}\n}}\n", "line 3"},
                    TemplateMistake{"Subject: a\n\nx\ty\n", "line 3"},
                    TemplateMistake{"Subject: a\n\n\xff\n", "line 3"}));

}  // namespace
}  // namespace identity
