#ifndef IDENTITY_APP_OPERATOR_USER_FORMAT_H_
#define IDENTITY_APP_OPERATOR_USER_FORMAT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"
#include "server/domain/password.h"
#include "server/domain/user_record.h"

namespace identity {

// Whose JSON a file of users contains. kIdentity includes the realm exports of Keycloak (server/domain/user_record.h).
enum class UserFormat { kIdentity, kFirebase, kAuth0 };
// "identity", "firebase" or "auth0".
absl::string_view NameOf(UserFormat format);
absl::optional<UserFormat> ParseUserFormat(absl::string_view name);
std::vector<std::string> UserFormatNames();

// Reads the parameters that Firebase's console shows for the password hashes of a project:
//   hash_config {
//     algorithm: SCRYPT,
//     base64_signer_key: …,
//     base64_salt_separator: …,
//     rounds: 8,
//     mem_cost: 14,
//   }
// JSON with these members works, too. INVALID_ARGUMENT (field "firebase-hash-config-file") when one is missing or out
// of bounds.
absl::StatusOr<FirebaseHashConfig> ParseFirebaseHashConfig(const Secret& text);

// Reads users in one format. Immutable. Move-only.
class UserParser {
 public:
  // `firebase_hash_config`: for kFirebase only, the text for ParseFirebaseHashConfig, whose errors this returns.
  static absl::StatusOr<UserParser> Create(UserFormat format, const Secret& firebase_hash_config);

  // Reads a JSON object as ParseUserRecord does, with the same errors. Of other formats:
  // - kFirebase, the users of `firebase auth:export`: localId becomes the username. Reads email, emailVerified,
  //   displayName, disabled, passwordHash and salt.
  // - kAuth0, the export of password hashes and the file of a bulk import: the username is `username` or the id. Reads
  //   email, email_verified, name, blocked, and one of passwordHash, password_hash and custom_password_hash (bcrypt,
  //   argon2 or pbkdf2).
  absl::StatusOr<UserRecord> Parse(absl::string_view text, std::string* username) const;

 private:
  UserParser(UserFormat format, FirebaseHashConfig firebase) : format_(format), firebase_(std::move(firebase)) {}

  UserFormat format_;
  FirebaseHashConfig firebase_;
};

}  // namespace identity

#endif  // IDENTITY_APP_OPERATOR_USER_FORMAT_H_
