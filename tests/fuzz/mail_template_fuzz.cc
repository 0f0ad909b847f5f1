#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/mail_message.h"
#include "server/mail/mail_template.h"
#include "server/mail/mail_text.h"
#include "tests/fuzz/fuzz.h"

// Input: the text of a template, and after a NUL each, the values of its parameters, in the order of their names. Each
// kind of mail reads it.
namespace identity {
namespace {

std::set<std::string> HeaderNames(absl::string_view head) {
  std::set<std::string> names;
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    Require(!absl::StrContains(line, '\r') && !absl::StrContains(line, '\n'), "lines of the head end with CRLF");
    if (absl::StartsWith(line, " ")) continue;  // a folded line
    Require(names.emplace(line.substr(0, line.find(':'))).second, "each header occurs once");
  }
  return names;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  Require(c >= 'A' && c <= 'F', "an encoded byte has upper-case digits");
  return c - 'A' + 10;
}

// Decodes quoted-printable (RFC 2045 section 6.7), with lines that end with LF.
std::string DecodeBody(absl::string_view body) {
  std::string text;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\r') continue;
    if (body[i] != '=') {
      text.push_back(body[i]);
    } else if (absl::StartsWith(body.substr(i + 1), "\r\n")) {
      i += 2;
    } else {
      Require(i + 2 < body.size(), "an encoded byte is whole");
      text.push_back(static_cast<char>(HexDigit(body[i + 1]) * 16 + HexDigit(body[i + 2])));
      i += 2;
    }
  }
  return text;
}

void CheckMail(const MailTemplate::Text& text) {
  const MailHead head{{"Identity", "identity@example.com"}, "ada@example.com", text.subject, absl::UnixEpoch(), "id@x"};
  const absl::StatusOr<std::string> mail = ComposeMail(head, text.body);
  if (!mail.ok()) return;  // the subject is too long
  const size_t end = mail->find("\r\n\r\n");
  Require(end != std::string::npos, "an empty line ends the head");
  static const auto* const kNames =
      new std::set<std::string>{"From",          "To",           "Subject",      "Date",
                                "Message-ID",    "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
                                "Auto-Submitted"};
  Require(HeaderNames(absl::string_view(*mail).substr(0, end)) == *kNames, "a text cannot add a header");
  const absl::string_view body = absl::string_view(*mail).substr(end + 4);
  for (const absl::string_view line : absl::StrSplit(body, "\r\n")) {
    Require(line.size() <= 76 && !absl::StrContains(line, '\n'), "lines of the body are short");
  }
  const std::string expected = text.body.empty() ? "\n" : text.body;
  Require(DecodeBody(body) == expected, "the mail says what the text says");
}

void CheckMailText(const MailTemplate::Text& text) {
  const auto is_break = [](char c) { return c == '\n' || c == '\r' || c == '\0'; };
  Require(std::none_of(text.subject.begin(), text.subject.end(), is_break), "the subject is one line");
  Require(text.body.empty() || text.body.back() == '\n', "the last line ends with LF");
  Require(!absl::StrContains(text.body, '\r'), "only LF ends lines");
  CheckMail(text);
}

void FuzzMailTemplate(absl::string_view input) {
  const absl::string_view source = TakeUntil('\0', input);
  for (const MailKind kind : AllMailKinds()) {
    const absl::StatusOr<MailTemplate> parsed = MailTemplate::Parse(kind, source);
    if (!parsed.ok()) continue;
    MailParameters parameters;
    absl::string_view values = input;
    for (const std::string& name : MailParameterNames(kind)) parameters[name] = std::string(TakeUntil('\0', values));
    const absl::StatusOr<MailTemplate::Text> text = parsed->Render(parameters);
    if (!text.ok()) continue;
    const auto lines = std::count(source.begin(), source.end(), '\n');
    Require(std::count(text->body.begin(), text->body.end(), '\n') <= lines, "values add no lines");
    CheckMailText(*text);
  }
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(mail_template, identity::FuzzMailTemplate)
