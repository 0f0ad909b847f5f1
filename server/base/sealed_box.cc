#include "server/base/sealed_box.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/encoding/base64url.h"
#include "server/base/error.h"
#include "server/base/sodium.h"

namespace identity {
namespace {

static_assert(kSealKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kSealNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);

constexpr size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr size_t kMaxPurposeBytes = 16;
constexpr size_t kIdBytes = 8;
constexpr size_t kHexKeyBytes = 2 * kSealKeyBytes;

// Aborts on a wrong size, which is a bug: continuing would read past the end or seal with a weak key.
void Require(bool condition) {
  if (!condition) std::abort();
}

// Empty when `line` is not a key.
Secret DecodeKey(absl::string_view line) {
  std::string bytes(kSealKeyBytes, '\0');
  bool decoded = false;
  if (line.size() == kHexKeyBytes) {
    decoded = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), line.data(), line.size(),
                             nullptr, nullptr, nullptr) == 0;
  } else {
    decoded = Base64Decode(line, Base64Padding::kRequired, &bytes) && bytes.size() == kSealKeyBytes;
  }
  Secret key(std::move(bytes));
  return decoded ? std::move(key) : Secret();
}

std::string KeyId(const Secret& key) {
  return absl::BytesToHexString(DeriveKey(key, "master key id").Reveal().substr(0, kIdBytes));
}

absl::Status MalformedLine(size_t line, absl::string_view rule) {
  return InvalidField("master-key-file", absl::StrCat("line ", line, " ", rule));
}

}  // namespace

std::string Seal(const Secret& key, absl::string_view plain, absl::string_view context, absl::string_view nonce) {
  EnsureSodium();
  Require(key.size() == kSealKeyBytes && nonce.size() == kSealNonceBytes);
  std::string box(nonce);
  box.resize(kSealNonceBytes + plain.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(box.data()) + kSealNonceBytes, nullptr,
                                             Unsigned(plain), plain.size(), Unsigned(context), context.size(), nullptr,
                                             Unsigned(nonce), Unsigned(key.Reveal()));
  return box;
}

absl::optional<Secret> Open(const Secret& key, absl::string_view box, absl::string_view context) {
  EnsureSodium();
  Require(key.size() == kSealKeyBytes);
  if (box.size() < kSealNonceBytes + kTagBytes) return absl::nullopt;
  const absl::string_view nonce = box.substr(0, kSealNonceBytes);
  const absl::string_view sealed = box.substr(kSealNonceBytes);
  std::string plain(sealed.size() - kTagBytes, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr, Unsigned(sealed), sealed.size(),
      Unsigned(context), context.size(), Unsigned(nonce), Unsigned(key.Reveal()));
  if (failed != 0) return absl::nullopt;
  return Secret(std::move(plain));
}

Secret DeriveKey(const Secret& secret, absl::string_view purpose) {
  EnsureSodium();
  Require(secret.size() >= crypto_generichash_KEYBYTES_MIN && secret.size() <= crypto_generichash_KEYBYTES_MAX);
  Require(purpose.size() <= kMaxPurposeBytes);
  std::string key(kSealKeyBytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(key.data()), key.size(), Unsigned(purpose), purpose.size(),
                     Unsigned(secret.Reveal()), secret.size());
  return Secret(std::move(key));
}

absl::StatusOr<MasterKeys> MasterKeys::Parse(const Secret& text) {
  MasterKeys parsed({});
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text.Reveal(), '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    Secret key = DecodeKey(line);
    if (key.empty()) return MalformedLine(number, "must be 32 bytes in base64 or 64 hexadecimal digits");
    std::string id = KeyId(key);
    if (parsed.Contains(id)) return MalformedLine(number, "repeats a key");
    parsed.keys_.emplace_back(std::move(id), std::move(key));
  }
  if (parsed.keys_.empty()) return InvalidField("master-key-file", "must contain at least one key");
  return parsed;
}

std::vector<std::string> MasterKeys::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, key] : keys_) ids.push_back(id);
  return ids;
}

bool MasterKeys::Contains(absl::string_view id) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const auto& entry) { return entry.first == id; });
}

std::string MasterKeys::Seal(absl::string_view plain, absl::string_view context, absl::string_view nonce) const {
  return identity::Seal(keys_.front().second, plain, context, nonce);
}

absl::StatusOr<Secret> MasterKeys::Open(absl::string_view id, absl::string_view box, absl::string_view context) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const auto& entry) { return entry.first == id; });
  if (found == keys_.end()) return absl::FailedPreconditionError(absl::StrCat("there is no master key ", id));
  absl::optional<Secret> plain = identity::Open(found->second, box, context);
  if (!plain) return absl::DataLossError(absl::StrCat("a value that master key ", id, " sealed does not open"));
  return *std::move(plain);
}

Secret MasterKeys::Derive(absl::string_view purpose) const { return DeriveKey(keys_.front().second, purpose); }

}  // namespace identity
