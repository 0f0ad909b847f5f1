#ifndef IDENTITY_APP_ADMIN_SIGNING_KEYS_H_
#define IDENTITY_APP_ADMIN_SIGNING_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/access/caller.h"
#include "server/app/change/mutation.h"
#include "server/base/request_context.h"
#include "server/base/sealed_box.h"
#include "server/domain/signing_key.h"

namespace identity {

// Lists, rotates and removes the keys that sign access tokens. Thread-safe.
class SigningKeys {
 public:
  static constexpr size_t kMaxRetiring = 10;

  SigningKeys(Database& database, const Mutations& mutations, const MasterKeys& master_keys)
      : database_(database), mutations_(mutations), master_keys_(master_keys) {}

  // The public half of a key.
  struct Key {
    std::string kid;
    SigningKeyState state = SigningKeyState::kNext;
    std::string jwk;
    absl::Time create_time;
    absl::optional<absl::Time> retire_time;
  };
  // In the order of their creation.
  absl::StatusOr<std::vector<Key>> List(const RequestContext& context);

  struct Rotated {
    Key active;
    ConsistencyToken token;
  };
  // Activates the next key, retires the active one and creates a new next key. FAILED_PRECONDITION / LIMIT_REACHED
  // while kMaxRetiring keys are retiring.
  absl::StatusOr<Rotated> Rotate(const RequestContext& context, const Caller& caller);

  // Removes a key in any state, and thereby ends all tokens that it signed. Returns the active key, as after
  // RemoveSigningKey. NOT_FOUND for an unknown `kid`.
  absl::StatusOr<Rotated> Remove(const RequestContext& context, const Caller& caller, absl::string_view kid);

 private:
  Database& database_;
  const Mutations& mutations_;
  const MasterKeys& master_keys_;
};

// Creates the active and the next key if they are missing. When several replicas start together, only one of them
// creates the keys.
absl::Status MakeMissingSigningKeys(const RequestContext& context, Database& database, const MasterKeys& master_keys);

// The change of SigningKeys::Remove, without a check of the caller. When the removed key was the active one, the next
// key becomes active. Makes the keys that are then missing, and returns the active key. `details` is for the audit.
// Errors of SigningKeys::Remove.
absl::StatusOr<SigningKeys::Key> RemoveSigningKey(Mutation& mutation, const MasterKeys& master_keys,
                                                  absl::string_view kid, const std::string& details);

// Deletes the retiring keys whose last token has expired. Replicas learn of the deletion by the feed, and then refuse
// the tokens of these keys. Takes no lock when there is nothing to delete.
absl::Status RemoveRetiredSigningKeys(const RequestContext& context, Database& database);

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_SIGNING_KEYS_H_
