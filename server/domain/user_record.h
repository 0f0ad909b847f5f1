#ifndef IDENTITY_DOMAIN_USER_RECORD_H_
#define IDENTITY_DOMAIN_USER_RECORD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/domain/password.h"
#include "server/domain/resource.h"

namespace identity {

// A user of another system, from one line of an imported file. A value.
struct UserRecord {
  static constexpr size_t kMaxRoles = 100;

  struct Role {
    std::string name;
    Resource resource;
    absl::Time expire_time = absl::InfiniteFuture();
    // From a Keycloak realm, where the names of our built-in roles may have another meaning.
    bool of_realm = false;
  };

  std::string username;  // folded
  std::string email;     // as typed
  std::string email_folded;
  bool email_verified = false;
  std::string full_name;
  bool disabled = false;
  absl::optional<PasswordHash> password_hash;  // unset: the user cannot log in by password until one is set
  std::vector<Role> roles;                     // unique by name and resource
};

// Reads a JSON object:
//   username, email            texts, both required
//   email_verified, disabled   booleans, false by default
//   full_name                  a text
//   password_hash              a text that PasswordHash::ParseImported accepts
//   roles                      an array of names and of objects {role, resource, expire_time (RFC 3339)}
// and their equivalents in the realm exports of Keycloak: emailVerified, enabled, firstName and lastName, realmRoles,
// and credentials with passwords of pbkdf2-sha256, pbkdf2-sha512 and argon2. Ignores the roles that every realm has,
// and all other members. A null member counts as missing.
//
// INVALID_ARGUMENT that names the field but never quotes its value; also for a password in plain text. Sets `username`
// to that of the line even when another field is refused, and to "" when the line has no valid one.
absl::StatusOr<UserRecord> ParseUserRecord(absl::string_view line, std::string* username);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_USER_RECORD_H_
