#ifndef IDENTITY_DB_USER_STORE_H_
#define IDENTITY_DB_USER_STORE_H_

#include <string>

#include "absl/status/status.h"
#include "db/database.h"
#include "server/domain/ids.h"

// What administrators change about users, beside what decisions depend on. Errors are those of Transaction::Execute
// unless said otherwise.
namespace identity::users {

absl::Status SetFullName(Transaction& transaction, const PrincipalId& id, const std::string& full_name);

struct Address {
  std::string email;  // as typed
  std::string email_folded;
  bool verified = false;
};
// Also ends what was mailed to the old address, and a change of address that waits to be verified. ALREADY_EXISTS when
// it is another's.
absl::Status SetAddress(Transaction& transaction, const PrincipalId& id, const Address& address);

// Forgets wrong passwords and wrong codes, and what they locked.
absl::Status Unlock(Transaction& transaction, const PrincipalId& id);

}  // namespace identity::users

#endif  // IDENTITY_DB_USER_STORE_H_
