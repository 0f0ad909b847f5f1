#include "server/domain/hashes/bcrypt.h"

#include <crypt.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/base/secret.h"
#include "server/base/sodium.h"

namespace identity::hashes {
namespace {

constexpr size_t kBcryptBytes = 60;
constexpr size_t kBcryptHashBegin = 29;  // after the prefix, the cost and the salt
constexpr int kMinBcryptCost = 4;
constexpr int kMaxBcryptCost = 16;
constexpr int kMaxImportedBcryptCost = 14;
constexpr uint64_t kWorkOfBcryptRound = 100;  // measured; a cost of c has 2^c rounds

bool IsBcryptDigit(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '/'; }

absl::optional<Cost> ReadBcrypt(absl::string_view text) {
  if (text.size() != kBcryptBytes || text[3] != '$' || text[6] != '$') return absl::nullopt;
  const absl::string_view prefix = text.substr(0, 3);
  if (prefix != "$2a" && prefix != "$2b" && prefix != "$2y") return absl::nullopt;
  int cost = 0;
  const absl::string_view digits = text.substr(4, 2);
  const bool is_number = std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit);
  if (!is_number || !absl::SimpleAtoi(digits, &cost)) return absl::nullopt;
  if (cost < kMinBcryptCost || cost > kMaxBcryptCost) return absl::nullopt;
  const absl::string_view rest = text.substr(7);
  if (!std::all_of(rest.begin(), rest.end(), IsBcryptDigit)) return absl::nullopt;
  // The last digit of the hash has 4 significant bits; every implementation writes 0 for the other 2.
  if (!absl::StrContains(".CGKOSWaeimquy26", rest.back())) return absl::nullopt;
  return Cost{kWorkOfBcryptRound << cost, cost <= kMaxImportedBcryptCost};
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

std::string DescribeBcrypt(Limits limits) {
  return absl::StrCat("bcrypt of cost ", kMinBcryptCost, " to ",
                      limits == Limits::kStored ? kMaxBcryptCost : kMaxImportedBcryptCost);
}

}  // namespace

const HashFunction kBcrypt = {ReadBcrypt, VerifyBcrypt, DescribeBcrypt};

}  // namespace identity::hashes
