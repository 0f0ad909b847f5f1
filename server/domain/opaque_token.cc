#include "server/domain/opaque_token.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "server/base/sodium.h"

namespace identity {
namespace {

constexpr absl::string_view kBase62Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr uint32_t kBase = 62;
// Digits are converted in groups: the entire number is divided or multiplied once for each.
constexpr size_t kBase62GroupDigits = 5;
constexpr uint64_t kBase62GroupValues = uint64_t{kBase} * kBase * kBase * kBase * kBase;

constexpr size_t kKindBytes = 3;
constexpr size_t kIdDigits = 22;
constexpr size_t kSecretDigits = 43;
constexpr size_t kCrcDigits = 6;
constexpr size_t kIdBegin = kKindBytes + 1;
constexpr size_t kSecretBegin = kIdBegin + kIdDigits + 1;
constexpr size_t kCrcBegin = kSecretBegin + kSecretDigits + 1;
constexpr size_t kTextBytes = kCrcBegin + kCrcDigits;

absl::string_view KindText(OpaqueToken::Kind kind) {
  switch (kind) {
    case OpaqueToken::Kind::kRefreshToken:
      return "idr";
    case OpaqueToken::Kind::kApiKey:
      return "idk";
    case OpaqueToken::Kind::kMfaChallenge:
      return "idc";
    case OpaqueToken::Kind::kMailedToken:
      return "idm";
    case OpaqueToken::Kind::kDevice:
      return "idd";
  }
  std::abort();
}

// kBase when `c` is not a digit.
uint32_t DigitValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  if (c >= 'A' && c <= 'Z') return static_cast<uint32_t>(c - 'A') + 10;
  if (c >= 'a' && c <= 'z') return static_cast<uint32_t>(c - 'a') + 36;
  return kBase;
}

// Appends the big-endian number `number` in `width` digits, and sets it to zero.
void AppendBase62(absl::Span<uint8_t> number, size_t width, std::string& out) {
  const size_t begin = out.size();
  out.resize(begin + width);
  while (width > 0) {
    uint64_t group = 0;  // the remainder
    for (uint8_t& byte : number) {
      const uint64_t value = (group << 8) | byte;
      byte = static_cast<uint8_t>(value / kBase62GroupValues);
      group = value % kBase62GroupValues;
    }
    for (size_t i = std::min(width, kBase62GroupDigits); i > 0; --i) {
      out[begin + --width] = kBase62Digits[group % kBase];
      group /= kBase;
    }
  }
}

// Reads `digits` into the big-endian `number`. False when one is not a digit or the number does not fit.
bool ReadBase62(absl::string_view digits, absl::Span<uint8_t> number) {
  for (uint8_t& byte : number) byte = 0;
  while (!digits.empty()) {
    const size_t incomplete = digits.size() % kBase62GroupDigits;
    const absl::string_view group = digits.substr(0, incomplete == 0 ? kBase62GroupDigits : incomplete);
    digits.remove_prefix(group.size());
    uint64_t factor = 1;
    uint64_t carry = 0;
    for (const char digit : group) {
      const uint32_t value = DigitValue(digit);
      if (value == kBase) return false;
      factor *= kBase;
      carry = carry * kBase + value;
    }
    for (size_t i = number.size(); i-- > 0;) {
      const uint64_t value = number[i] * factor + carry;
      number[i] = static_cast<uint8_t>(value & 0xff);
      carry = value >> 8;
    }
    if (carry != 0) return false;
  }
  return true;
}

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320u : 0u);
    table[i] = value;
  }
  return table;
}

// CRC-32/ISO-HDLC, big-endian.
std::array<uint8_t, 4> Crc32(absl::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrcTable();
  uint32_t crc = 0xffffffffu;
  for (const char c : bytes) crc = (crc >> 8) ^ kTable[(crc ^ static_cast<uint8_t>(c)) & 0xff];
  crc = ~crc;
  return {static_cast<uint8_t>(crc >> 24), static_cast<uint8_t>(crc >> 16), static_cast<uint8_t>(crc >> 8),
          static_cast<uint8_t>(crc)};
}

bool HasRightShape(absl::string_view text) {
  return text.size() == kTextBytes && text[kIdBegin - 1] == '_' && text[kSecretBegin - 1] == '_' &&
         text[kCrcBegin - 1] == '_';
}

bool HasRightCrc(absl::string_view text) {
  std::array<uint8_t, 4> crc;
  return ReadBase62(text.substr(kCrcBegin), absl::MakeSpan(crc)) && crc == Crc32(text.substr(0, kCrcBegin - 1));
}

}  // namespace

OpaqueToken::OpaqueToken(Kind kind, const Uuid& id, Secret secret) : kind_(kind), id_(id), secret_(std::move(secret)) {
  // Another length is a bug, and would make the token weaker than it looks.
  if (secret_.size() != kTokenSecretBytes) std::abort();
}

absl::optional<OpaqueToken> OpaqueToken::Parse(Kind kind, absl::string_view text) {
  if (!HasRightShape(text) || text.substr(0, kKindBytes) != KindText(kind) || !HasRightCrc(text)) return absl::nullopt;
  std::array<uint8_t, 16> id;
  std::array<uint8_t, kTokenSecretBytes> number;
  if (!ReadBase62(text.substr(kIdBegin, kIdDigits), absl::MakeSpan(id))) return absl::nullopt;
  if (!ReadBase62(text.substr(kSecretBegin, kSecretDigits), absl::MakeSpan(number))) return absl::nullopt;
  Secret secret(absl::string_view(reinterpret_cast<const char*>(number.data()), number.size()));
  sodium_memzero(number.data(), number.size());
  return OpaqueToken(kind, Uuid(id), std::move(secret));
}

std::string OpaqueToken::Hash() const { return Fingerprint(secret_); }

Secret OpaqueToken::ToText() const {
  std::string text;
  // Reserved in advance: growing would leave a copy of the secret in memory.
  text.reserve(kTextBytes);
  absl::StrAppend(&text, KindText(kind_), "_");
  std::array<uint8_t, 16> id = id_.bytes();
  AppendBase62(absl::MakeSpan(id), kIdDigits, text);
  text.push_back('_');
  std::array<uint8_t, kTokenSecretBytes> number;
  std::copy(secret_.Reveal().begin(), secret_.Reveal().end(), number.begin());
  AppendBase62(absl::MakeSpan(number), kSecretDigits, text);
  std::array<uint8_t, 4> crc = Crc32(text);
  text.push_back('_');
  AppendBase62(absl::MakeSpan(crc), kCrcDigits, text);
  return Secret(std::move(text));
}

std::string ApiKeyPrefix(const ApiKeyId& id) {
  std::string text = "idk_";
  std::array<uint8_t, 16> number = id.uuid().bytes();
  AppendBase62(absl::MakeSpan(number), kIdDigits, text);
  return text;
}

bool LooksLikeApiKey(absl::string_view text) { return absl::StartsWith(text, "idk_"); }

}  // namespace identity
