#include "server/domain/account_names.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/encoding/utf8.h"
#include "server/base/error.h"
#include "server/domain/ids.h"

namespace identity {
namespace {

constexpr size_t kMinUsernameBytes = 3;
constexpr size_t kMaxUsernameBytes = 50;
constexpr size_t kMinEmailBytes = 3;
constexpr size_t kMaxEmailBytes = 254;
constexpr size_t kMaxLocalPartBytes = 64;
constexpr size_t kMaxHostLabelBytes = 63;

// In answers and logs these mean something else than a principal that somebody made.
constexpr absl::string_view kReservedNames[] = {"anonymous", "identity", "self"};

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }
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
  // A last label of only digits belongs to an IPv4 address, which is not a host name.
  return !std::all_of(labels.back().begin(), labels.back().end(), absl::ascii_isdigit);
}

bool IsEmail(absl::string_view text) {
  if (text.size() < kMinEmailBytes || text.size() > kMaxEmailBytes) return false;
  const size_t at = text.find('@');
  if (at == absl::string_view::npos) return false;
  return IsLocalPart(text.substr(0, at)) && IsHostName(text.substr(at + 1));
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

absl::StatusOr<std::string> FoldNewName(absl::string_view field, absl::string_view name) {
  absl::StatusOr<std::string> folded = FoldUsername(name);
  if (!folded.ok()) return InvalidField(field, "must be 3 to 50 of [A-Za-z0-9_-]");
  if (std::find(std::begin(kReservedNames), std::end(kReservedNames), *folded) != std::end(kReservedNames)) {
    return InvalidField(field, "is reserved");
  }
  // Whoever looks principals up by an id or a name would take it for the other one.
  if (Uuid::Parse(*folded)) return InvalidField(field, "must not have the form of an id");
  return folded;
}

absl::StatusOr<std::string> FoldEmail(absl::string_view email) {
  if (!IsEmail(email))
    return InvalidField("email",
                        "must be an address like name@example.com, in ASCII, of at most 254 bytes, with at most 64 "
                        "before the @ and at most 63 between dots after it");
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
  while (!text.empty()) {
    const absl::optional<uint32_t> code_point = ConsumeCodePoint(text);
    if (!code_point) return InvalidField(field, "must be valid UTF-8");
    if (IsControl(*code_point)) return InvalidField(field, "must not contain control characters");
  }
  return absl::OkStatus();
}

}  // namespace identity
