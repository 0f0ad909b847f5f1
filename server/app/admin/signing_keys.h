#ifndef IDENTITY_APP_ADMIN_SIGNING_KEYS_H_
#define IDENTITY_APP_ADMIN_SIGNING_KEYS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/signing_keys.h"
#include "server/app/access/caller.h"
#include "server/app/change/mutation.h"
#include "server/base/request_context.h"
#include "server/base/sealed_box.h"
#include "server/domain/signing_key.h"

namespace identity {

// Lists, rotates and removes the keys that sign access tokens. Each algorithm has keys of its own. Thread-safe.
class SigningKeys {
 public:
  static constexpr size_t kMaxRetiring = 10;  // of each algorithm

  // `usual`: the algorithm of `Rotate` without one.
  SigningKeys(Database& database, const Mutations& mutations, const MasterKeys& master_keys, SigningAlgorithm usual)
      : database_(database), mutations_(mutations), master_keys_(master_keys), usual_(usual) {}

  // The public half of a key.
  struct Key {
    std::string kid;
    SigningAlgorithm algorithm = SigningAlgorithm::kEdDsa;
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
  // Activates the next key of an algorithm, retires the active one and creates a new next key. Errors:
  // - NOT_FOUND when the algorithm has no keys;
  // - FAILED_PRECONDITION / SIGNING_KEY_TOO_NEW, with the time that is left, while the next key has been published for
  //   less than kPublicationTime;
  // - FAILED_PRECONDITION / LIMIT_REACHED while kMaxRetiring keys are retiring.
  absl::StatusOr<Rotated> Rotate(const RequestContext& context, const Caller& caller,
                                 absl::optional<SigningAlgorithm> algorithm);

  // Removes a key in any state, and thereby ends all tokens that it signed. Returns the active key, as
  // RemoveSigningKey does. NOT_FOUND for an unknown `kid`.
  absl::StatusOr<Rotated> Remove(const RequestContext& context, const Caller& caller, absl::string_view kid);

 private:
  Database& database_;
  const Mutations& mutations_;
  const MasterKeys& master_keys_;
  const SigningAlgorithm usual_;
};

// Creates the keys that are missing, of EdDSA and of the algorithms that `choice` includes. EdDSA always has a key that
// signs. Another algorithm gets an active key at once only when the database had no keys at all, so that nobody can
// have read them yet. Otherwise it gets a next key, and ActivatePublishedSigningKeys activates that later. When several
// replicas start together, only one of them creates the keys.
absl::Status MakeMissingSigningKeys(const RequestContext& context, Database& database, const MasterKeys& master_keys,
                                    const SigningChoice& choice);

// Activates the next key of each algorithm that has no active key, once it has been published for kPublicationTime, and
// creates its successor. Takes no lock when there is none.
absl::Status ActivatePublishedSigningKeys(const RequestContext& context, Database& database,
                                          const MasterKeys& master_keys);

// Deletes the retiring keys whose last token has expired. Replicas learn of the deletion by the feed, and then refuse
// the tokens of these keys. Takes no lock when there is nothing to delete.
absl::Status RemoveRetiredSigningKeys(const RequestContext& context, Database& database);

// A new next key, sealed, and not yet inserted. Takes up to a second.
absl::StatusOr<signing_keys::StoredKey> NewSigningKey(const MasterKeys& master_keys, SigningAlgorithm algorithm);

// The change of SigningKeys::Rotate, for the algorithm of `next`, which becomes the new next key. Does not check the
// caller. `publication_time`: how long a key must have been published before it signs.
absl::StatusOr<SigningKeys::Key> RotateSigningKey(Mutation& mutation, const signing_keys::StoredKey& next,
                                                  absl::Duration publication_time);

// New keys of one algorithm, made before a transaction that may need them.
struct SpareSigningKeys {
  signing_keys::StoredKey active;
  signing_keys::StoredKey next;
};
// For the removal of the key `kid`.
absl::StatusOr<SpareSigningKeys> MakeSpareSigningKeys(const RequestContext& context, Database& database,
                                                      const MasterKeys& master_keys, absl::string_view kid);

// The change of SigningKeys::Remove, without a check of the caller. When the removed key was the active one, the next
// key becomes active, however new it is. Inserts those of `spare` that are then missing. Returns the key that now signs
// the tokens of the removed key's algorithm: an EdDSA key, if that algorithm has no active key yet. `details` is for
// the audit. Errors of SigningKeys::Remove.
absl::StatusOr<SigningKeys::Key> RemoveSigningKey(Mutation& mutation, const SpareSigningKeys& spare,
                                                  absl::string_view kid, const std::string& details);

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_SIGNING_KEYS_H_
