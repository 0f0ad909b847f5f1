#ifndef IDENTITY_DB_STORES_PASSWORDS_H_
#define IDENTITY_DB_STORES_PASSWORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "db/stores/lockout.h"
#include "server/domain/account_names.h"
#include "server/domain/ids.h"
#include "server/domain/password.h"

// The passwords of users, and the guesses at them. Errors are those of Transaction::Execute.
namespace identity::passwords {

// Inserts the first password of a user. `one_time`: the password is valid only for changing it.
absl::Status Insert(Transaction& transaction, const PrincipalId& id, const PasswordHash& hash, bool one_time);
// Sets or replaces the password, and forgets failed guesses and a lock. `verified_change_time` is the change time of
// the password that the caller verified. When it is set and that password was replaced since, returns false and changes
// nothing.
absl::StatusOr<bool> Set(Transaction& transaction, const PrincipalId& id, const PasswordHash& hash,
                         const absl::optional<absl::Time>& verified_change_time);
// Sets or replaces the password by one that is valid only for changing it, and forgets failed guesses and a lock.
absl::Status SetOneTime(Transaction& transaction, const PrincipalId& id, const PasswordHash& hash);
// Replaces `old_hash` by `new_hash` of the same password. Changes nothing when the password was changed meanwhile.
absl::Status Rehash(Transaction& transaction, const PrincipalId& id, const PasswordHash& old_hash,
                    const PasswordHash& new_hash);

// The hashes of about 1,000 accounts, from random pages of the table. Of a small table, those of all accounts.
absl::StatusOr<std::vector<std::string>> Sample(Transaction& transaction);

struct Guess {
  PrincipalId id;
  std::string hash;
  absl::Time change_time;  // differs for each new password; a rehash keeps it
  bool one_time = false;
  bool mfa = false;             // a second factor is due
  bool email_verified = false;  // the account's address is verified
  int64_t failures = 0;         // guesses in a row, if this one is wrong
  // Set when this guess is the last one that is allowed: the end of the lock, which stands if the guess is wrong.
  absl::optional<absl::Time> lock_end;
  absl::optional<DeviceId> device;  // the trusted device that the guess was counted against; unset: the account
};
// The guess in the row of a statement that reserved one.
Guess ReadGuess(const Rows::Row& row);
// Why no guess may be verified. Never part of an answer.
enum class Obstacle { kNone, kUnknownAccount, kDisabled, kNoPassword, kLocked };
struct Reservation {
  absl::optional<Guess> guess;  // unset: there is an obstacle
  Obstacle obstacle = Obstacle::kUnknownAccount;
  absl::optional<PrincipalId> account;  // unset: there is none
};
// Finds the account of `login` and counts a guess against it before the caller verifies the password. When there is an
// obstacle, the function writes a decoy row, so that the cost reveals nothing.
absl::StatusOr<Reservation> ReserveGuess(Transaction& transaction, const LoginName& login, const Lockout& lockout);
// The same for the account with this id.
absl::StatusOr<Reservation> ReserveGuess(Transaction& transaction, const PrincipalId& id, const Lockout& lockout);
// As the first, in a transaction of its own. Errors as Database::Execute.
absl::StatusOr<Reservation> ReserveGuess(Database& database, const RequestContext& context, const LoginName& login,
                                         const Lockout& lockout);

// Forgets failed guesses and a lock after a correct password that began no session. Changes nothing when the password
// was changed meanwhile.
absl::Status ForgetGuesses(Transaction& transaction, const PrincipalId& id, absl::Time verified_change_time);

absl::StatusOr<bool> Exists(Transaction& transaction, const PrincipalId& id);

// Forgets failed guesses and a lock.
absl::Status Unlock(Transaction& transaction, const PrincipalId& id);

}  // namespace identity::passwords

#endif  // IDENTITY_DB_STORES_PASSWORDS_H_
