#include "server/domain/password.h"

#include <crypt.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "server/base/error.h"
#include "server/base/sodium.h"

// Grammar of stored hashes:
//   argon2id = "$argon2id$v=19$m=" KiB ",t=" passes ",p=" lanes "$" salt "$" hash
//              salt of 8 to 64 bytes and hash of 16 to 64 in base64 without padding
//   bcrypt   = "$2" ( "a" / "b" / "y" ) "$" 2digit "$" salt hash
//              salt of 22 and hash of 31 of [./A-Za-z0-9]
//   pbkdf2   = "$pbkdf2-sha256$" rounds "$" salt "$" hash
//              salt of 8 to 64 bytes and hash of 32 to 64 in passlib's base64: "." for "+", without padding
// Numbers have no leading zeros.
namespace identity {
namespace {

constexpr uint64_t kMinMemoryBytes = uint64_t{19} << 20;
constexpr uint64_t kMaxMemoryBytes = uint64_t{4} << 30;
constexpr uint64_t kMinPasses = 2;
constexpr uint64_t kMaxPasses = 16;
constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMaxLanes = 255;
constexpr uint64_t kMinKiBPerLane = 8;  // RFC 9106 section 3.1
constexpr size_t kMaxArgon2Bytes = 255;
constexpr absl::string_view kArgon2Prefix = "$argon2id$";

constexpr size_t kBcryptBytes = 60;
constexpr size_t kBcryptHashBegin = 29;  // after the prefix, the cost and the salt
constexpr size_t kBcryptPasswordBytes = 72;
constexpr int kMinBcryptCost = 4;
constexpr int kMaxBcryptCost = 16;

constexpr absl::string_view kPbkdf2Prefix = "$pbkdf2-sha256$";
constexpr uint64_t kMinRounds = 1000;
constexpr uint64_t kMaxRounds = 2000000;
constexpr size_t kMinPbkdf2SaltBytes = 8;
constexpr size_t kMinPbkdf2HashBytes = 32;
constexpr size_t kMaxPbkdf2Bytes = 64;  // of the salt, and of the hash
constexpr size_t kMaxPbkdf2TextBytes = 255;

constexpr uint64_t kMaxImportedKiB = uint64_t{256} * 1024;
constexpr uint64_t kMaxImportedPasses = 10;
constexpr absl::string_view kMaxImportedBcryptCost = "14";
constexpr uint64_t kMaxImportedRounds = 1000000;

struct Argon2Cost {
  uint64_t memory_kib = 0;
  uint64_t passes = 0;
  uint64_t lanes = 0;
};

// True when `text` is `name` and a number from `min` to `max` without leading zeros.
bool ReadParameter(absl::string_view text, absl::string_view name, uint64_t min, uint64_t max, uint64_t* value) {
  if (!absl::ConsumePrefix(&text, name) || text.empty() || text.front() == '0') return false;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  return digits && absl::SimpleAtoi(text, value) && *value >= min && *value <= max;
}

// The bytes of base64 text without padding, at most kMaxArgon2Bytes. Empty, which is not a valid salt or hash, for
// other text.
std::string DecodeBase64(absl::string_view text) {
  std::string bytes(kMaxArgon2Bytes, '\0');
  size_t size = 0;
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                       text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  bytes.resize(failed == 0 ? size : 0);
  return bytes;
}

bool IsBase64Of(absl::string_view text, size_t min_bytes, size_t max_bytes) {
  const size_t size = DecodeBase64(text).size();
  return size >= min_bytes && size <= max_bytes;
}

absl::optional<Argon2Cost> ParseArgon2(absl::string_view text) {
  if (text.size() > kMaxArgon2Bytes || !absl::ConsumePrefix(&text, kArgon2Prefix)) return absl::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
  if (parts.size() != 4 || parts[0] != "v=19") return absl::nullopt;
  const std::vector<absl::string_view> numbers = absl::StrSplit(parts[1], ',');
  Argon2Cost cost;
  if (numbers.size() != 3 || !ReadParameter(numbers[0], "m=", 1, kMaxMemoryBytes / kKiB, &cost.memory_kib) ||
      !ReadParameter(numbers[1], "t=", 1, kMaxPasses, &cost.passes) ||
      !ReadParameter(numbers[2], "p=", 1, kMaxLanes, &cost.lanes)) {
    return absl::nullopt;
  }
  // A wrong password could match a short hash by chance.
  const bool sizes = IsBase64Of(parts[2], 8, 64) && IsBase64Of(parts[3], 16, 64);
  if (!sizes || cost.memory_kib < kMinKiBPerLane * cost.lanes) return absl::nullopt;
  return cost;
}

bool IsBcryptDigit(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '/'; }

bool IsBcrypt(absl::string_view text) {
  if (text.size() != kBcryptBytes || text[3] != '$' || text[6] != '$') return false;
  const absl::string_view prefix = text.substr(0, 3);
  if (prefix != "$2a" && prefix != "$2b" && prefix != "$2y") return false;
  int cost = 0;
  const absl::string_view digits = text.substr(4, 2);
  if (!std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) || !absl::SimpleAtoi(digits, &cost)) return false;
  if (cost < kMinBcryptCost || cost > kMaxBcryptCost) return false;
  const absl::string_view rest = text.substr(7);
  // The last digit of the hash has 4 significant bits; every implementation writes 0 for the other 2.
  return std::all_of(rest.begin(), rest.end(), IsBcryptDigit) && absl::StrContains(".CGKOSWaeimquy26", rest.back());
}

struct WipeAndDelete {
  void operator()(crypt_data* data) const {
    sodium_memzero(data, sizeof(*data));
    delete data;
  }
};

bool VerifyBcrypt(absl::string_view text, absl::string_view password) {
  const std::unique_ptr<crypt_data, WipeAndDelete> data(new crypt_data{});
  // crypt refuses long passwords, of which bcrypt would read only the beginning.
  std::string beginning(password.substr(0, kBcryptPasswordBytes));
  // "2a" and "2y" mark implementations that once had a bug. All write the same hash today, and "2b" reads it without
  // workarounds.
  const std::string setting = absl::StrCat("$2b$", text.substr(4, kBcryptHashBegin - 4));
  const char* made = crypt_r(beginning.c_str(), setting.c_str(), data.get());
  Wipe(beginning);
  if (made == nullptr) return false;
  const absl::string_view result = made;
  if (result.size() != kBcryptBytes) return false;
  // Only the hash: some implementations leave bits in the last digit of the salt that crypt writes as 0.
  const bool right = EqualInConstantTime(result.substr(kBcryptHashBegin), text.substr(kBcryptHashBegin));
  // The bytes before the NUL were hashed only to take the same time.
  return right && !absl::StrContains(password, absl::string_view("\0", 1));
}

struct Pbkdf2 {
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
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), Unsigned(bytes), bytes.size(), kVariant);
  text.pop_back();  // its NUL
  return absl::StrReplaceAll(text, {{"+", "."}});
}

