#ifndef IDENTITY_DB_STORES_ACCOUNTS_H_
#define IDENTITY_DB_STORES_ACCOUNTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/account_names.h"
#include "server/domain/ids.h"
#include "server/domain/password.h"

// What people do with their own accounts: addresses, passwords, and the tokens that are mailed. Errors are those of
// Transaction::Execute unless said otherwise.
//
// An address belongs to the one account that has its folded form. Others may claim it: they show it as typed, do not
// log in by it, and come to own it when they verify it, unless its owner has verified it.
namespace identity::accounts {

struct Account {
  PrincipalId id;
  std::string username;
  std::string email;  // as typed
  bool email_owned = false;
  bool email_verified = false;
  std::string pending_email;  // "" for none
  std::string full_name;
  bool disabled = false;
  absl::Time create_time;
  absl::optional<absl::Time> last_login_time;
  bool mfa_enabled = false;
  int64_t recovery_codes = 0;
  std::vector<std::string> roles;  // held everywhere, by name
};
absl::StatusOr<absl::optional<Account>> Find(Transaction& transaction, const PrincipalId& id);
// By a login name.
absl::StatusOr<absl::optional<Account>> Find(Transaction& transaction, const LoginName& login);

struct NewAccount {
  std::string username;  // folded
  std::string email;     // as typed
  std::string full_name;
};
// With an address that is only claimed. ALREADY_EXISTS for the username.
absl::StatusOr<PrincipalId> InsertClaiming(Transaction& transaction, const NewAccount& account);

// The address that shall be verified; the one that there is stays until then.
absl::Status SetPendingEmail(Transaction& transaction, const PrincipalId& id, absl::string_view email);
// It shall not be verified after all: what was mailed there is of no use any more.
absl::Status ForgetPendingEmail(Transaction& transaction, const PrincipalId& id);
// The address by what somebody says who may, at once. This and the next end all that was mailed before, to the old
// address, too. ALREADY_EXISTS when another account owns it.
absl::Status SetUnverifiedEmail(Transaction& transaction, const PrincipalId& id, absl::string_view email,
                                absl::string_view folded);
// The same with a proof, or an administrator's word: whoever owned it without one loses it. ALREADY_EXISTS when another
// account has verified it.
absl::Status SetVerifiedEmail(Transaction& transaction, const PrincipalId& id, absl::string_view email,
                              absl::string_view folded);
// Another account than `id` has verified the address: its username.
absl::StatusOr<absl::optional<std::string>> FindOtherVerified(Transaction& transaction, const PrincipalId& id,
                                                              absl::string_view folded);

absl::Status SetFullName(Transaction& transaction, const PrincipalId& id, absl::string_view full_name);

// Forgets wrong passwords and wrong codes, and what they locked.
absl::Status Unlock(Transaction& transaction, const PrincipalId& id);

// Sets or replaces the password, forgets failed guesses and a lock. With `verified_change_time` (of the password that
// was shown) it does nothing when that was replaced meanwhile: false.
absl::StatusOr<bool> SetPassword(Transaction& transaction, const PrincipalId& id, const PasswordHash& hash,
                                 const absl::optional<absl::Time>& verified_change_time);

// Ends all that is a person's beside API keys: raises the epoch and takes what was mailed or is on its way to a login,
// and an address that waits for its proof, for whoever had the old password may have asked for it. Returns how many
// sessions it ended, without `kept`, which goes on at the new epoch.
absl::StatusOr<int64_t> EndSessions(Transaction& transaction, const PrincipalId& id,
                                    const absl::optional<SessionId>& kept);

enum class MailedPurpose { kVerifyEmail, kResetPassword };
struct MailedToken {
  PrincipalId principal_id;
  std::string email;  // where it was sent to, as typed
};
// Those that were mailed to another address for the same purpose are of no use from now on.
absl::StatusOr<MailedTokenId> InsertMailedToken(Transaction& transaction, MailedPurpose purpose,
                                                const PrincipalId& principal, absl::string_view email,
                                                absl::string_view hash, absl::Duration lifetime);
// nullopt: unknown, expired, used, or of a disabled account.
absl::StatusOr<absl::optional<MailedToken>> FindMailedToken(Transaction& transaction, MailedPurpose purpose,
                                                            const MailedTokenId& id, absl::string_view hash);
// The same, and takes it: of any number of uses one gets it.
absl::StatusOr<absl::optional<MailedToken>> TakeMailedToken(Transaction& transaction, MailedPurpose purpose,
                                                            const MailedTokenId& id, absl::string_view hash);

// Removes mailed tokens that have expired, at most `limit`.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::accounts

#endif  // IDENTITY_DB_STORES_ACCOUNTS_H_
