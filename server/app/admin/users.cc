#include "server/app/admin/users.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/stores/accounts.h"
#include "db/stores/passwords.h"
#include "db/stores/second_factors.h"
#include "server/app/access/own_permissions.h"
#include "server/app/admin/one_time_password.h"
#include "server/app/change/guard.h"
#include "server/app/change/principal_state.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

absl::StatusOr<principals::NewUser> CheckNewUser(const Users::NewUser& request) {
  principals::NewUser user;
  ASSIGN_OR_RETURN(user.username, FoldNewName("username", request.username));
  ASSIGN_OR_RETURN(user.email_folded, FoldEmail(request.email));
  RETURN_IF_ERROR(CheckLabel("full_name", request.full_name, kMaxFullNameBytes));
  user.email = request.email;
  user.full_name = request.full_name;
  return user;
}

// Returns the new user's id.
absl::StatusOr<std::string> InsertUser(Mutation& mutation, const principals::NewUser& user, const PasswordHash& hash,
                                       bool one_time) {
  ASSIGN_OR_RETURN(const PrincipalId id, principals::InsertUser(mutation.transaction(), user));
  RETURN_IF_ERROR(passwords::Insert(mutation.transaction(), id, hash, one_time));
  mutation.Changed(id);
  mutation.Audit({audit::EventType::kUserCreated, id, id.ToString()});
  return id.ToString();
}

absl::StatusOr<principals::User> RereadUser(AuditedWrite& write, const PrincipalId& id) {
  ASSIGN_OR_RETURN(auto user, principals::FindUser(write.transaction(), id));
  if (!user) return Error(ErrorReason::kInternal, "the user is missing after it was written");
  return *std::move(user);
}

// Returns the user if the caller may change it.
absl::StatusOr<principals::User> RequireMayChange(AuditedWrite& write, const PrincipalId& id) {
  RETURN_IF_ERROR(guard::RequirePermission(write, own_permissions::kUsersWrite, Resource::OfPrincipal(id)));
  ASSIGN_OR_RETURN(const auto user, principals::FindUser(write.transaction(), id));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> facts, write.facts().Principal(id));
  if (!user || !facts) return Error(ErrorReason::kNotFound, "user_id: no such user");
  RETURN_IF_ERROR(guard::RequireMayActOn(write, *facts));
  return *user;
}

// An administrator who sets an address can have a password reset mailed to it, and so act as the user. Whoever gets a
// one-time password can, too.
absl::Status RequireMayActAs(AuditedWrite& write, const PrincipalId& id) {
  RETURN_IF_ERROR(guard::RequireNotSelf(write, id));
  ASSIGN_OR_RETURN(const auto target, write.facts().Principal(id));
  return target ? guard::RequireHoldsAllOf(write, *target) : absl::OkStatus();
}

// Checks the values and returns the folded address, "" when the update has none.
absl::StatusOr<std::string> CheckUpdate(const Users::Update& update) {
  if (update.full_name) RETURN_IF_ERROR(CheckLabel("user.full_name", *update.full_name, kMaxFullNameBytes));
  if (!update.email) return std::string();
  auto folded = FoldEmail(*update.email);
  return folded.ok() ? std::move(folded) : InField("user", folded.status());
}

// Writes what differs from `user` and returns the names of the changed fields.
absl::StatusOr<std::vector<std::string>> WriteChanges(Transaction& transaction, const principals::User& user,
                                                      const Users::Update& update, const std::string& email_folded) {
  std::vector<std::string> changed;
  if (update.full_name && *update.full_name != user.full_name) {
    changed.emplace_back("full_name");
    RETURN_IF_ERROR(accounts::SetFullName(transaction, user.id, *update.full_name));
  }
  if (!update.email) return changed;
  if (*update.email != user.email) changed.emplace_back("email");
  if (update.email_verified != user.email_verified) changed.emplace_back("email_verified");
  // Also when the address is unchanged: the user may only claim it, and owns it afterwards.
  const auto set = update.email_verified ? accounts::SetVerifiedEmail : accounts::SetUnverifiedEmail;
  RETURN_IF_ERROR(set(transaction, user.id, *update.email, email_folded));
  return changed;
}

}  // namespace

absl::StatusOr<Users::Created> Users::Create(const RequestContext& context, const Caller& caller,
                                             const NewUser& request) {
  ASSIGN_OR_RETURN(const principals::NewUser user, CheckNewUser(request));
  absl::optional<PasswordHash> hash = request.password_hash;
  Secret one_time_secret;
  if (!hash) {
    one_time_secret = NewOneTimePassword();
    ASSIGN_OR_RETURN(hash, hashes_.Hash(one_time_secret, argon2_));
  }
  struct Outcome {
    principals::User user;
    bool fresh = false;
  };
  const auto create = [&](Mutation& mutation) -> absl::StatusOr<Outcome> {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kUsersWrite, Resource()));
    ASSIGN_OR_RETURN(const Made made, MakeOnce(mutation, request.idempotency, [&] {
                       return InsertUser(mutation, user, *hash, !request.password_hash.has_value());
                     }));
    ASSIGN_OR_RETURN(principals::User stored, RereadUser(mutation, *PrincipalId::Parse(made.object_id)));
    return Outcome{std::move(stored), made.fresh};
  };
  ASSIGN_OR_RETURN(auto created, mutations_.Run(context, caller, create));
  if (!created.value.fresh) one_time_secret = Secret();
  return Created{std::move(created.value.user), std::move(one_time_secret), created.token};
}

