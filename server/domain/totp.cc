#include "server/domain/totp.h"

#include <liboath/oath.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/encoding/base32.h"
#include "server/base/sodium.h"

namespace identity {
namespace {

constexpr int64_t kStepSeconds = 30;
constexpr int64_t kWindow = 1;  // RFC 6238 section 5.2: one step for network delay and clock difference
constexpr size_t kCodeDigits = 6;
constexpr absl::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// liboath requires this once, before its other functions.
void EnsureOath() {
  static const bool ready = oath_init() == OATH_OK;
  if (!ready) std::abort();
}

bool IsCodeOf(const Secret& secret, int64_t step, absl::string_view code) {
  const absl::string_view key = secret.Reveal();
  char right_code[kCodeDigits + 1];
  const int made = oath_hotp_generate(key.data(), key.size(), static_cast<uint64_t>(step), kCodeDigits, false,
                                      OATH_HOTP_DYNAMIC_TRUNCATION, right_code);
  if (made != OATH_OK) return false;
  const bool right = EqualInConstantTime(code, absl::string_view(right_code, kCodeDigits));
  sodium_memzero(right_code, sizeof(right_code));
  return right;
}

// RFC 3986 section 2.3: characters that need no escaping.
bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string PercentEncode(absl::string_view text) {
  constexpr absl::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    encoded.push_back('%');
    encoded.push_back(kHex[byte >> 4]);
    encoded.push_back(kHex[byte & 15]);
  }
  return encoded;
}

}  // namespace

absl::optional<int64_t> MatchTotp(const Secret& secret, absl::string_view code, absl::Time now, int64_t last_step) {
  EnsureOath();
  if (code.size() != kCodeDigits || !std::all_of(code.begin(), code.end(), absl::ascii_isdigit)) return absl::nullopt;
  const int64_t step = absl::ToUnixSeconds(now) / kStepSeconds;
  absl::optional<int64_t> match;
  // Computes all codes, for constant time. When two steps have the same code, the later step matches: both are then
  // spent.
  for (int64_t candidate = step - kWindow; candidate <= step + kWindow; ++candidate) {
    if (IsCodeOf(secret, candidate, code) && candidate > last_step) match = candidate;
  }
  return match;
}

Secret OtpauthUri(const Secret& secret, absl::string_view issuer, absl::string_view account) {
  const std::string encoded_issuer = PercentEncode(issuer);
  std::string base32 = Base32Encode(secret.Reveal(), kBase32);
  Secret uri(absl::StrCat("otpauth://totp/", encoded_issuer, ":", PercentEncode(account), "?secret=", base32,
                          "&issuer=", encoded_issuer, "&algorithm=SHA1&digits=6&period=30"));
  Wipe(base32);
  return uri;
}

}  // namespace identity
