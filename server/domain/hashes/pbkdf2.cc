#include "server/domain/hashes/pbkdf2.h"

#include <openssl/evp.h>

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/secret.h"
#include "server/base/sodium.h"
#include "server/domain/hashes/hash_text.h"

namespace identity::hashes {
namespace {

constexpr uint64_t kMinRounds = 1000;
constexpr uint64_t kMaxRounds = 2000000;
constexpr uint64_t kMaxImportedRounds = 1000000;
constexpr size_t kMinSaltBytes = 8;
constexpr size_t kMinHashBytes = 32;
constexpr size_t kMaxPartBytes = 64;  // of the salt, and of the hash

struct DigestRow {
  Digest digest;
  absl::string_view prefix;
  const EVP_MD* (*function)();
  size_t bytes;            // a longer hash takes another block of rounds
  uint64_t work_per_1000;  // measured, of 1,000 rounds of one block
};
constexpr DigestRow kDigests[] = {{Digest::kSha256, "$pbkdf2-sha256$", EVP_sha256, 32, 500},
                                  {Digest::kSha512, "$pbkdf2-sha512$", EVP_sha512, 64, 1200}};

struct Pbkdf2 {
  const DigestRow* digest = nullptr;
  uint64_t rounds = 0;
  std::string salt;
  std::string hash;
};

// The base64 of passlib, in which "+" is not a digit.
std::string DecodePasslibBase64(absl::string_view text) {
  if (absl::StrContains(text, '+')) return "";
  return DecodeBase64(absl::StrReplaceAll(text, {{".", "+"}}));
}

std::string EncodePasslibBase64(absl::string_view bytes) {
  return absl::StrReplaceAll(EncodeBase64(bytes), {{"+", "."}});
}

const DigestRow* ConsumeDigest(absl::string_view* text) {
  for (const DigestRow& row : kDigests) {
    if (absl::ConsumePrefix(text, row.prefix)) return &row;
  }
  return nullptr;
}

absl::optional<Pbkdf2> ParsePbkdf2(absl::string_view text) {
  if (text.size() > kMaxTextBytes) return absl::nullopt;
  Pbkdf2 result;
  result.digest = ConsumeDigest(&text);
  if (result.digest == nullptr) return absl::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
  if (parts.size() != 3 || !ReadParameter(parts[0], "", kMinRounds, kMaxRounds, &result.rounds)) return absl::nullopt;
  result.salt = DecodePasslibBase64(parts[1]);
  result.hash = DecodePasslibBase64(parts[2]);
  const bool sizes =
      HasSize(result.salt, kMinSaltBytes, kMaxPartBytes) && HasSize(result.hash, kMinHashBytes, kMaxPartBytes);
  if (!sizes) return absl::nullopt;
  return result;
}

absl::optional<Cost> ReadPbkdf2(absl::string_view text) {
  const absl::optional<Pbkdf2> kept = ParsePbkdf2(text);
  if (!kept) return absl::nullopt;
  const uint64_t blocks = (kept->hash.size() + kept->digest->bytes - 1) / kept->digest->bytes;
  return Cost{kept->rounds * blocks * kept->digest->work_per_1000 / 1000, kept->rounds <= kMaxImportedRounds};
}

bool VerifyPbkdf2(absl::string_view text, absl::string_view password) {
  const absl::optional<Pbkdf2> kept = ParsePbkdf2(text);
  if (!kept) return false;
  std::string made(kept->hash.size(), '\0');
  const int done =
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), Unsigned(kept->salt),
                        static_cast<int>(kept->salt.size()), static_cast<int>(kept->rounds), kept->digest->function(),
                        static_cast<int>(made.size()), reinterpret_cast<unsigned char*>(made.data()));
  const bool right = done == 1 && EqualInConstantTime(made, kept->hash);
  return right && !EndsWithNul(password);
}

std::string DescribePbkdf2(Limits limits) {
  return absl::StrCat("$pbkdf2-sha256$ or $pbkdf2-sha512$ of ", kMinRounds, " to ",
                      limits == Limits::kStored ? kMaxRounds : kMaxImportedRounds, " rounds");
}

}  // namespace

const HashFunction kPbkdf2 = {ReadPbkdf2, VerifyPbkdf2, DescribePbkdf2};

std::string Pbkdf2Text(Digest digest, uint64_t rounds, absl::string_view salt_bytes, absl::string_view hash_bytes) {
  return absl::StrCat(kDigests[static_cast<size_t>(digest)].prefix, rounds, "$", EncodePasslibBase64(salt_bytes), "$",
                      EncodePasslibBase64(hash_bytes));
}

}  // namespace identity::hashes
