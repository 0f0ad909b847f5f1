#include "server/domain/hashes/argon2.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/base/sodium.h"
#include "server/domain/hashes/hash_text.h"

namespace identity::hashes {
namespace {

constexpr absl::string_view kArgon2Prefix = "$argon2id$";
constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMaxKiB = uint64_t{4} << 20;
constexpr uint64_t kMaxPasses = 16;
constexpr uint64_t kMaxLanes = 255;
constexpr uint64_t kMinKiBPerLane = 8;  // RFC 9106 section 3.1
constexpr uint64_t kMaxImportedKiB = uint64_t{256} << 10;
constexpr uint64_t kMaxImportedPasses = 10;

bool IsBase64Of(absl::string_view text, size_t min_bytes, size_t max_bytes) {
  return HasSize(DecodeBase64(text), min_bytes, max_bytes);
}

absl::optional<Cost> ReadArgon2(absl::string_view text) {
  const absl::optional<Argon2Cost> cost = ReadArgon2Cost(text);
  if (!cost) return absl::nullopt;
  return Cost{cost->memory_kib * cost->passes,
              cost->memory_kib <= kMaxImportedKiB && cost->passes <= kMaxImportedPasses};
}

bool VerifyArgon2(absl::string_view text, absl::string_view password) {
  return crypto_pwhash_str_verify(std::string(text).c_str(), password.data(), password.size()) == 0;
}

std::string DescribeArgon2(Limits limits) {
  const bool stored = limits == Limits::kStored;
  return absl::StrCat("$argon2id$ of at most ", (stored ? kMaxKiB : kMaxImportedKiB) / kKiB, " MiB and ",
                      stored ? kMaxPasses : kMaxImportedPasses, " passes");
}

}  // namespace

const HashFunction kArgon2id = {ReadArgon2, VerifyArgon2, DescribeArgon2};

absl::optional<Argon2Cost> ReadArgon2Cost(absl::string_view text) {
  if (text.size() > kMaxTextBytes || !absl::ConsumePrefix(&text, kArgon2Prefix)) return absl::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
  if (parts.size() != 4 || parts[0] != "v=19") return absl::nullopt;
  const std::vector<absl::string_view> numbers = absl::StrSplit(parts[1], ',');
  Argon2Cost cost;
  if (numbers.size() != 3 || !ReadParameter(numbers[0], "m=", 1, kMaxKiB, &cost.memory_kib) ||
      !ReadParameter(numbers[1], "t=", 1, kMaxPasses, &cost.passes) ||
      !ReadParameter(numbers[2], "p=", 1, kMaxLanes, &cost.lanes)) {
    return absl::nullopt;
  }
  // A wrong password could match a short hash by chance.
  const bool sizes = IsBase64Of(parts[2], 8, 64) && IsBase64Of(parts[3], 16, 64);
  if (!sizes || cost.memory_kib < kMinKiBPerLane * cost.lanes) return absl::nullopt;
  return cost;
}

void FillMemory(uint64_t memory_kib) {
  unsigned char hash[crypto_pwhash_BYTES_MIN];
  const unsigned char salt[crypto_pwhash_SALTBYTES] = {};
  // Without memory it fails, and so would a real hash.
  [[maybe_unused]] const int failed =
      crypto_pwhash(hash, sizeof(hash), "", 0, salt, 1, memory_kib * kKiB, crypto_pwhash_ALG_ARGON2ID13);
}

}  // namespace identity::hashes