absl::StatusOr<principals::User> Users::Get(const RequestContext& context, const PrincipalId& id) {
  ASSIGN_OR_RETURN(auto user, database_.Read(context, [&](Transaction& transaction) {
    return principals::FindUser(transaction, id);
  }));
  if (!user) return Error(ErrorReason::kNotFound, "user_id: no such user");
  return *std::move(user);
}

absl::StatusOr<Page<principals::User>> Users::List(const RequestContext& context, const std::string& query,
                                                   const PageRequest& page) {
  const std::string list = absl::StrCat("ListUsers\n", query);
  const auto read = [&](const std::string& cursor) {
    const PrincipalId after = PrincipalId::Parse(cursor).value_or(PrincipalId());
    return database_.Read(context, [&](Transaction& transaction) {
      return principals::ListUsers(transaction, after, absl::AsciiStrToLower(query), page.read_limit());
    });
  };
  return page_tokens_.ReadPage(list, page, read, [](const principals::User& user) { return user.id.ToString(); });
}

absl::StatusOr<principals::User> Users::Apply(const RequestContext& context, const Caller& caller,
                                              const Update& update) {
  ASSIGN_OR_RETURN(const std::string email_folded, CheckUpdate(update));
  const auto apply = [&](AuditedWrite& write) -> absl::StatusOr<principals::User> {
    ASSIGN_OR_RETURN(const principals::User user, RequireMayChange(write, update.id));
    if (update.email) {
      RETURN_IF_ERROR(RequireMayActAs(write, update.id));
      RETURN_IF_ERROR(NotifyOldAddress(write.transaction(), update));
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> changed,
                     WriteChanges(write.transaction(), user, update, email_folded));
    if (!changed.empty()) {
      write.Audit({audit::EventType::kUserUpdated, update.id, update.id.ToString(), absl::StrJoin(changed, ", ")});
    }
    return RereadUser(write, update.id);
  };
  ASSIGN_OR_RETURN(principals::User updated, mutations_.Write(context, caller, apply));
  mail_.Wake();
  return updated;
}

absl::Status Users::NotifyOldAddress(Transaction& transaction, const Update& update) const {
  ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, update.id));
  if (!account || !account->email_owned || account->email == *update.email) return absl::OkStatus();
  return mail_.Enqueue(
      transaction,
      {MailKind::kEmailChanged, account->email, {{"username", account->username}, {"email", *update.email}}});
}

absl::Status Users::Unlock(const RequestContext& context, const Caller& caller, const PrincipalId& id) {
  return mutations_.Write(context, caller, [&](AuditedWrite& write) -> absl::Status {
    RETURN_IF_ERROR(RequireMayChange(write, id).status());
    RETURN_IF_ERROR(accounts::Unlock(write.transaction(), id));
    write.Audit({audit::EventType::kUserUnlocked, id, id.ToString()});
    return absl::OkStatus();
  });
}

absl::StatusOr<Users::NewCredentials> Users::ResetCredentials(const RequestContext& context, const Caller& caller,
                                                              const PrincipalId& id) {
  Secret one_time_secret = NewOneTimePassword();
  ASSIGN_OR_RETURN(const PasswordHash hash, hashes_.Hash(one_time_secret, argon2_));
  ASSIGN_OR_RETURN(
      const auto ended, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::StatusOr<int64_t> {
        RETURN_IF_ERROR(RequireMayChange(mutation, id).status());
        RETURN_IF_ERROR(RequireMayActAs(mutation, id));
        RETURN_IF_ERROR(
            mail_.EnqueueToOwner(mutation.transaction(), id, MailKind::kAccountChanged,
                                 {{"change", "an administrator replaced its password and ended its sessions"}}));
        return ReplaceCredentials(mutation, id, hash, "");
      }));
  mail_.Wake();
  return NewCredentials{std::move(one_time_secret), ended.value, ended.token};
}

absl::Status Users::TrustSecondFactor(const RequestContext& context, const Caller& caller, const PrincipalId& id) {
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& write) -> absl::Status {
    RETURN_IF_ERROR(RequireMayChange(write, id).status());
    RETURN_IF_ERROR(RequireMayActAs(write, id));
    ASSIGN_OR_RETURN(const bool trusted, second_factors::Trust(write.transaction(), id));
    if (!trusted) return Error(ErrorReason::kMfaNotEnrolled, "the user has no confirmed second factor");
    RETURN_IF_ERROR(mail_.EnqueueToOwner(write.transaction(), id, MailKind::kMfaChanged,
                                         {{"change", "an administrator confirmed that it is yours"}}));
    write.Audit({audit::EventType::kMfaTrusted, id, id.ToString()});
    return absl::OkStatus();
  }));
  mail_.Wake();
  return absl::OkStatus();
}

absl::StatusOr<ConsistencyToken> Users::Delete(const RequestContext& context, const Caller& caller,
                                               const PrincipalId& id) {
  ASSIGN_OR_RETURN(const ConsistencyToken token,
                   mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
                     RETURN_IF_ERROR(RequireMayChange(mutation, id).status());
                     RETURN_IF_ERROR(guard::RequireNotSelf(mutation, id));
                     ASSIGN_OR_RETURN(const auto target, mutation.facts().Principal(id));
                     if (target) RETURN_IF_ERROR(guard::RequireNotLastSuperAdmin(mutation, *target));
                     RETURN_IF_ERROR(mail_.EnqueueToOwner(mutation.transaction(), id, MailKind::kAccountChanged,
                                                          {{"change", "an administrator deleted it"}}));
                     return DeletePrincipal(mutation, id, audit::EventType::kUserDeleted);
                   }));
  mail_.Wake();
  return token;
}

}  // namespace identity
