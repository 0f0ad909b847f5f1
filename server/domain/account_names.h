#ifndef IDENTITY_DOMAIN_ACCOUNT_NAMES_H_
#define IDENTITY_DOMAIN_ACCOUNT_NAMES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace identity {

// The lower-case form of a username: 3 to 50 of [A-Za-z0-9_-]. INVALID_ARGUMENT (field "username") otherwise.
absl::StatusOr<std::string> FoldUsername(absl::string_view username);

// The same for the name of a new principal: refuses names that are nobody's, and those with the form of an id, too.
// Names `field` in the error.
absl::StatusOr<std::string> FoldNewName(absl::string_view field, absl::string_view name);

// The form of an e-mail address for comparisons: all ASCII letters in lower case. Accepts 3 to 254 bytes of ASCII: a
// dot-atom local part of at most 64 bytes, "@", and a host name of at least two labels. These are the addresses of RFC
// 5321 without quoted parts and address literals. Refuses letters beyond ASCII, since they could imitate another user's
// address. INVALID_ARGUMENT (field "email") otherwise.
absl::StatusOr<std::string> FoldEmail(absl::string_view email);

// A login name in the form for look-ups. A username cannot contain "@", and an address must.
struct LoginName {
  enum class Kind { kNone, kUsername, kEmail };
  Kind kind = Kind::kNone;
  std::string folded;
};
// Drops surrounding space. Never fails: returns kNone, which no account has, for text that cannot be a login name.
LoginName ParseLoginName(absl::string_view login);

// A label is text for people. INVALID_ARGUMENT naming `field` when `text` is longer than `max_bytes`, is not valid
// UTF-8 or contains a control character (such as NUL, CR and LF).
absl::Status CheckLabel(absl::string_view field, absl::string_view text, size_t max_bytes);

// The maximum lengths of labels.
inline constexpr size_t kMaxFullNameBytes = 256;
inline constexpr size_t kMaxDescriptionBytes = 256;  // of a role, of a service account
inline constexpr size_t kMaxDisplayNameBytes = 128;  // of an API key
inline constexpr size_t kMaxReasonBytes = 256;       // of an administrator's or operator's action
inline constexpr size_t kMaxUserAgentBytes = 512;
inline constexpr size_t kMaxDeviceNameBytes = 128;

}  // namespace identity

#endif  // IDENTITY_DOMAIN_ACCOUNT_NAMES_H_
