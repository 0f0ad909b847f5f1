#include "server/domain/account_names.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "server/base/error.h"

namespace identity {
namespace {

TEST(UsernameTest, IsFoldedToLowerCase) {
  EXPECT_EQ(*FoldUsername("Jane_Doe-7"), "jane_doe-7");
  EXPECT_EQ(*FoldUsername("abc"), "abc");
  EXPECT_EQ(*FoldUsername(std::string(50, 'A')), std::string(50, 'a'));
}

TEST(UsernameTest, EverythingElseIsRefused) {
  for (const std::string& name :
       {std::string(), std::string("ab"), std::string(51, 'a'), std::string("jane doe"), std::string("jane.doe"),
        std::string("jane@doe"), std::string(" jane"), std::string("jane\n"), std::string("jan\0e", 5),
        std::string("j\xc3\xa4ne"), std::string("j\xd0\xb0ne"), std::string("jane'--"), std::string(1 << 20, 'a')}) {
    const auto folded = FoldUsername(name);
    ASSERT_FALSE(folded.ok()) << name.substr(0, 60);
    EXPECT_EQ(folded.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(FieldViolationsOf(folded.status())[0].field, "username");
  }
}

TEST(UsernameTest, NewNamesAreNotReservedOnes) {
  EXPECT_EQ(*FoldNewName("name", "Selfie"), "selfie");
  for (const char* name : {"anonymous", "Anonymous", "self", "SELF", "identity", "a"}) {
    const auto folded = FoldNewName("name", name);
    ASSERT_FALSE(folded.ok()) << name;
    EXPECT_EQ(FieldViolationsOf(folded.status())[0].field, "name");
  }
}

// Whoever looks principals up by an id or a name would take it for the other one.
TEST(UsernameTest, NewNamesDoNotHaveTheFormOfAnId) {
  for (const char* name : {"0190b5a0-1111-7000-8000-00000000abcd", "0190B5A0-1111-7000-8000-00000000ABCD"}) {
    EXPECT_TRUE(FoldUsername(name).ok());
    EXPECT_EQ(ReasonOf(FoldNewName("name", name).status()), ErrorReason::kInvalidField) << name;
  }
  EXPECT_TRUE(FoldNewName("name", "0190b5a0-1111-7000-8000-00000000abc").ok());
}

TEST(EmailTest, IsComparedInLowerCase) {
  EXPECT_EQ(*FoldEmail("Jane.Doe+News@Example.COM"), "jane.doe+news@example.com");
  EXPECT_EQ(*FoldEmail("a@b.c"), "a@b.c");
  EXPECT_EQ(*FoldEmail("!#$%&'*+-/=?^_`{|}~@x-1.example"), "!#$%&'*+-/=?^_`{|}~@x-1.example");
  EXPECT_TRUE(FoldEmail(std::string(64, 'a') + "@example.com").ok());
  EXPECT_TRUE(FoldEmail("a@" + std::string(63, 'b') + ".com").ok());
}

TEST(EmailTest, IsAtMost254Bytes) {
  const std::string label = std::string(61, 'b') + ".";
  const std::string host = label + label + label;  // 186
  EXPECT_TRUE(FoldEmail(std::string(64, 'a') + "@" + host + "com").ok());
  EXPECT_TRUE(FoldEmail(std::string(63, 'a') + "@" + host + "comm").ok());
  EXPECT_FALSE(FoldEmail(std::string(64, 'a') + "@" + host + "comm").ok());
}

TEST(EmailTest, TheErrorStatesAllLimits) {
  const absl::Status refused = FoldEmail(std::string(65, 'a') + "@example.com").status();
  for (const char* limit : {"254", "64", "63"}) {
    EXPECT_TRUE(absl::StrContains(refused.message(), limit)) << refused << " " << limit;
  }
}

TEST(EmailTest, EverythingElseIsRefused) {
  for (const std::string& address : {std::string(),
                                     std::string("jane"),
                                     std::string("@example.com"),
                                     std::string("jane@"),
                                     std::string("a@b"),
                                     std::string("jane@example..com"),
                                     std::string("jane@.example.com"),
                                     std::string("jane@example.com."),
                                     std::string("jane@-example.com"),
                                     std::string("jane@example-.com"),
                                     std::string("jane@exa_mple.com"),
                                     std::string(".jane@example.com"),
                                     std::string("jane.@example.com"),
                                     std::string("ja..ne@example.com"),
                                     std::string("ja ne@example.com"),
                                     std::string("\"jane\"@example.com"),
                                     std::string("jane@[127.0.0.1]"),
                                     std::string("jane@127.0.0.1"),
                                     std::string("jane@@example.com"),
                                     std::string("jane@doe@example.com"),
                                     std::string("Jane <jane@example.com>"),
                                     std::string(" jane@example.com"),
                                     std::string("jane@example.com\r\n"),
                                     std::string("jane@example.com\0", 17),
                                     std::string("j\xc3\xa4ne@example.com"),
                                     std::string("jane@ex\xd0\xb0mple.com"),
                                     std::string(65, 'a') + "@example.com",
                                     "a@" + std::string(64, 'b') + ".com",
                                     std::string(1 << 20, 'a') + "@example.com",
                                     "a@" + std::string(1 << 20, '.')}) {
    const auto folded = FoldEmail(address);
    ASSERT_FALSE(folded.ok()) << address.substr(0, 60);
    EXPECT_EQ(folded.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(FieldViolationsOf(folded.status())[0].field, "email");
  }
}

TEST(LoginNameTest, AllSpellingsAreTheSameName) {
  for (const char* login : {"jane", "JANE", " Jane\t", "\njAnE \r\n"}) {
    const LoginName name = ParseLoginName(login);
    EXPECT_EQ(name.kind, LoginName::Kind::kUsername) << login;
    EXPECT_EQ(name.folded, "jane") << login;
  }
  for (const char* login : {"jane@example.com", " Jane@EXAMPLE.com "}) {
    const LoginName name = ParseLoginName(login);
    EXPECT_EQ(name.kind, LoginName::Kind::kEmail) << login;
    EXPECT_EQ(name.folded, "jane@example.com") << login;
  }
}

TEST(LoginNameTest, InvalidNamesAreNone) {
  for (const std::string& login :
       {std::string(), std::string("  "), std::string("ab"), std::string("ja ne"), std::string("jane@"),
        std::string("@"), std::string("j\xd0\xb0ne"), std::string("jane\0", 5), std::string(1 << 20, 'a')}) {
    const LoginName name = ParseLoginName(login);
    EXPECT_EQ(name.kind, LoginName::Kind::kNone) << login.substr(0, 60);
    EXPECT_EQ(name.folded, "");
  }
}

TEST(LabelTest, AcceptsAnyPrintableUtf8) {
  for (const char* text : {"", "Jane Doe", "J\xc3\xa4ne", "\xe6\x97\xa5\xe6\x9c\xac", "\xf0\x9f\x98\x80", "\xc2\xa0",
                           "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf", "'; DROP TABLE users; --"}) {
    EXPECT_TRUE(CheckLabel("full_name", text, 50).ok()) << text;
  }
}

TEST(LabelTest, TheLimitCountsBytes) {
  EXPECT_TRUE(CheckLabel("full_name", "12345", 5).ok());
  EXPECT_FALSE(CheckLabel("full_name", "123456", 5).ok());
  EXPECT_FALSE(CheckLabel("full_name", "\xc3\xa4\xc3\xa4\xc3\xa4", 5).ok());
}

TEST(LabelTest, RefusesControlCharacters) {
  for (int c = 0; c < 0x20; ++c) EXPECT_FALSE(CheckLabel("name", std::string("a") + static_cast<char>(c), 9).ok()) << c;
  EXPECT_FALSE(CheckLabel("name", "\x7f", 9).ok());
  for (int c = 0x80; c < 0xa0; ++c) {
    EXPECT_FALSE(CheckLabel("name", std::string("\xc2") + static_cast<char>(c), 9).ok()) << c;
  }
}

TEST(LabelTest, RefusesInvalidUtf8) {
  for (const std::string& text : {
           std::string("\x80"),
           std::string("\xbf"),  // a lone continuation byte
           std::string("\xc3"),
           std::string("\xe6\x97"),
           std::string("\xf0\x9f\x98"),  // cut short
           std::string("\xc3("),
           std::string("\xe6\x97("),
           std::string("\xf0(\x98\x80"),
           std::string("\xc0\xaf"),
           std::string("\xc1\xbf"),
           std::string("\xe0\x80\xaf"),
           std::string("\xe0\x9f\xbf"),
           std::string("\xf0\x80\x80\xaf"),
           std::string("\xf0\x8f\xbf\xbf"),  // overlong
           std::string("\xed\xa0\x80"),
           std::string("\xed\xbf\xbf"),  // surrogates
           std::string("\xf4\x90\x80\x80"),
           std::string("\xf8\x88\x80\x80\x80"),
           std::string("\xff"),
       }) {
    const absl::Status status = CheckLabel("display_name", "ok" + text, 50);
    ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << ::testing::PrintToString(text);
    EXPECT_EQ(FieldViolationsOf(status)[0].field, "display_name");
  }
}

}  // namespace
}  // namespace identity
