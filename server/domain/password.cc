#include "server/domain/password.h"

#include <crypt.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "server/base/error.h"
#include "server/base/sodium.h"

// Grammar of what is kept:
//   argon2id = "$argon2id$v=19$m=" KiB ",t=" passes ",p=" lanes "$" salt "$" hash     numbers without leading zeros,
//   salt of 8
//              to 64 bytes and hash of 16 to 64 in base64 without padding
//   bcrypt   = "$2" ( "a" / "b" / "y" ) "$" 2digit "$" salt hash                      salt of 22 and hash of 31 of
//   [./A-Za-z0-9]
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

constexpr uint64_t kMaxImportedKiB = uint64_t{256} * 1024;
constexpr uint64_t kMaxImportedPasses = 10;
constexpr absl::string_view kMaxImportedBcryptCost = "14";

struct Argon2Cost {
  uint64_t memory_kib = 0;
  uint64_t passes = 0;
  uint64_t lanes = 0;
};

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Takes `name` and a number without leading zeros that is within `min` and `max`.
bool ReadParameter(absl::string_view text, absl::string_view name, uint64_t min, uint64_t max, uint64_t* value) {
  if (!absl::ConsumePrefix(&text, name) || text.empty() || text.front() == '0') return false;
  const bool digits = std::all_of(text.begin(), text.end(), IsDigit);
  return digits && absl::SimpleAtoi(text, value) && *value >= min && *value <= max;
}

bool IsBase64Of(absl::string_view text, size_t min_bytes, size_t max_bytes) {
  std::string bytes(kMaxArgon2Bytes, '\0');
  size_t size = 0;
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                       text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  return failed == 0 && size >= min_bytes && size <= max_bytes;
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
  // A short hash would be met by chance.
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
  if (!IsDigit(text[4]) || !IsDigit(text[5]) || !absl::SimpleAtoi(text.substr(4, 2), &cost)) return false;
  if (cost < kMinBcryptCost || cost > kMaxBcryptCost) return false;
  const absl::string_view rest = text.substr(7);
  // The hash's last digit has 4 of its 6 bits, the others are 0 in what every maker writes.
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
  // crypt refuses long passwords, of which bcrypt would read the beginning alone.
  std::string beginning(password.substr(0, kBcryptPasswordBytes));
  // "2a" and "2y" mark makers that had a bug once. All write the same hash today, and "2b" is how it is read without
  // the allowances that the others have.
  const std::string setting = absl::StrCat("$2b$", text.substr(4, kBcryptHashBegin - 4));
  const char* made = crypt_r(beginning.c_str(), setting.c_str(), data.get());
  Wipe(beginning);
  if (made == nullptr) return false;
  const absl::string_view result = made;
  if (result.size() != kBcryptBytes) return false;
  // Only the hash: some makers leave bits in the salt's last digit that crypt writes as 0.
  const bool right = EqualInConstantTime(result.substr(kBcryptHashBegin), text.substr(kBcryptHashBegin));
  // The work was done on what stands before the NUL, for the time alone.
  return right && !absl::StrContains(password, absl::string_view("\0", 1));
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
  if (!ParseArgon2(text) && !IsBcrypt(text)) {
    return InvalidField("password_hash", "must be $argon2id$ within 4 GiB and 16 passes, or bcrypt of cost 4 to 16");
  }
  return PasswordHash(std::string(text));
}

absl::StatusOr<PasswordHash> PasswordHash::ParseImported(absl::string_view text) {
  const absl::optional<Argon2Cost> argon2 = ParseArgon2(text);
  const bool costly = argon2 ? argon2->memory_kib > kMaxImportedKiB || argon2->passes > kMaxImportedPasses
                             : IsBcrypt(text) && text.substr(4, 2) > kMaxImportedBcryptCost;
  if (costly) return InvalidField("password_hash", "costs more than 256 MiB, 10 passes or a bcrypt cost of 14");
  return Parse(text);
}

absl::StatusOr<PasswordHash> PasswordHash::Create(const Secret& password, const Argon2Parameters& parameters) {
  EnsureSodium();
  char text[crypto_pwhash_STRBYTES];
  const absl::string_view bytes = password.Reveal();
  if (crypto_pwhash_str_alg(text, bytes.data(), bytes.size(), parameters.passes, parameters.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return WithRetryDelay(Error(ErrorReason::kOverloaded, "there is no memory to hash a password"), absl::Seconds(1));
  }
  return PasswordHash(text);
}

bool PasswordHash::Verify(const Secret& password) const {
  EnsureSodium();
  const absl::string_view bytes = password.Reveal();
  if (!absl::StartsWith(text_, kArgon2Prefix)) return VerifyBcrypt(text_, bytes);
  return crypto_pwhash_str_verify(text_.c_str(), bytes.data(), bytes.size()) == 0;
}

bool PasswordHash::NeedsRehash(const Argon2Parameters& parameters) const {
  const absl::optional<Argon2Cost> cost = ParseArgon2(text_);
  return !cost || cost->memory_kib != parameters.memory_bytes / kKiB || cost->passes != parameters.passes ||
         cost->lanes != 1;
}

}  // namespace identity
