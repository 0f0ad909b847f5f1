#include "server/domain/recovery_code.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "server/base/encoding/base32.h"
#include "server/base/sodium.h"

namespace identity {
namespace {

// Without u, and without i, l and o, which look like digits.
constexpr absl::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr size_t kDigits = kRecoveryCodeBytes * 8 / 5;
constexpr size_t kGroupDigits = 4;
static_assert(kRecoveryCodeBytes % 5 == 0 && kDigits % kGroupDigits == 0);
static_assert(sizeof(Uuid) >= crypto_generichash_KEYBYTES_MIN);

bool IsFiller(char c) { return c == '-' || absl::ascii_isspace(static_cast<unsigned char>(c)); }

char ReadDigit(char c) {
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  if (lower == 'o') return '0';
  if (lower == 'i' || lower == 'l') return '1';
  return lower;
}

// Sets `digits` to the canonical digits of `typed`. False when `typed` is not a code.
bool ReadCode(absl::string_view typed, std::array<char, kDigits>& digits) {
  size_t size = 0;
  for (const char c : typed) {
    if (IsFiller(c)) continue;
    const char digit = ReadDigit(c);
    if (size == kDigits || kAlphabet.find(digit) == absl::string_view::npos) return false;
    digits[size++] = digit;
  }
  return size == kDigits;
}

}  // namespace

Secret NewRecoveryCode(absl::string_view random) {
  // Another length is a bug, and would make the code weaker than it looks.
  if (random.size() != kRecoveryCodeBytes) std::abort();
  const Secret digits(Base32Encode(random, kAlphabet));
  std::string code;
  // Reserved in advance: growing would leave a copy of the secret in memory.
  code.reserve(kDigits + kDigits / kGroupDigits);
  for (size_t i = 0; i < kDigits; ++i) {
    if (i != 0 && i % kGroupDigits == 0) code.push_back('-');
    code.push_back(digits.Reveal()[i]);
  }
  return Secret(std::move(code));
}

absl::optional<std::string> RecoveryCodeHash(const PrincipalId& principal, absl::string_view typed) {
  EnsureSodium();
  std::array<char, kDigits> digits;
  absl::optional<std::string> hash;
  if (ReadCode(typed, digits)) {
    const std::array<uint8_t, 16>& key = principal.uuid().bytes();
    hash.emplace(crypto_generichash_BYTES, '\0');
    crypto_generichash(reinterpret_cast<unsigned char*>(hash->data()), hash->size(),
                       Unsigned(absl::string_view(digits.data(), digits.size())), digits.size(), key.data(),
                       key.size());
  }
  sodium_memzero(digits.data(), digits.size());
  return hash;
}

}  // namespace identity
