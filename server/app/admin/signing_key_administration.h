#ifndef IDENTITY_APP_ADMIN_SIGNING_KEY_ADMINISTRATION_H_
#define IDENTITY_APP_ADMIN_SIGNING_KEY_ADMINISTRATION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/app/access/admission.h"
#include "server/app/change/mutation.h"
#include "server/base/sealed_box.h"
#include "server/domain/signing_key.h"

namespace identity {

// Shows the keys that access tokens are signed with, and lets the next one take over. Thread-safe.
class SigningKeyAdministration {
 public:
  static constexpr size_t kMaxRetiring = 10;

  SigningKeyAdministration(Database& database, const Mutations& mutations, const MasterKeys& master_keys)
      : database_(database), mutations_(mutations), master_keys_(master_keys) {}

  // The public half of a key.
  struct Key {
    std::string kid;
    SigningKeyState state = SigningKeyState::kNext;
    std::string jwk;
    absl::Time create_time;
    absl::optional<absl::Time> retire_time;
  };
  // By creation.
  absl::StatusOr<std::vector<Key>> List(const RequestContext& context);

  struct Rotated {
    Key active;
    ConsistencyToken token;
  };
  // The next key signs from now on, the one that did retires, and another next one is made. FAILED_PRECONDITION /
  // LIMIT_REACHED with kMaxRetiring that still retire.
  absl::StatusOr<Rotated> Rotate(const RequestContext& context, const Caller& caller);

 private:
  Database& database_;
  const Mutations& mutations_;
  const MasterKeys& master_keys_;
};

// Makes the keys that sign now and next where there are none. Of several replicas that start together one makes them.
absl::Status MakeMissingSigningKeys(const RequestContext& context, Database& database, const MasterKeys& master_keys);

// Deletes the keys whose last token has long expired, and tells the replicas, who then take no token of theirs. Takes
// no lock when there are none.
absl::Status RemoveRetiredSigningKeys(const RequestContext& context, Database& database);

}  // namespace identity

#endif  // IDENTITY_APP_ADMIN_SIGNING_KEY_ADMINISTRATION_H_
