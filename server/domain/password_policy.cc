#include "server/domain/password_policy.h"

#include <openssl/evp.h>
#include <zxcvbn.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "server/base/encoding/utf8.h"
#include "server/base/error.h"
#include "server/base/sodium.h"
#include "server/base/status_macros.h"
#include "server/domain/password.h"

namespace identity {
namespace {

constexpr size_t kSha1Bytes = 20;
constexpr size_t kSha1Digits = 2 * kSha1Bytes;
constexpr size_t kPrefixDigits = 2 * sizeof(uint64_t);
constexpr size_t kMinContextCharacters = 3;
constexpr absl::string_view kServiceName = "identity";

// zxcvbn's scores 1 to 4 begin at 10^3, 10^6, 10^8 and 10^10 guesses; in bits.
constexpr double kScoreBits[] = {9.97, 19.93, 26.58, 33.22};

bool IsSymbol(unsigned char c) { return !absl::ascii_isalnum(c); }
bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

uint64_t Sha1Prefix(absl::string_view bytes) {
  unsigned char digest[kSha1Bytes];
  // It fails only without memory. The unset digest would then look like the hash of a good password.
  if (EVP_Digest(bytes.data(), bytes.size(), digest, nullptr, EVP_sha1(), nullptr) != 1) std::abort();
  uint64_t prefix = 0;
  for (size_t i = 0; i < sizeof(prefix); ++i) prefix = (prefix << 8) | digest[i];
  sodium_memzero(digest, sizeof(digest));
  return prefix;
}

bool IsSha1Line(absl::string_view line) {
  const absl::string_view digits = line.substr(0, kSha1Digits);
  if (digits.size() != kSha1Digits || !std::all_of(digits.begin(), digits.end(), IsHexDigit)) return false;
  absl::string_view count = line.substr(kSha1Digits);
  if (count.empty()) return true;
  return absl::ConsumePrefix(&count, ":") && !count.empty() &&
         std::all_of(count.begin(), count.end(), absl::ascii_isdigit);
}

// The beginning of `text` for zxcvbn, which treats each byte as a character and NUL as the end. Each code point beyond
// ASCII becomes one byte: otherwise a repeated letter would look like a sequence of different bytes, twice as long. The
// omitted rest could only raise the score.
std::string Estimated(absl::string_view text) {
  std::string estimated;
  estimated.reserve(PasswordPolicy::kScoredCharacters);
  while (!text.empty() && estimated.size() < PasswordPolicy::kScoredCharacters) {
    const auto byte = static_cast<uint8_t>(text.front());
    const absl::optional<uint32_t> code_point = ConsumeCodePoint(text);
    if (!code_point) text.remove_prefix(1);
    const uint32_t value = code_point.value_or(byte);
    const uint32_t character = value < 0x80 ? std::max(value, 1u) : 0x80 | (value & 0x7f);
    estimated.push_back(static_cast<char>(character));
  }
  return estimated;
}

// The score of `password` by zxcvbn, 0 to 4. Any thread may call it: Debian's library has a built-in dictionary, so
// there is nothing to load, and no global variables.
int Score(absl::string_view password, const std::vector<std::string>& context) {
  std::vector<std::string> words;
  words.reserve(context.size());
  for (const std::string& word : context) words.push_back(Estimated(word));
  std::vector<const char*> dictionary;
  for (const std::string& word : words) dictionary.push_back(word.c_str());
  dictionary.push_back(nullptr);
  std::string estimated = Estimated(password);
  const double bits = ZxcvbnMatch(estimated.c_str(), dictionary.data(), nullptr);
  Wipe(estimated);
  const auto reached = [bits](double least) { return bits >= least; };
  return static_cast<int>(std::count_if(std::begin(kScoreBits), std::end(kScoreBits), reached));
}

// True when less than half of `password` remains after removing the words, in any case.
bool IsMostly(absl::string_view password, const std::vector<std::string>& context) {
  std::vector<std::pair<std::string, absl::string_view>> nothing_for_word;
  for (const std::string& word : context) nothing_for_word.emplace_back(absl::AsciiStrToLower(word), "");
  std::string lower = absl::AsciiStrToLower(password);
  std::string rest = absl::StrReplaceAll(lower, nothing_for_word);
  const bool mostly = rest.size() * 2 < password.size();
  Wipe(lower);
  Wipe(rest);
  return mostly;
}

absl::Status CheckLength(absl::string_view field, absl::string_view password, size_t min_characters) {
  if (password.size() > kMaxPasswordBytes) {
    return InvalidField(field, absl::StrCat("must be at most ", kMaxPasswordBytes, " bytes"));
  }
  if (CharacterCount(password) < min_characters) {
    return InvalidField(field, absl::StrCat("must be at least ", min_characters, " characters"));
  }
  return absl::OkStatus();
}

absl::Status CheckClasses(absl::string_view field, absl::string_view password, const PasswordRules& rules) {
  const auto lacks = [password](bool (*is_of)(unsigned char)) {
    return std::none_of(password.begin(), password.end(), is_of);
  };
  if (rules.upper && lacks(absl::ascii_isupper))
    return InvalidField(field, "must contain an upper-case letter, A to Z");
  if (rules.lower && lacks(absl::ascii_islower)) return InvalidField(field, "must contain a lower-case letter, a to z");
  if (rules.digit && lacks(absl::ascii_isdigit)) return InvalidField(field, "must contain a digit");
  if (rules.symbol && lacks(IsSymbol))
    return InvalidField(field, "must contain a character that is neither a letter nor a digit");
  return absl::OkStatus();
}

}  // namespace

void BreachedPasswords::Builder::Add(absl::string_view line) {
  absl::ConsumeSuffix(&line, "\r");
  if (line.empty()) return;
  uint64_t prefix = 0;
  const bool is_hash = IsSha1Line(line) && absl::SimpleHexAtoi(line.substr(0, kPrefixDigits), &prefix);
  prefixes_.push_back(is_hash ? prefix : Sha1Prefix(line));
}

BreachedPasswords BreachedPasswords::Builder::Build() && {
  std::sort(prefixes_.begin(), prefixes_.end());
  prefixes_.erase(std::unique(prefixes_.begin(), prefixes_.end()), prefixes_.end());
  prefixes_.shrink_to_fit();
  return BreachedPasswords(std::move(prefixes_));
}

bool BreachedPasswords::Contains(const Secret& password) const {
  return std::binary_search(prefixes_.begin(), prefixes_.end(), Sha1Prefix(password.Reveal()));
}

PasswordPolicy::PasswordPolicy(const PasswordRules& rules, BreachedPasswords breached)
    : rules_(rules), breached_(std::move(breached)) {}

absl::Status PasswordPolicy::Check(absl::string_view field, const Secret& password,
                                   const std::vector<std::string>& context) const {
  const absl::string_view bytes = password.Reveal();
  RETURN_IF_ERROR(CheckLength(field, bytes, rules_.min_characters));
  if (breached_.Contains(password)) return InvalidField(field, "is known from a breach of another service");
  if (IsMostly(bytes, context)) return InvalidField(field, "must not be made of your name, e-mail or this service's");
  RETURN_IF_ERROR(CheckClasses(field, bytes, rules_));
  if (rules_.min_score > 0 && Score(bytes, context) < rules_.min_score) {
    return InvalidField(field, "is too easy to guess: a longer one of several uncommon words is better");
  }
  return absl::OkStatus();
}

std::vector<std::string> ContextWords(absl::string_view username, absl::string_view email,
                                      absl::string_view full_name) {
  std::vector<std::string> words = {std::string(username), std::string(email),
                                    std::string(email.substr(0, email.find('@'))), std::string(kServiceName)};
  for (const absl::string_view word : absl::StrSplit(full_name, absl::ByAnyChar(" -"))) words.emplace_back(word);
  const auto is_short = [](const std::string& word) { return CharacterCount(word) < kMinContextCharacters; };
  words.erase(std::remove_if(words.begin(), words.end(), is_short), words.end());
  return words;
}

}  // namespace identity
