#include "server/app/operator/bootstrap.h"

#include <utility>

#include "db/stores/accounts.h"
#include "db/stores/bindings.h"
#include "db/stores/passwords.h"
#include "db/stores/principals.h"
#include "server/app/admin/one_time_password.h"
#include "server/app/change/mutation.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

absl::StatusOr<principals::NewUser> CheckNewUser(const std::string& username, const std::string& email) {
  principals::NewUser user;
  ASSIGN_OR_RETURN(user.username, FoldNewName("username", username));
  ASSIGN_OR_RETURN(user.email_folded, FoldEmail(email));
  user.email = email;
  return user;
}

absl::StatusOr<PrincipalId> InsertAdmin(Mutation& mutation, const principals::NewUser& user, const PasswordHash& hash,
                                        bool one_time, bool force) {
  ASSIGN_OR_RETURN(const bool has_one, principals::HasSuperAdmin(mutation.transaction()));
  if (has_one && !force) {
    return Error(ErrorReason::kBuiltIn,
                 "a super admin exists already and can create others; if nobody can log in as one, use --force");
  }
  ASSIGN_OR_RETURN(const PrincipalId id, principals::InsertUser(mutation.transaction(), user));
  // The operator vouches for the address. Otherwise the first login would be impossible where addresses must be
  // verified before it.
  RETURN_IF_ERROR(accounts::SetVerifiedEmail(mutation.transaction(), id, user.email, user.email_folded));
  RETURN_IF_ERROR(passwords::Insert(mutation.transaction(), id, hash, one_time));
  RETURN_IF_ERROR(bindings::Insert(mutation.transaction(), id, {BindingId(), "super_admin", Resource()}, "").status());
  mutation.Changed(id);
  mutation.Audit({audit::EventType::kBootstrap, id, id.ToString(), has_one ? "although a super admin existed" : ""});
  return id;
}

}  // namespace

absl::StatusOr<FirstAdmin> Bootstrap(const RequestContext& context, Database& database, const std::string& username,
                                     const std::string& email, const absl::optional<Secret>& password, bool force,
                                     const Argon2Parameters& argon2) {
  ASSIGN_OR_RETURN(const principals::NewUser user, CheckNewUser(username, email));
  Secret one_time_secret;
  if (password) {
    RETURN_IF_ERROR(CheckNewPassword(*password));
  } else {
    one_time_secret = NewOneTimePassword();
  }
  ASSIGN_OR_RETURN(const PasswordHash hash, PasswordHash::Create(password ? *password : one_time_secret, argon2));
  ASSIGN_OR_RETURN(const auto admin, Mutations(database, nullptr).Run(context, Caller(), [&](Mutation& mutation) {
    return InsertAdmin(mutation, user, hash, !password.has_value(), force);
  }));
  return FirstAdmin{admin.value, std::move(one_time_secret)};
}

}  // namespace identity
