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

// A user of another system, as one line of a file that is imported. A value.
struct UserRecord {
  static constexpr size_t kMaxRoles = 100;

  struct Role {
    std::string name;
    Resource resource;
    absl::Time expire_time = absl::InfiniteFuture();
    // Of a Keycloak realm, where the names of our built-in roles may mean anything.
    bool of_realm = false;
  };

  std::string username;  // folded
  std::string email;     // as typed
  std::string email_folded;
  bool email_verified = false;
  std::string full_name;
  bool disabled = false;
  absl::optional<PasswordHash> password_hash;  // unset: nobody logs in by password until one is set
  std::vector<Role> roles;                     // no two of the same name and resource
};

// Reads a JSON object:
//   username, email            texts, both needed
//   email_verified, disabled   booleans, false when left out
//   full_name                  a text
//   password_hash              a text as PasswordHash::ParseImported takes it
//   roles                      an array of names and of objects {role, resource, expire_time (RFC 3339)}
// and what Keycloak's realm exports have in their place: emailVerified, enabled, firstName and lastName, realmRoles,
// and credentials, of whose passwords it takes those of pbkdf2-sha256 and argon2. Roles that each realm has of itself
// are passed over, as is every other member; null is as good as left out.
//
// INVALID_ARGUMENT that names the field and holds nothing of its value, for a password in plain text, too. `username`
// is what the line has for one, also when the line is refused for something else; empty when that is no username.
absl::StatusOr<UserRecord> ParseUserRecord(absl::string_view line, std::string* username);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_USER_RECORD_H_