absl::optional<Pbkdf2> ParsePbkdf2(absl::string_view text) {
  if (text.size() > kMaxPbkdf2TextBytes || !absl::ConsumePrefix(&text, kPbkdf2Prefix)) return absl::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
  Pbkdf2 result;
  if (parts.size() != 3 || !ReadParameter(parts[0], "", kMinRounds, kMaxRounds, &result.rounds)) return absl::nullopt;
  result.salt = DecodePasslibBase64(parts[1]);
  result.hash = DecodePasslibBase64(parts[2]);
  const bool salt_fits = result.salt.size() >= kMinPbkdf2SaltBytes && result.salt.size() <= kMaxPbkdf2Bytes;
  const bool hash_fits = result.hash.size() >= kMinPbkdf2HashBytes && result.hash.size() <= kMaxPbkdf2Bytes;
  if (!salt_fits || !hash_fits) return absl::nullopt;
  return result;
}

bool VerifyPbkdf2(absl::string_view text, absl::string_view password) {
  const absl::optional<Pbkdf2> kept = ParsePbkdf2(text);
  if (!kept) return false;
  std::string made(kept->hash.size(), '\0');
  const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), Unsigned(kept->salt),
                                     static_cast<int>(kept->salt.size()), static_cast<int>(kept->rounds), EVP_sha256(),
                                     static_cast<int>(made.size()), reinterpret_cast<unsigned char*>(made.data()));
  const bool right = done == 1 && EqualInConstantTime(made, kept->hash);
  // HMAC pads its key with NUL (RFC 2104), so a NUL at the end would make no difference.
  return right && !absl::EndsWith(password, absl::string_view("\0", 1));
}

