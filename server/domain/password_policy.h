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

// What a new password must meet beside its greatest length (NIST SP 800-63B section 3.1.1.2, ASVS 6.2). The classes are
// of ASCII; a symbol is whatever is neither letter nor digit of it. A value.
struct PasswordRules {
  size_t min_characters = 8;
  int min_score = 3;  // zxcvbn's, 0 (no estimate is made) to 4
  bool upper = false;
  bool lower = false;
  bool digit = false;
  bool symbol = false;
};

// Passwords known from breaches, 8 bytes each: SHA-1 prefixes, sorted. At a billion entries one good password in
// 18 billion is refused by mistake. Immutable once built.
class BreachedPasswords {
 public:
  class Builder {
   public:
    // A line is either 40 hexadecimal digits, optionally followed by ":" and a count (the form in which such lists are
    // published), or the password itself. A CR at its end does not count; an empty line is nothing.
    void Add(absl::string_view line);
    BreachedPasswords Build() &&;

   private:
    std::vector<uint64_t> prefixes_;
  };

  BreachedPasswords() = default;
  // Of these exact bytes.
  bool Contains(const Secret& password) const;
  size_t size() const { return prefixes_.size(); }

 private:
  explicit BreachedPasswords(std::vector<uint64_t> prefixes) : prefixes_(std::move(prefixes)) {}
  std::vector<uint64_t> prefixes_;
};

// Decides what may become somebody's password. Immutable, so safe from any thread.
class PasswordPolicy {
 public:
  explicit PasswordPolicy(const PasswordRules& rules, BreachedPasswords breached = {});

  // INVALID_ARGUMENT naming `field` and the rule that is broken, for the person who chose it: too short in characters
  // (in bytes when it is not UTF-8), longer than 1,024 bytes, known from breaches, for the greater part words of
  // `context`, without a class that the rules ask for, or too easy to guess, also from `context`. Exact bytes: nothing
  // is trimmed. Never quotes the password. Takes a few milliseconds at most.
  absl::Status Check(absl::string_view field, const Secret& password, const std::vector<std::string>& context) const;

 private:
  PasswordRules rules_;
  BreachedPasswords breached_;
};

// What who knows an account would try first: its username, e-mail and the local part of that, the words of its full
// name and "identity"; those of 3 characters and more.
std::vector<std::string> ContextWords(absl::string_view username, absl::string_view email, absl::string_view full_name);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_PASSWORD_POLICY_H_
