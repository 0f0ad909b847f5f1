#include "server/domain/account_names.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/error.h"

namespace identity {
namespace {

constexpr size_t kMinUsernameBytes = 3;
constexpr size_t kMaxUsernameBytes = 50;
constexpr size_t kMinEmailBytes = 3;
constexpr size_t kMaxEmailBytes = 254;
constexpr size_t kMaxLocalPartBytes = 64;
constexpr size_t kMaxHostLabelBytes = 63;

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// RFC 5322 section 3.2.3.
bool IsAtom(absl::string_view text) {
  constexpr absl::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [&](char c) { return IsAlnum(c) || kMarks.find(c) != absl::string_view::npos; });
}

bool IsLocalPart(absl::string_view text) {
  if (text.size() > kMaxLocalPartBytes) return false;
  const std::vector<absl::string_view> atoms = absl::StrSplit(text, '.');
  return std::all_of(atoms.begin(), atoms.end(), IsAtom);
}

bool IsHostLabel(absl::string_view text) {
  if (text.empty() || text.size() > kMaxHostLabelBytes) return false;
  if (text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return IsAlnum(c) || c == '-'; });
}

bool IsHostName(absl::string_view text) {
  const std::vector<absl::string_view> labels = absl::StrSplit(text, '.');
  if (labels.size() < 2 || !std::all_of(labels.begin(), labels.end(), IsHostLabel)) return false;
  // All digits would be the end of an IPv4 address, which is no name.
  return !std::all_of(labels.back().begin(), labels.back().end(), IsDigit);
}

bool IsEmail(absl::string_view text) {
  if (text.size() < kMinEmailBytes || text.size() > kMaxEmailBytes) return false;
  const size_t at = text.find('@');
  if (at == absl::string_view::npos) return false;
  return IsLocalPart(text.substr(0, at)) && IsHostName(text.substr(at + 1));
}

// What a first byte says of its sequence (RFC 3629).
struct Utf8Lead {
  size_t size;          // 0 when no sequence begins so
  uint32_t bits;        // of the code point that the first byte holds
  uint32_t code_point;  // the lowest that may be written at this size
};

Utf8Lead ReadLead(uint8_t byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xc0 && byte < 0xe0) return {2, byte & 0x1fu, 0x80};
  if (byte >= 0xe0 && byte < 0xf0) return {3, byte & 0x0fu, 0x800};
  if (byte >= 0xf0 && byte < 0xf8) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

// Takes the first code point off `text`; false when it is malformed.
bool ConsumeCodePoint(absl::string_view& text, uint32_t& code_point) {
  const Utf8Lead lead = ReadLead(static_cast<uint8_t>(text.front()));
  if (lead.size == 0 || lead.size > text.size()) return false;
  code_point = lead.bits;
  for (size_t i = 1; i < lead.size; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xc0) != 0x80) return false;
    code_point = (code_point << 6) | (byte & 0x3fu);
  }
  text.remove_prefix(lead.size);
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  return code_point >= lead.code_point && code_point <= 0x10ffff && !surrogate;
}

bool IsControl(uint32_t code_point) { return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0); }

}  // namespace

absl::StatusOr<std::string> FoldUsername(absl::string_view username) {
  const bool right_size = username.size() >= kMinUsernameBytes && username.size() <= kMaxUsernameBytes;
  const auto allowed = [](char c) { return IsAlnum(c) || c == '_' || c == '-'; };
  if (!right_size || !std::all_of(username.begin(), username.end(), allowed)) {
    return InvalidField("username", "must be 3 to 50 of [A-Za-z0-9_-]");
  }
  return absl::AsciiStrToLower(username);
}

absl::StatusOr<std::string> FoldEmail(absl::string_view email) {
  if (!IsEmail(email))
    return InvalidField("email", "must be an address as name@example.com, of ASCII, at most 254 bytes");
  return absl::AsciiStrToLower(email);
}

LoginName ParseLoginName(absl::string_view login) {
  login = absl::StripAsciiWhitespace(login);
  const bool email = login.find('@') != absl::string_view::npos;
  absl::StatusOr<std::string> folded = email ? FoldEmail(login) : FoldUsername(login);
  if (!folded.ok()) return {};
  return {email ? LoginName::Kind::kEmail : LoginName::Kind::kUsername, *std::move(folded)};
}

absl::Status CheckLabel(absl::string_view field, absl::string_view text, size_t max_bytes) {
  if (text.size() > max_bytes) return InvalidField(field, absl::StrCat("must be at most ", max_bytes, " bytes"));
  uint32_t code_point = 0;
  while (!text.empty()) {
    if (!ConsumeCodePoint(text, code_point)) return InvalidField(field, "must be valid UTF-8");
    if (IsControl(code_point)) return InvalidField(field, "must not hold control characters");
  }
  return absl::OkStatus();
}

}  // namespace identity
