#include "server/domain/hashes/firebase_scrypt.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/secret.h"
#include "server/base/sodium.h"
#include "server/domain/hashes/hash_text.h"

namespace identity::hashes {
namespace {

constexpr absl::string_view kScryptPrefix = "$firebase-scrypt$";
// The ranges that Firebase documents. So a verification takes at most 16 MiB.
constexpr uint64_t kMaxLog2N = 14;
constexpr uint64_t kMaxBlockSize = 8;
constexpr size_t kMinScryptSaltBytes = 8;
constexpr size_t kMinStreamBytes = 32;
constexpr size_t kMaxScryptPartBytes = 64;  // of the salt, and of the key stream
constexpr size_t kAesKeyBytes = 32;
constexpr size_t kAesBlockBytes = 16;
constexpr uint64_t kWorkPerKiB = 5;  // measured; scrypt writes each KiB once and reads it once

struct FirebaseScrypt {
  uint64_t log2_n = 0;
  uint64_t block_size = 0;
  std::string salt;
  std::string stream;
};

absl::optional<FirebaseScrypt> ParseFirebaseScrypt(absl::string_view text) {
  if (text.size() > kMaxTextBytes || !absl::ConsumePrefix(&text, kScryptPrefix)) return absl::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
  if (parts.size() != 3) return absl::nullopt;
  const std::vector<absl::string_view> numbers = absl::StrSplit(parts[0], ',');
  FirebaseScrypt result;
  if (numbers.size() != 2 || !ReadParameter(numbers[0], "ln=", 1, kMaxLog2N, &result.log2_n) ||
      !ReadParameter(numbers[1], "r=", 1, kMaxBlockSize, &result.block_size)) {
    return absl::nullopt;
  }
  result.salt = DecodeBase64(parts[1]);
  result.stream = DecodeBase64(parts[2]);
  const bool sizes = HasSize(result.salt, kMinScryptSaltBytes, kMaxScryptPartBytes) &&
                     HasSize(result.stream, kMinStreamBytes, kMaxScryptPartBytes);
  if (!sizes) return absl::nullopt;
  return result;
}

absl::optional<Cost> ReadFirebaseScrypt(absl::string_view text) {
  const absl::optional<FirebaseScrypt> kept = ParseFirebaseScrypt(text);
  if (!kept) return absl::nullopt;
  const uint64_t memory_bytes = (uint64_t{128} * kept->block_size) << kept->log2_n;
  return Cost{memory_bytes * kWorkPerKiB / 1024, true};
}

// The first `bytes` of the key stream of AES-256-CTR (NIST SP 800-38A) from a counter of 0. "" without memory.
std::string KeyStream(const unsigned char* key, size_t bytes) {
  const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  const unsigned char counter[kAesBlockBytes] = {};
  const std::string zeros(bytes, '\0');
  std::string stream(bytes, '\0');
  int written = 0;
  const bool done = cipher != nullptr &&
                    EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_ctr(), nullptr, key, counter) == 1 &&
                    EVP_EncryptUpdate(cipher.get(), reinterpret_cast<unsigned char*>(stream.data()), &written,
                                      Unsigned(zeros), static_cast<int>(bytes)) == 1;
  return done ? stream : "";
}

bool VerifyFirebaseScrypt(absl::string_view text, absl::string_view password) {
  const absl::optional<FirebaseScrypt> kept = ParseFirebaseScrypt(text);
  if (!kept) return false;
  unsigned char key[kAesKeyBytes];
  const int failed = crypto_pwhash_scryptsalsa208sha256_ll(
      Unsigned(password), password.size(), Unsigned(kept->salt), kept->salt.size(), uint64_t{1} << kept->log2_n,
      static_cast<uint32_t>(kept->block_size), 1, key, sizeof(key));
  if (failed != 0) return false;
  const std::string made = KeyStream(key, kept->stream.size());
  sodium_memzero(key, sizeof(key));
  return EqualInConstantTime(made, kept->stream) && !EndsWithNul(password);
}

std::string DescribeFirebaseScrypt(Limits) {
  return absl::StrCat("$firebase-scrypt$ of at most ln=", kMaxLog2N, " and r=", kMaxBlockSize);
}

}  // namespace

const HashFunction kFirebaseScrypt = {ReadFirebaseScrypt, VerifyFirebaseScrypt, DescribeFirebaseScrypt};

std::string FirebaseScryptText(uint64_t log2_n, uint64_t block_size, absl::string_view salt_and_separator,
                               absl::string_view hash, absl::string_view signer_key) {
  std::string stream(hash);
  std::transform(stream.begin(), stream.end(), signer_key.begin(), stream.begin(),
                 [](char a, char b) { return static_cast<char>(a ^ b); });
  return absl::StrCat(kScryptPrefix, "ln=", log2_n, ",r=", block_size, "$", EncodeBase64(salt_and_separator), "$",
                      EncodeBase64(stream));
}

}  // namespace identity::hashes
