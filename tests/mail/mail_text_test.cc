#include "server/mail/mail_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "tests/support/status_matchers.h"

namespace identity {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

MailHead Head() {
  return {{"Identity", "identity@example.com"},
          "ann@example.com",
          "Hello",
          absl::FromUnixSeconds(1700000000),
          "1@example.com"};
}

std::string Compose(const MailHead& head, const std::string& body = "Hello\n") { return *ComposeMail(head, body); }

std::string Body(const std::string& body) {
  const std::string mail = Compose(Head(), body);
  return mail.substr(mail.find("\r\n\r\n") + 4);
}

// Decodes a body as a mail reader does.
std::string Decode(const std::string& quoted) {
  std::string text;
  for (size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] != '=') {
      text.push_back(quoted[i]);
    } else if (quoted.compare(i, 3, "=\r\n") != 0) {
      text.push_back(static_cast<char>(std::stoi(quoted.substr(i + 1, 2), nullptr, 16)));
    }
    if (quoted[i] == '=') i += 2;
  }
  return text;
}

TEST(ComposeMailTest, HasTheHeadersOfAnAutomaticMail) {
  EXPECT_EQ(Compose(Head()),
            "From: \"Identity\"\r\n"
            " <identity@example.com>\r\n"
            "To: ann@example.com\r\n"
            "Subject: Hello\r\n"
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
            "Message-ID: <1@example.com>\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "\r\n"
            "Hello\r\n");
}

TEST(ComposeMailTest, AHeaderValueCannotAddALine) {
  MailHead subject = Head();
  subject.subject = "Hello\r\nBcc: bob@example.com";
  EXPECT_THAT(ComposeMail(subject, ""), HasReason(ErrorReason::kInvalidField));
  for (const char* to : {"ann@example.com\r\nBcc: bob@example.com", "ann@example.com>", "ann@example.com,b@example.com",
                         "ann", "", "ann@example.com\n"}) {
    MailHead head = Head();
    head.to = to;
    EXPECT_THAT(ComposeMail(head, ""), HasReason(ErrorReason::kInvalidField)) << to;
  }
}

TEST(ComposeMailTest, ASubjectBeyondAsciiIsEncodedInWordsOfWholeCharacters) {
  MailHead head = Head();
  head.subject.clear();
  for (int i = 0; i < 40; ++i) head.subject += "\xe2\x82\xac";
  const std::string mail = Compose(head);
  const size_t begin = mail.find("Subject: ") + 9;
  const std::string encoded = mail.substr(begin, mail.find("\r\nDate") - begin);
  std::string decoded;
  for (const absl::string_view word : absl::StrSplit(encoded, "\r\n ")) {
    EXPECT_THAT(std::string(word), AllOf(StartsWith("=?utf-8?B?"), EndsWith("?="), SizeIs(Le(75u))));
    std::string bytes;
    ASSERT_TRUE(absl::Base64Unescape(word.substr(10, word.size() - 12), &bytes));
    EXPECT_EQ(bytes.size() % 3, 0u);
    decoded += bytes;
  }
  EXPECT_EQ(decoded, head.subject);
}

TEST(ComposeMailTest, TextThatLooksEncodedIsEncoded) {
  MailHead head = Head();
  head.subject = "=?utf-8?B?aGVsbG8=?=";
  EXPECT_THAT(Compose(head), Not(HasSubstr("aGVsbG8=")));
}

TEST(ComposeMailTest, ANameIsQuoted) {
  MailHead head = Head();
  head.from.name = "Ann \"the\\one\" <b>";
  EXPECT_THAT(Compose(head), StartsWith("From: \"Ann \\\"the\\\\one\\\" <b>\"\r\n <identity@example.com>\r\n"));
}

TEST(ComposeMailTest, ABodyOfAnyBytesStaysWithinShortAsciiLines) {
  std::string body;
  for (int c = 1; c < 256; ++c) {
    if (c != '\n') body.push_back(static_cast<char>(c));
  }
  body += "\n" + std::string(300, 'x') + "\nends with a space \n\n.\nlast\n";
  const std::string quoted = Body(body);
  const std::vector<std::string> lines = absl::StrSplit(quoted, "\r\n");
  EXPECT_THAT(lines, Each(SizeIs(Le(76u))));
  EXPECT_THAT(lines, Each(Not(EndsWith(" "))));
  for (const char c : quoted) EXPECT_TRUE((c >= ' ' && c <= '~') || c == '\r' || c == '\n');
  std::string expected;
  for (const char c : body) expected += c == '\n' ? "\r\n" : std::string(1, c);
  EXPECT_EQ(Decode(quoted), expected);
}

TEST(MailAddressTest, AcceptsAnAddressWithOrWithoutAName) {
  const auto bare = MailAddress::Parse("identity@example.com");
  ASSERT_THAT(bare, IsOk());
  EXPECT_EQ(bare->name, "");
  EXPECT_EQ(bare->address, "identity@example.com");
  EXPECT_EQ(bare->domain(), "example.com");
  for (const char* text : {"The Service <identity@example.com>", "\"The Service\" <identity@example.com> "}) {
    const auto named = MailAddress::Parse(text);
    ASSERT_THAT(named, IsOk());
    EXPECT_EQ(named->name, "The Service");
    EXPECT_EQ(named->address, "identity@example.com");
  }
}

TEST(MailAddressTest, AnythingElseIsRefused) {
  for (const char* text : {"", "Identity", "identity@", "Identity <identity>", "Identity <a@example.com",
                           "a@example.com, b@example.com", "A\r\nBcc: b@example.com <a@example.com>"}) {
    EXPECT_THAT(MailAddress::Parse(text), HasReason(ErrorReason::kInvalidField)) << text;
  }
}

}  // namespace
}  // namespace identity