// True when the hash costs more than an imported hash may. False when `text` is not a hash.
bool IsCostly(absl::string_view text) {
  if (const absl::optional<Argon2Cost> argon2 = ParseArgon2(text)) {
    return argon2->memory_kib > kMaxImportedKiB || argon2->passes > kMaxImportedPasses;
  }
  if (const absl::optional<Pbkdf2> pbkdf2 = ParsePbkdf2(text)) return pbkdf2->rounds > kMaxImportedRounds;
  return IsBcrypt(text) && text.substr(4, 2) > kMaxImportedBcryptCost;
}

}  // namespace

absl::Status CheckArgon2Parameters(const Argon2Parameters& parameters) {
  if (parameters.memory_bytes < kMinMemoryBytes || parameters.memory_bytes > kMaxMemoryBytes) {
    return InvalidField("memory_bytes", "must be 19 MiB to 4 GiB");
  }
  if (parameters.passes < kMinPasses || parameters.passes > kMaxPasses) {
    return InvalidField("passes", "must be 2 to 16");
  }
  return absl::OkStatus();
}

absl::Status CheckNewPassword(const Secret& password) {
  if (password.size() < kMinPasswordBytes || password.size() > kMaxPasswordBytes) {
    return InvalidField("password", absl::StrCat("must be ", kMinPasswordBytes, " to ", kMaxPasswordBytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PasswordHash> PasswordHash::Parse(absl::string_view text) {
  if (!ParseArgon2(text) && !IsBcrypt(text) && !ParsePbkdf2(text)) {
    return InvalidField("password_hash",
                        "must be $argon2id$ within 4 GiB and 16 passes, bcrypt of cost 4 to 16, or $pbkdf2-sha256$ of "
                        "1000 to 2000000 rounds");
  }
  return PasswordHash(std::string(text));
}

absl::StatusOr<PasswordHash> PasswordHash::ParseImported(absl::string_view text) {
  if (IsCostly(text)) {
    return InvalidField("password_hash", "costs more than 256 MiB, 10 passes, a bcrypt cost of 14 or 1000000 rounds");
  }
  return Parse(text);
}

absl::StatusOr<PasswordHash> PasswordHash::FromPbkdf2Sha256(uint64_t rounds, absl::string_view salt_bytes,
                                                            absl::string_view hash_bytes) {
  EnsureSodium();
  return ParseImported(
      absl::StrCat(kPbkdf2Prefix, rounds, "$", EncodePasslibBase64(salt_bytes), "$", EncodePasslibBase64(hash_bytes)));
}

absl::StatusOr<PasswordHash> PasswordHash::Create(const Secret& password, const Argon2Parameters& parameters) {
  EnsureSodium();
  char text[crypto_pwhash_STRBYTES];
  const absl::string_view bytes = password.Reveal();
  if (crypto_pwhash_str_alg(text, bytes.data(), bytes.size(), parameters.passes, parameters.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return WithRetryDelay(Error(ErrorReason::kOverloaded, "not enough memory to hash a password"), absl::Seconds(1));
  }
  return PasswordHash(text);
}

bool PasswordHash::Verify(const Secret& password) const {
  EnsureSodium();
  const absl::string_view bytes = password.Reveal();
  if (absl::StartsWith(text_, kPbkdf2Prefix)) return VerifyPbkdf2(text_, bytes);
  if (!absl::StartsWith(text_, kArgon2Prefix)) return VerifyBcrypt(text_, bytes);
  return crypto_pwhash_str_verify(text_.c_str(), bytes.data(), bytes.size()) == 0;
}

bool PasswordHash::NeedsRehash(const Argon2Parameters& parameters) const {
  const absl::optional<Argon2Cost> cost = ParseArgon2(text_);
  return !cost || cost->memory_kib != parameters.memory_bytes / kKiB || cost->passes != parameters.passes ||
         cost->lanes != 1;
}

}  // namespace identity
