#ifndef IDENTITY_DB_STORES_SECOND_FACTORS_H_
#define IDENTITY_DB_STORES_SECOND_FACTORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/external/external_identities.h"
#include "db/stores/lockout.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"

// Authenticator apps, recovery codes, and the challenges of logins that still need a second factor. Times are the
// database's. Errors are those of Transaction::Execute unless said otherwise.
namespace identity::second_factors {

// A stored authenticator app.
struct Totp {
  std::string sealed_secret;
  std::string master_key_id;
  bool confirmed = false;
  int64_t last_step = 0;  // the newest accepted time step
  absl::Time now;         // by the database's clock
};

// Replaces an unconfirmed app. ALREADY_EXISTS when the account has a confirmed one.
absl::Status Enroll(Transaction& transaction, const PrincipalId& id, absl::string_view sealed_secret,
                    absl::string_view master_key_id);
// Locks the app until the transaction ends. nullopt: the account has none.
absl::StatusOr<absl::optional<Totp>> Find(Transaction& transaction, const PrincipalId& id);
// Activates the app and forgets wrong codes. `step` is the time step of the code that confirmed it, in `session`.
absl::Status Confirm(Transaction& transaction, const PrincipalId& id, int64_t step, const SessionId& session);
// Whether the app counts for permissions of `roles`: it was confirmed a day ago or trusted by an administrator, or it
// was confirmed in a session that began before each of the roles was bound.
absl::StatusOr<bool> CountsFor(Transaction& transaction, const PrincipalId& id, const std::vector<std::string>& roles);
// From now on the confirmed app counts for all roles. False when there is none.
absl::StatusOr<bool> Trust(Transaction& transaction, const PrincipalId& id);
// Removes the app, the recovery codes and the challenges, and takes the factor out of the account's sessions, which may
// have shown it. False when there was no app, confirmed or not.
absl::StatusOr<bool> Remove(Transaction& transaction, const PrincipalId& id);

// A code that was counted as a wrong one.
struct Try {
  Totp totp;
  int64_t failures = 0;  // wrong codes in a row, if this one is wrong
  // Set when this code is the last one that is allowed: the end of the block, which stands if the code is wrong.
  absl::optional<absl::Time> block_end;
};
// Counts a wrong code against the app before the caller verifies the code. Locks the row until the transaction ends, so
// the second of two parallel uses of one code sees the step that the first has spent. nullopt: the app is blocked, or
// the account has no app whose state matches `confirmed`.
absl::StatusOr<absl::optional<Try>> ReserveTry(Transaction& transaction, const PrincipalId& id, bool confirmed,
                                               const Lockout& lockout);
// After a correct code: spends its step and forgets earlier wrong codes.
absl::Status Accept(Transaction& transaction, const PrincipalId& id, int64_t step);

absl::Status ReplaceRecoveryCodes(Transaction& transaction, const PrincipalId& id,
                                  const std::vector<std::string>& hashes);
// False: the account has no such code left.
absl::StatusOr<bool> SpendRecoveryCode(Transaction& transaction, const PrincipalId& id, absl::string_view hash);

// Forgets wrong codes and ends a block.
absl::Status Unlock(Transaction& transaction, const PrincipalId& id);

// True when the account has a confirmed app.
absl::StatusOr<bool> IsEnabled(Transaction& transaction, const PrincipalId& id);

// The identity by which a login came. It is linked to the account once the challenge is answered, unless it is already.
struct PendingIdentity {
  external_identities::Key key;
  std::string label;
};
// A login whose first factor was verified and whose second factor is due.
struct NewChallenge {
  PrincipalId principal_id;
  absl::optional<absl::Time> password_change_time;  // of the password that was verified; unset: there was none
  std::string hash;                                 // of the token's secret
  std::string client_id;
  std::string audience;
  Scopes scopes;
  bool password_change_required = false;
  std::string user_agent;
  std::string device_name;
  bool trusted_device = false;
  std::vector<std::string> amr = {"pwd"};  // what the first factor proves
  absl::optional<PendingIdentity> identity = {};
};
struct StoredChallenge {
  ChallengeId id;
  absl::Time expire_time;
};
// nullopt when the account was disabled or its password changed after the password was verified.
absl::StatusOr<absl::optional<StoredChallenge>> InsertChallenge(Transaction& transaction, const NewChallenge& challenge,
                                                                absl::Duration lifetime);
struct OpenChallenge {
  PrincipalId principal_id;
  Scopes scopes;
  std::string audience;
  bool trusted_device = false;
  absl::optional<PendingIdentity> identity;
};
// Counts an attempt against the challenge and returns it. nullopt: the challenge is unknown or
// expired, or has no attempts left. Also nullopt when the account was disabled or its sessions ended since.
absl::StatusOr<absl::optional<OpenChallenge>> TryChallenge(Transaction& transaction, const ChallengeId& id,
                                                           absl::string_view hash, int64_t max_tries);

// Removes expired challenges, and apps that were not confirmed within a day, at most `limit` of each.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::second_factors

#endif  // IDENTITY_DB_STORES_SECOND_FACTORS_H_
