#ifndef IDENTITY_DB_STORES_PRINCIPALS_H_
#define IDENTITY_DB_STORES_PRINCIPALS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/account_names.h"
#include "server/domain/decision.h"
#include "server/domain/ids.h"
#include "server/domain/password.h"

// Users, service accounts and their passwords. Errors are those of Transaction::Execute unless said otherwise.
namespace identity::principals {

// What a decision needs, the bindings that have not expired among it. nullopt: no such principal.
absl::StatusOr<absl::optional<PrincipalFacts>> FindFacts(Transaction& transaction, const PrincipalId& id);
// Of those that exist, in no order.
absl::StatusOr<std::vector<PrincipalFacts>> FindFacts(Transaction& transaction, const std::vector<PrincipalId>& ids);
// Of at most `limit` principals who are likely to come: owners of the newest sessions and of live API keys. Calls
// `take` for each in turn and keeps few at a time in memory. `take` must not use the transaction.
absl::Status ForEachLikely(Transaction& transaction, int64_t limit, absl::FunctionRef<void(PrincipalFacts)> take);

struct User {
  PrincipalId id;
  std::string username;
  std::string email;
  bool email_verified = false;
  std::string full_name;
  bool disabled = false;
  absl::Time create_time;
  absl::optional<absl::Time> last_login_time;
  bool mfa_enabled = false;                 // has a second factor
  absl::optional<absl::Time> locked_until;  // after wrong passwords; unset when that is over
};

struct NewUser {
  std::string username;  // folded
  std::string email;     // as typed
  std::string email_folded;
  std::string full_name;
};
// ALREADY_EXISTS that names the field.
absl::StatusOr<PrincipalId> InsertUser(Transaction& transaction, const NewUser& user);
absl::StatusOr<absl::optional<User>> FindUser(Transaction& transaction, const PrincipalId& id);
// Up to `limit` users with ids above `after` whose username or folded e-mail begins with `prefix`, by id.
absl::StatusOr<std::vector<User>> ListUsers(Transaction& transaction, const PrincipalId& after,
                                            absl::string_view prefix, int64_t limit);

struct ServiceAccount {
  PrincipalId id;
  std::string name;
  std::string description;
  bool disabled = false;
  absl::Time create_time;
};
// ALREADY_EXISTS that names the field.
absl::StatusOr<PrincipalId> InsertServiceAccount(Transaction& transaction, absl::string_view name,
                                                 absl::string_view description);
absl::StatusOr<absl::optional<ServiceAccount>> FindServiceAccount(Transaction& transaction, const PrincipalId& id);

// Up to `limit` with ids above `after`, by id.
absl::StatusOr<std::vector<ServiceAccount>> ListServiceAccounts(Transaction& transaction, const PrincipalId& after,
                                                                int64_t limit);

// Keeps the principal's state as it is until the transaction ends: whoever ends its sessions waits, and sees after that
// what this transaction wrote.
absl::Status LockState(Transaction& transaction, const PrincipalId& id);
// For who changes the state: waits for those who keep it. What is read after it is as they left it.
absl::Status LockForChange(Transaction& transaction, const PrincipalId& id);

// Takes what was mailed, what is on its way to a login, and an address that waits for its proof, too.
absl::Status Disable(Transaction& transaction, const PrincipalId& id);
// Raises the epoch, too: what was issued before the principal was disabled stays dead.
absl::Status Enable(Transaction& transaction, const PrincipalId& id);
// Ends all sessions and access tokens at once, and takes what Disable takes.
absl::Status RaiseEpoch(Transaction& transaction, const PrincipalId& id);

// `one_time`: it is good for nothing but to be changed.
absl::Status InsertPassword(Transaction& transaction, const PrincipalId& id, const PasswordHash& hash, bool one_time);
// nullopt: it has no password.
absl::StatusOr<absl::optional<std::string>> FindPasswordHash(Transaction& transaction, const PrincipalId& id);
// Replaces `old_hash` by `new_hash` of the same password; nothing when it was changed meanwhile.
absl::Status Rehash(Transaction& transaction, const PrincipalId& id, const PasswordHash& old_hash,
                    const PasswordHash& new_hash);

// How guesses are limited (NIST SP 800-63B section 3.2.2): the last of `free_guesses` locks for `first_lock`; each one
// after a lock's end locks again for twice as long, up to `longest_lock`.
struct Lockout {
  int64_t free_guesses = 5;
  absl::Duration first_lock = absl::Seconds(30);
  absl::Duration longest_lock = absl::Minutes(30);
};

struct Guess {
  PrincipalId id;
  std::string hash;
  absl::Time change_time;  // tells one password from the next; a rehash leaves it alone
  bool one_time = false;
  bool mfa = false;             // a second factor is due
  bool email_verified = false;  // the account's address is
};
// Finds the account of `login` and counts a guess against it before it is made. nullopt when none may be evaluated: no
// such account, no password, disabled, or locked; it then writes elsewhere, so that the cost tells nothing.
absl::StatusOr<absl::optional<Guess>> ReserveGuess(Transaction& transaction, const LoginName& login,
                                                   const Lockout& lockout);

// The same for an account by its id.
absl::StatusOr<absl::optional<Guess>> ReserveGuess(Transaction& transaction, const PrincipalId& id,
                                                   const Lockout& lockout);

// Gives the counted guesses back, after a right password that began no session. Nothing when the password changed
// meanwhile.
absl::Status ForgetGuesses(Transaction& transaction, const PrincipalId& id, absl::Time verified_change_time);

// Somebody else than `id`, who is not disabled, holds `super_admin` everywhere and without an end.
absl::StatusOr<bool> HasSuperAdminBeside(Transaction& transaction, const PrincipalId& id);

// Somebody holds `super_admin` everywhere.
absl::StatusOr<bool> HasSuperAdmin(Transaction& transaction);

}  // namespace identity::principals

#endif  // IDENTITY_DB_STORES_PRINCIPALS_H_
