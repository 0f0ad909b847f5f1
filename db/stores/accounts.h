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

// What users do with their own accounts: addresses, sessions, and the tokens that are mailed. Errors are those of
// Transaction::Execute unless said otherwise.
//
// The account that has the folded form of an address owns it; at most one does. Other accounts may claim the address:
// they show it as typed, and their owners cannot log in with it. A claimant that verifies the address becomes its
// owner, unless the current owner has verified it.
namespace identity::accounts {

struct Account {
  PrincipalId id;
  std::string username;
  std::string email;  // as typed
  bool email_owned = false;
  bool email_verified = false;
  bool ever_verified = false;  // this address or an earlier one
  std::string pending_email;   // "" for none
  std::string full_name;
  bool disabled = false;
  absl::Time create_time;
  absl::optional<absl::Time> last_login_time;
  bool mfa_enabled = false;
  int64_t recovery_codes = 0;
  std::vector<std::string> roles;  // names of the roles that are bound everywhere
};
absl::StatusOr<absl::optional<Account>> Find(Transaction& transaction, const PrincipalId& id);
// The account with a login name.
absl::StatusOr<absl::optional<Account>> Find(Transaction& transaction, const LoginName& login);

struct NewAccount {
  std::string username;  // folded
  std::string email;     // as typed
  std::string full_name;
};
// The new account only claims its address. ALREADY_EXISTS for the username.
absl::StatusOr<PrincipalId> InsertClaiming(Transaction& transaction, const NewAccount& account);

// Sets the pending address, which is to be verified. The current address stays until then.
absl::Status SetPendingEmail(Transaction& transaction, const PrincipalId& id, absl::string_view email);
// Removes the pending address, and deletes the tokens that were mailed to it.
absl::Status ForgetPendingEmail(Transaction& transaction, const PrincipalId& id);
// Sets the address immediately, unverified. This function and the next delete all mailed tokens of the account,
// including those for the old address. ALREADY_EXISTS when another account owns the address.
absl::Status SetUnverifiedEmail(Transaction& transaction, const PrincipalId& id, absl::string_view email,
                                absl::string_view folded);
// Sets the address as verified, by proof or by an administrator's decision. An account that owned it unverified loses
// it. ALREADY_EXISTS when another account has verified it.
absl::Status SetVerifiedEmail(Transaction& transaction, const PrincipalId& id, absl::string_view email,
                              absl::string_view folded);
// The username of another account than `id` that has verified the address. nullopt: there is none.
absl::StatusOr<absl::optional<std::string>> FindOtherVerified(Transaction& transaction, const PrincipalId& id,
                                                              absl::string_view folded);

absl::Status SetFullName(Transaction& transaction, const PrincipalId& id, absl::string_view full_name);

// Forgets wrong passwords and wrong codes, and ends the locks that they caused.
absl::Status Unlock(Transaction& transaction, const PrincipalId& id);

// Ends everything but API keys: raises the epoch, and deletes pending mail tokens, login challenges, trusted devices
// and the pending address. An attacker who knew the old password may have requested these. `kept` continues at the new
// epoch. Returns the number of sessions that have ended.
absl::StatusOr<int64_t> EndSessions(Transaction& transaction, const PrincipalId& id,
                                    const absl::optional<SessionId>& kept);

enum class MailedPurpose { kVerifyEmail, kResetPassword };
struct MailedToken {
  PrincipalId principal_id;
  std::string email;  // the recipient, as typed
};
// Also deletes the account's tokens for the same purpose that were mailed to other addresses. nullopt: there is no such
// user.
absl::StatusOr<absl::optional<MailedTokenId>> InsertMailedToken(Transaction& transaction, MailedPurpose purpose,
                                                                const PrincipalId& principal, absl::string_view email,
                                                                absl::string_view hash, absl::Duration lifetime);
// nullopt: the token is unknown, expired or used, its account is disabled, or it resets a password and was mailed to
// another address than the account has now.
absl::StatusOr<absl::optional<MailedToken>> FindMailedToken(Transaction& transaction, MailedPurpose purpose,
                                                            const MailedTokenId& id, absl::string_view hash);
// The same, and deletes it: of any number of concurrent uses only one gets the token.
absl::StatusOr<absl::optional<MailedToken>> TakeMailedToken(Transaction& transaction, MailedPurpose purpose,
                                                            const MailedTokenId& id, absl::string_view hash);

// Removes at most `limit` expired mailed tokens. Returns how many.
absl::StatusOr<int64_t> Clean(Transaction& transaction, int64_t limit);

}  // namespace identity::accounts

#endif  // IDENTITY_DB_STORES_ACCOUNTS_H_
