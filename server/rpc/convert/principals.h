#ifndef IDENTITY_RPC_CONVERT_PRINCIPALS_H_
#define IDENTITY_RPC_CONVERT_PRINCIPALS_H_

#include "absl/status/statusor.h"
#include "db/stores/principals.h"
#include "identity/v1/admin_service.pb.h"
#include "identity/v1/types.pb.h"
#include "server/app/admin/service_accounts.h"
#include "server/app/admin/users.h"
#include "server/domain/principal_facts.h"

namespace identity {

v1::PrincipalType ToProto(PrincipalType type);
// Writes in place: the response of a check lives on an arena, and a returned message would be copied into it.
void Write(const PrincipalFacts& facts, v1::Principal& proto);
v1::User ToProto(const principals::User& user);
v1::ServiceAccount ToProto(const ServiceAccounts::Account& account);
absl::StatusOr<ServiceAccounts::Update> ReadAccountUpdate(const v1::UpdateServiceAccountRequest& request);

// INVALID_ARGUMENT.
absl::StatusOr<Users::NewUser> ReadCreate(const v1::CreateUserRequest& request);
// The fields of the user that the update mask names. INVALID_ARGUMENT.
absl::StatusOr<Users::Update> ReadUpdate(const v1::UpdateUserRequest& request);

}  // namespace identity

#endif  // IDENTITY_RPC_CONVERT_PRINCIPALS_H_
