#ifndef IDENTITY_DB_STORES_PRINCIPALS_H_
#define IDENTITY_DB_STORES_PRINCIPALS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "db/database.h"
#include "server/domain/decision.h"
#include "server/domain/ids.h"

// Users, service accounts, and the state of all principals. Errors are those of Transaction::Execute unless said
// otherwise.
namespace identity::principals {

// The facts for decisions, with the bindings that have not expired. nullopt: no such principal.
absl::StatusOr<absl::optional<PrincipalFacts>> FindFacts(Transaction& transaction, const PrincipalId& id);
// The facts of those of `ids` that exist, in no particular order.
absl::StatusOr<std::vector<PrincipalFacts>> FindFacts(Transaction& transaction, const std::vector<PrincipalId>& ids);
// The facts of at most `limit` principals that are likely to make requests: owners of the newest sessions and of live
// API keys.
absl::StatusOr<std::vector<PrincipalFacts>> FindLikely(Transaction& transaction, int64_t limit);

// A principal and its name, which is unique among those of its type.
struct NamedPrincipal {
  PrincipalType type = PrincipalType::kUser;
  std::string username;
  PrincipalId id;
};
// Those that have one of these names, which must be folded, in no particular order. No deleted ones.
absl::StatusOr<std::vector<NamedPrincipal>> FindByNames(Transaction& transaction,
                                                        const std::vector<std::string>& names);

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
  absl::optional<absl::Time> locked_until;  // after wrong passwords; unset when not locked
};

struct NewUser {
  std::string username;  // folded
  std::string email;     // as typed
  std::string email_folded;
  std::string full_name;
};
// ALREADY_EXISTS that names the field. Then the transaction must be rolled back.
absl::StatusOr<PrincipalId> InsertUser(Transaction& transaction, const NewUser& user);
absl::StatusOr<absl::optional<User>> FindUser(Transaction& transaction, const PrincipalId& id);
// Up to `limit` users with ids above `after`, in the order of their ids. The username or the folded e-mail begins with
// `prefix`.
absl::StatusOr<std::vector<User>> ListUsers(Transaction& transaction, const PrincipalId& after,
                                            absl::string_view prefix, int64_t limit);

struct ServiceAccount {
  PrincipalId id;
  std::string name;
  std::string description;
  bool disabled = false;
  absl::Time create_time;
};
// ALREADY_EXISTS that names the field. `name` is folded.
absl::StatusOr<ServiceAccount> InsertServiceAccount(Transaction& transaction, const std::string& name,
                                                    const std::string& description);
absl::Status SetDescription(Transaction& transaction, const PrincipalId& id, absl::string_view description);
absl::StatusOr<absl::optional<ServiceAccount>> FindServiceAccount(Transaction& transaction, const PrincipalId& id);

// Up to `limit` service accounts with ids above `after`, in the order of their ids.
absl::StatusOr<std::vector<ServiceAccount>> ListServiceAccounts(Transaction& transaction, const PrincipalId& after,
                                                                int64_t limit);

// Keeps the principal's state unchanged until the transaction ends. A transaction that ends the principal's sessions
// waits for this one, and then sees its writes.
absl::Status LockState(Transaction& transaction, const PrincipalId& id);
// For transactions that change the state. Waits for the holders of LockState; later reads see their writes.
absl::Status LockForChange(Transaction& transaction, const PrincipalId& id);

// Also deletes pending mail tokens, login challenges, trusted devices and the pending address.
absl::Status Disable(Transaction& transaction, const PrincipalId& id);
// Also raises the epoch, so that credentials from before the principal was disabled stay invalid.
absl::Status Enable(Transaction& transaction, const PrincipalId& id);
enum class Devices { kEnd, kKeep };
// Ends all sessions and access tokens, and deletes what Disable deletes. `devices`: whether trusted devices end, too.
absl::Status RaiseEpoch(Transaction& transaction, const PrincipalId& id, Devices devices);

// Deletes everything about the principal but its audit and its name, which becomes free after 30 days. From then on no
// such principal is found. False when there is none. Revoke its API keys before, so that replicas notice.
absl::StatusOr<bool> Erase(Transaction& transaction, const PrincipalId& id);
// Deletes at most `limit` sessions that deleted principals still have. Frees at most `limit` names of principals that
// were deleted 30 days ago. Returns how many rows it deleted.
absl::StatusOr<int64_t> CleanDeleted(Transaction& transaction, int64_t limit);

// True when an enabled principal other than `id` holds `super_admin` everywhere, without an expiry.
absl::StatusOr<bool> HasOtherSuperAdmin(Transaction& transaction, const PrincipalId& id);

// True when any principal holds `super_admin` everywhere.
absl::StatusOr<bool> HasSuperAdmin(Transaction& transaction);

}  // namespace identity::principals

#endif  // IDENTITY_DB_STORES_PRINCIPALS_H_
