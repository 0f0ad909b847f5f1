#include "server/mail/templates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/process.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const MailParameters& Parameters() {
  static const MailParameters parameters = {{"username", "ann"},
                                            {"token", "idm_1"},
                                            {"link", "https://example.com/?t=idm_1"},
                                            {"email", "new@example.com"},
                                            {"change", "it was switched off"}};
  return parameters;
}

// The field that the error for the directory names, and the reason.
std::string Refusal(const std::string& directory) {
  const auto loaded = MailTemplates::Load(directory);
  EXPECT_THAT(loaded, HasReason(ErrorReason::kInvalidField));
  return loaded.ok() ? "" : std::string(loaded.status().message());
}

class ScratchTemplates : public ScratchDirectory {
 public:
  std::string path() const { return File(""); }
};

TEST(MailTemplatesTest, EveryKindHasABuiltInTextThatShowsAllItsValues) {
  const auto templates = MailTemplates::Load("");
  ASSERT_THAT(templates, IsOk());
  for (const MailKind kind : AllMailKinds()) {
    const auto text = templates->of(kind).Render(Parameters());
    ASSERT_THAT(text, IsOk());
    EXPECT_THAT(text->subject, Not(IsEmpty()));
    for (const std::string& name : MailParameterNames(kind)) {
      EXPECT_THAT(text->body, HasSubstr(Parameters().at(name))) << MailKindName(kind);
    }
    EXPECT_THAT(text->body, HasSubstr("not")) << "the mail says what to do if the reader did not request it";
  }
}

TEST(MailTemplatesTest, WithoutALinkTheTextDoesNotMentionOne) {
  const auto templates = MailTemplates::Load("");
  ASSERT_THAT(templates, IsOk());
  for (const MailKind kind : {MailKind::kVerifyEmail, MailKind::kResetPassword}) {
    const auto text = templates->of(kind).Render({{"username", "ann"}, {"token", "idm_1"}, {"link", ""}});
    ASSERT_THAT(text, IsOk());
    EXPECT_THAT(text->body, AllOf(HasSubstr("idm_1"), Not(HasSubstr("page:")), Not(HasSubstr("\n\n\n"))));
  }
}

TEST(MailTemplatesTest, AFileReplacesOnlyTheTextOfItsKind) {
  const ScratchTemplates scratch;
  scratch.Write("mfa_changed.txt", "Subject: Ours\n\nHello {{username}}\n");
  scratch.Write("README", "not a text");
  const auto templates = MailTemplates::Load(scratch.path());
  ASSERT_THAT(templates, IsOk());
  EXPECT_EQ(templates->of(MailKind::kMfaChanged).Render(Parameters())->subject, "Ours");
  EXPECT_THAT(templates->of(MailKind::kPasswordChanged).Render(Parameters())->body, HasSubstr("password"));
}

TEST(MailTemplatesTest, MistakesStopTheStart) {
  const ScratchTemplates malformed;
  malformed.Write("mfa_changed.txt", "Subject: Ours\n\n{{token}}\n");
  EXPECT_THAT(Refusal(malformed.path()), AllOf(HasSubstr("mail-templates"), HasSubstr("mfa_changed.txt: line 3")));
  const ScratchTemplates misnamed;
  misnamed.Write("mfa-changed.txt", "Subject: Ours\n\nHello\n");
  EXPECT_THAT(Refusal(misnamed.path()), AllOf(HasSubstr("mail-templates"), HasSubstr("mfa-changed.txt")));
  EXPECT_THAT(Refusal(misnamed.File("missing")), AllOf(HasSubstr("mail-templates"), HasSubstr("missing")));
}

}  // namespace
}  // namespace identity
