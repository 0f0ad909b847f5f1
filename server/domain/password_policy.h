#ifndef IDENTITY_DOMAIN_PASSWORD_POLICY_H_
#define IDENTITY_DOMAIN_PASSWORD_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/base/secret.h"

namespace identity {

// The rules for new passwords besides the maximum length (NIST SP 800-63B section 3.1.1.2, ASVS 6.2). The letters and
// digits are those of ASCII; any other character is a symbol. A value.
struct PasswordRules {
  size_t min_characters = 8;
  int min_score = 3;  // of zxcvbn, 0 (no estimate) to 4
  bool upper = false;
  bool lower = false;
  bool digit = false;
  bool symbol = false;
};

// Passwords that are known from breaches, as sorted SHA-1 prefixes of 8 bytes each. With a billion entries, it refuses
// one in 18 billion good passwords by mistake. Immutable once built.
class BreachedPasswords {
 public:
  class Builder {
   public:
    // A line is either the password itself, or 40 hexadecimal digits, optionally followed by ":" and a count, as such
    // lists are published. Ignores a CR at the end, and empty lines.
    void Add(absl::string_view line);
    BreachedPasswords Build() &&;

   private:
    std::vector<uint64_t> prefixes_;
  };

  BreachedPasswords() = default;
  // Compares the exact bytes.
  bool Contains(const Secret& password) const;
  size_t size() const { return prefixes_.size(); }

 private:
  explicit BreachedPasswords(std::vector<uint64_t> prefixes) : prefixes_(std::move(prefixes)) {}
  std::vector<uint64_t> prefixes_;
};

// Decides which new passwords are acceptable. Immutable, so safe from any thread.
class PasswordPolicy {
 public:
  // zxcvbn scores only so many characters, of the password and of each context word. Its time grows fast with the
  // length: it takes a second for "12" 50 times. The worst passwords of this length that a search found take less than
  // 10 ms.
  static constexpr size_t kScoredCharacters = 32;

  explicit PasswordPolicy(const PasswordRules& rules, BreachedPasswords breached = {});

  // INVALID_ARGUMENT naming `field` and the broken rule, for the user that chose the password:
  // - too short in characters (in bytes when it is not UTF-8), or longer than 1,024 bytes,
  // - known from breaches,
  // - made of words of `context` by more than half,
  // - without a class of characters that the rules require,
  // - too easy to guess, also from `context`.
  // Uses the exact bytes, without trimming. Never quotes the password. Takes up to 10 ms, so run it on a hash
  // thread.
  absl::Status Check(absl::string_view field, const Secret& password, const std::vector<std::string>& context) const;

 private:
  PasswordRules rules_;
  BreachedPasswords breached_;
};

// The words that an attacker would try first for an account. They are its username, its e-mail address, the local part
// of the address, the words of its full name, and "identity". Only words of 3 characters or more.
std::vector<std::string> ContextWords(absl::string_view username, absl::string_view email, absl::string_view full_name);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_PASSWORD_POLICY_H_
