#ifndef IDENTITY_DOMAIN_ACCOUNT_NAMES_H_
#define IDENTITY_DOMAIN_ACCOUNT_NAMES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace identity {

// The lower-case form of a username: 3 to 50 of [A-Za-z0-9_-]. INVALID_ARGUMENT (field "username") otherwise.
absl::StatusOr<std::string> FoldUsername(absl::string_view username);

// The form of an e-mail address by which two are compared: all ASCII letters in lower case. Takes 3 to 254 bytes of
// ASCII: a dot-atom local part of at most 64 bytes, "@", and a host name of at least two labels (RFC 5321, without
// quoted parts and address literals). Letters beyond ASCII are refused, so that no look-alike can pass for another's
// address. INVALID_ARGUMENT (field "email") otherwise.
absl::StatusOr<std::string> FoldEmail(absl::string_view email);

// A login name as typed, turned into the one form by which it is looked up: a username cannot hold "@", an address
// must. Surrounding space is dropped. Never fails: what cannot be a name gives kNone, which no account has.
struct LoginName {
  enum class Kind { kNone, kUsername, kEmail };
  Kind kind = Kind::kNone;
  std::string folded;
};
LoginName ParseLoginName(absl::string_view login);

// INVALID_ARGUMENT naming `field` when `text` is longer than `max_bytes`, is not valid UTF-8 or holds a control
// character (NUL, CR and LF among them).
absl::Status CheckLabel(absl::string_view field, absl::string_view text, size_t max_bytes);

// The same for the full name of a person: at most 256 bytes.
absl::Status CheckFullName(absl::string_view field, absl::string_view full_name);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_ACCOUNT_NAMES_H_
