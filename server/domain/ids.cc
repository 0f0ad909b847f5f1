#include "server/domain/ids.h"

#include <algorithm>

#include "server/base/encoding/hex.h"

namespace identity {
namespace {

constexpr size_t kUuidTextBytes = 36;
constexpr size_t kTimeBytes = 6;  // of a version 7 UUID: milliseconds since 1970

bool IsHyphenPlace(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

absl::optional<Uuid> Uuid::Parse(absl::string_view text) {
  if (text.size() != kUuidTextBytes) return absl::nullopt;
  std::array<uint8_t, 16> bytes{};
  size_t digits = 0;
  for (size_t i = 0; i < kUuidTextBytes; ++i) {
    if (IsHyphenPlace(i)) {
      if (text[i] != '-') return absl::nullopt;
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return absl::nullopt;
    uint8_t& byte = bytes[digits / 2];
    byte = static_cast<uint8_t>((byte << 4) | value);
    ++digits;
  }
  return Uuid(bytes);
}

std::string Uuid::ToString() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kUuidTextBytes, '-');
  char* at = text.data();
  for (size_t i = 0; i < bytes_.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;  // over a hyphen
    *at++ = kDigits[bytes_[i] / 16];
    *at++ = kDigits[bytes_[i] % 16];
  }
  return text;
}

absl::Time TimeOf(const Uuid& id) {
  int64_t milliseconds = 0;
  for (size_t i = 0; i < kTimeBytes; ++i) milliseconds = (milliseconds << 8) | id.bytes()[i];
  return absl::FromUnixMillis(milliseconds);
}

Uuid LowestUuidOf(absl::Time time) {
  std::array<uint8_t, 16> bytes{};
  const auto milliseconds = static_cast<uint64_t>(std::max<int64_t>(absl::ToUnixMillis(time), 0));
  for (size_t i = 0; i < kTimeBytes; ++i) {
    bytes[i] = static_cast<uint8_t>(milliseconds >> (8 * (kTimeBytes - 1 - i)));
  }
  return Uuid(bytes);
}

PrincipalId AnonymousPrincipal() {
  // The row that the first migration writes.
  return PrincipalId(Uuid({0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}));
}

}  // namespace identity
