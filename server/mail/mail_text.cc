#include "server/mail/mail_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr size_t kMaxNameBytes = 200;
constexpr size_t kMaxSubjectBytes = 1000;
// A longer text is written as encoded words, which can be folded.
constexpr size_t kMaxPlainBytes = 60;
// In base64, with its frame, such a word has at most the allowed 75 characters.
constexpr size_t kEncodedWordBytes = 45;
constexpr size_t kMaxLine = 76;

bool IsPrintableAscii(char c) { return c >= ' ' && c <= '~'; }

bool IsContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The length of the part of `text` that fits into one encoded word: whole characters.
size_t WordEnd(absl::string_view text) {
  size_t end = std::min(text.size(), kEncodedWordBytes);
  while (end < text.size() && end > 1 && IsContinuationByte(text[end])) --end;
  return end;
}

// RFC 2047 section 2, folded.
std::string EncodeWords(absl::string_view text) {
  std::string words;
  while (!text.empty()) {
    const size_t end = WordEnd(text);
    absl::StrAppend(&words, words.empty() ? "" : "\r\n ", "=?utf-8?B?", absl::Base64Escape(text.substr(0, end)), "?=");
    text.remove_prefix(end);
  }
  return words;
}

bool IsPlain(absl::string_view text) {
  return text.size() <= kMaxPlainBytes && std::all_of(text.begin(), text.end(), IsPrintableAscii) &&
         !absl::StrContains(text, "=?");
}

std::string EncodeSubject(absl::string_view subject) {
  return IsPlain(subject) ? std::string(subject) : EncodeWords(subject);
}

std::string EncodeName(absl::string_view name) {
  if (!IsPlain(name)) return EncodeWords(name);
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

std::string EncodeAddress(const MailAddress& address) {
  if (address.name.empty()) return address.address;
  return absl::StrCat(EncodeName(address.name), "\r\n <", address.address, ">");
}

// Some relays remove a space at the end of a line.
std::string EncodeByte(char c, bool last) {
  if (IsPrintableAscii(c) && c != '=' && !(c == ' ' && last)) return std::string(1, c);
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {'=', kDigits[byte >> 4], kDigits[byte & 0xf]};
}

std::string QuoteLine(absl::string_view line) {
  std::string quoted;
  size_t length = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const std::string byte = EncodeByte(line[i], i + 1 == line.size());
    // The line must have room for the "=" that marks a continuation.
    if (length + byte.size() > kMaxLine - 1) {
      quoted.append("=\r\n");
      length = 0;
    }
    quoted.append(byte);
    length += byte.size();
  }
  return quoted;
}

std::string QuotedPrintable(absl::string_view body) {
  std::string quoted;
  for (const absl::string_view line : absl::StrSplit(absl::StripSuffix(body, "\n"), '\n')) {
    absl::StrAppend(&quoted, QuoteLine(line), "\r\n");
  }
  return quoted;
}

std::string Unquote(absl::string_view name) {
  if (name.size() < 2 || name.front() != '"' || name.back() != '"') return std::string(name);
  return std::string(name.substr(1, name.size() - 2));
}

}  // namespace

absl::StatusOr<MailAddress> MailAddress::Parse(absl::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  MailAddress parsed{"", std::string(trimmed)};
  const size_t open = trimmed.rfind('<');
  if (open != absl::string_view::npos && absl::EndsWith(trimmed, ">")) {
    parsed.name = Unquote(absl::StripAsciiWhitespace(trimmed.substr(0, open)));
    parsed.address = std::string(trimmed.substr(open + 1, trimmed.size() - open - 2));
  }
  if (!FoldEmail(parsed.address).ok() || !CheckLabel("", parsed.name, kMaxNameBytes).ok()) {
    return InvalidField("address",
                        "must be of the form name@example.com or A Name <name@example.com>, with a name of at most 200 "
                        "bytes");
  }
  return parsed;
}

absl::StatusOr<std::string> ComposeMail(const MailHead& head, absl::string_view body) {
  RETURN_IF_ERROR(FoldEmail(head.to).status());
  RETURN_IF_ERROR(CheckLabel("subject", head.subject, kMaxSubjectBytes));
  return absl::StrCat(
      "From: ", EncodeAddress(head.from), "\r\nTo: ", head.to, "\r\nSubject: ", EncodeSubject(head.subject),
      "\r\nDate: ", absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", head.time, absl::UTCTimeZone()),
      "\r\nMessage-ID: <", head.message_id, ">\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n",
      "Content-Transfer-Encoding: quoted-printable\r\nAuto-Submitted: auto-generated\r\n\r\n", QuotedPrintable(body));
}

}  // namespace identity
