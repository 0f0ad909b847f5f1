#include "server/app/operator/bootstrap.h"

#include <utility>

#include "db/stores/accounts.h"
#include "db/stores/bindings.h"
#include "db/stores/passwords.h"
#include "db/stores/principals.h"
#include "server/app/admin/user_administration.h"
#include "server/app/change/mutation.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {

absl::StatusOr<FirstAdmin> Bootstrap(const RequestContext& context, Database& database, const std::string& username,
                                     const std::string& email, const absl::optional<Secret>& password,
                                     const Argon2Parameters& argon2) {
  principals::NewUser user;
  ASSIGN_OR_RETURN(user.username, FoldUsername(username));
  ASSIGN_OR_RETURN(user.email_folded, FoldEmail(email));
  user.email = email;
  FirstAdmin admin;
  if (password) {
    RETURN_IF_ERROR(CheckNewPassword(*password));
  } else {
    admin.one_time_secret = NewOneTimePassword();
  }
  ASSIGN_OR_RETURN(const PasswordHash hash, PasswordHash::Create(password ? *password : admin.one_time_secret, argon2));
  RETURN_IF_ERROR(
      Mutations(database, nullptr)
          .Run(context, Caller(),
               [&](Mutation& mutation) -> absl::Status {
                 ASSIGN_OR_RETURN(const bool has_one, principals::HasSuperAdmin(mutation.transaction()));
                 if (has_one)
                   return Error(ErrorReason::kBuiltIn,
                                "there is a super admin already; the first one makes the others");
                 ASSIGN_OR_RETURN(admin.id, principals::InsertUser(mutation.transaction(), user));
                 // Whoever may do this vouches for the address: nobody is there yet to log in otherwise
                 // where an address has to be verified first.
                 RETURN_IF_ERROR(
                     accounts::SetVerifiedEmail(mutation.transaction(), admin.id, user.email, user.email_folded));
                 RETURN_IF_ERROR(passwords::Insert(mutation.transaction(), admin.id, hash, !password.has_value()));
                 RETURN_IF_ERROR(
                     bindings::Insert(mutation.transaction(), admin.id, {BindingId(), "super_admin", Resource()})
                         .status());
                 RETURN_IF_ERROR(mutation.Changed(admin.id));
                 return mutation.Audit({audit::EventType::kBootstrap, admin.id, admin.id.ToString()});
               })
          .status());
  return admin;
}

}  // namespace identity
