#ifndef IDENTITY_RPC_CONVERT_ACCOUNTS_H_
#define IDENTITY_RPC_CONVERT_ACCOUNTS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "db/stores/accounts.h"
#include "google/protobuf/repeated_field.h"
#include "identity/v1/account_service.pb.h"
#include "server/app/account/own_account.h"
#include "server/app/account/registration.h"
#include "server/base/secret.h"

namespace identity {

v1::Account ToProto(const accounts::Account& account);
// Writes recovery codes in plain text.
void Write(const std::vector<Secret>& codes, google::protobuf::RepeatedPtrField<std::string>& proto);

// The fields of the account that the update mask names. Moves the password out of `request`. INVALID_ARGUMENT.
absl::StatusOr<OwnAccount::Update> ReadUpdate(const v1::UpdateAccountRequest& request);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_ACCOUNTS_H_
