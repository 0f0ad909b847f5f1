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
#include "db/stores/principals.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"

// Authenticator apps, recovery codes, and logins whose second factor is due. Times are the database's. Errors are those
// of Transaction::Execute unless said otherwise.
namespace identity::second_factors {

// An authenticator app as it is kept.
struct Totp {
  std::string sealed_secret;
  std::string master_key_id;
  bool confirmed = false;
  int64_t last_step = 0;  // the newest that was accepted
  absl::Time now;         // by the database's clock
};

// Replaces one that was not confirmed. ALREADY_EXISTS when one is.
absl::Status Enroll(Transaction& transaction, const PrincipalId& id, absl::string_view sealed_secret,
                    absl::string_view master_key_id);
// Locks it until the transaction ends. nullopt: there is none.
absl::StatusOr<absl::optional<Totp>> Find(Transaction& transaction, const PrincipalId& id);
// Makes it count, and forgets wrong codes; `step` is that of the code that confirmed it.
absl::Status Confirm(Transaction& transaction, const PrincipalId& id, int64_t step);
// Takes away the app, the recovery codes and the challenges. False when there was no app, confirmed or not.
absl::StatusOr<bool> Remove(Transaction& transaction, const PrincipalId& id);

// Counts a wrong code against the app, confirmed or not yet, before the code is looked at, and locks the row until the
// transaction ends: of parallel uses of one code the second meets the step that the first has left. nullopt: there is
// no such app, or it is blocked.
absl::StatusOr<absl::optional<Totp>> ReserveTry(Transaction& transaction, const PrincipalId& id, bool confirmed,
                                                const principals::Lockout& lockout);
// The code was right: its step is spent, and the wrong ones before it are forgotten.
absl::Status Accept(Transaction& transaction, const PrincipalId& id, int64_t step);

absl::Status ReplaceRecoveryCodes(Transaction& transaction, const PrincipalId& id,
                                  const std::vector<std::string>& hashes);
// False: no such code is left.
absl::StatusOr<bool> SpendRecoveryCode(Transaction& transaction, const PrincipalId& id, absl::string_view hash);

// The account has a confirmed app.
absl::StatusOr<bool> IsEnabled(Transaction& transaction, const PrincipalId& id);

// A login on its way, once its password was verified.
struct NewChallenge {
  PrincipalId principal_id;
  absl::Time password_change_time;  // of the password that was verified
  std::string hash;                 // of the token's secret
  std::string client_id;
  std::string audience;
  Scopes scopes;
  bool password_change_required = false;
  std::string user_agent;
  std::string device_name;
};
struct StoredChallenge {
  ChallengeId id;
  absl::Time expire_time;
};
// nullopt when the account was disabled or its password changed since it was verified.
absl::StatusOr<absl::optional<StoredChallenge>> InsertChallenge(Transaction& transaction, const NewChallenge& challenge,
                                                                absl::Duration lifetime);
// Counts a try against it and tells whose login it is. nullopt: unknown, expired, without tries left, or the account
// was disabled or its sessions ended since.
absl::StatusOr<absl::optional<PrincipalId>> TryChallenge(Transaction& transaction, const ChallengeId& id,
                                                         absl::string_view hash, int64_t max_tries);

// Removes challenges that have expired and apps that nobody confirmed within a day, at most `limit` of each.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::second_factors

#endif  // IDENTITY_DB_STORES_SECOND_FACTORS_H_
