#include "server/app/admin/user_administration.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/stores/accounts.h"
#include "db/stores/passwords.h"
#include "server/app/change/guard.h"
#include "server/base/base64url.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

constexpr char kUsersWrite[] = "identity:users:write";
constexpr char kServiceAccountsWrite[] = "identity:service_accounts:write";
constexpr char kPrincipalsWrite[] = "identity:principals:write";

// The user, whom the caller may change.
absl::StatusOr<principals::User> RequireMayChange(AuditedWrite& mutation, const PrincipalId& id) {
  RETURN_IF_ERROR(guard::RequirePermission(mutation, kUsersWrite, Resource::OfPrincipal(id)));
  ASSIGN_OR_RETURN(const auto user, principals::FindUser(mutation.transaction(), id));
  ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> facts, mutation.facts().Principal(id));
  if (!user || !facts) return Error(ErrorReason::kNotFound, "user_id: no such user");
  RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *facts));
  return *user;
}

// An update whose values were checked, with the address in the form by which it is compared.
struct CheckedUpdate {
  absl::optional<std::string> full_name;
  absl::optional<std::string> email;
  std::string email_folded;
  bool email_verified = false;
};

absl::StatusOr<CheckedUpdate> CheckUpdate(const UserAdministration::UserUpdate& update) {
  CheckedUpdate checked;
  checked.full_name = update.full_name;
  if (update.full_name) RETURN_IF_ERROR(CheckLabel("user.full_name", *update.full_name, kMaxFullNameBytes));
  if (!update.email) return checked;
  auto folded = FoldEmail(*update.email);
  if (!folded.ok()) return InField("user", folded.status());
  checked.email = update.email;
  checked.email_folded = *std::move(folded);
  checked.email_verified = update.email_verified;
  return checked;
}

// Whoever sets an address can have the password mailed to it, and so act as the user.
absl::Status RequireMaySetAddress(AuditedWrite& mutation, const PrincipalId& id) {
  RETURN_IF_ERROR(guard::RequireNotSelf(mutation, id));
  ASSIGN_OR_RETURN(const auto target, mutation.facts().Principal(id));
  return target ? guard::RequireHoldsAllOf(mutation, *target) : absl::OkStatus();
}

// Writes what differs from `user` and returns the names of the fields.
absl::StatusOr<std::vector<std::string>> WriteChanges(Transaction& transaction, const principals::User& user,
                                                      const CheckedUpdate& update) {
  std::vector<std::string> changed;
  if (update.full_name && *update.full_name != user.full_name) {
    changed.emplace_back("full_name");
    RETURN_IF_ERROR(accounts::SetFullName(transaction, user.id, *update.full_name));
  }
  if (!update.email) return changed;
  if (*update.email != user.email) changed.emplace_back("email");
  if (update.email_verified != user.email_verified) changed.emplace_back("email_verified");
  // Also when it is what it was: an address that was only claimed becomes the user's own by it.
  const auto set = update.email_verified ? accounts::SetVerifiedEmail : accounts::SetUnverifiedEmail;
  RETURN_IF_ERROR(set(transaction, user.id, *update.email, update.email_folded));
  return changed;
}

// Cuts `items`, of which one more than the page's was read, and returns the token of the next page.
template <typename Item>
std::string EndPage(const PageTokens& tokens, absl::string_view list, const PageRequest& page, std::vector<Item>& items,
                    std::string (*cursor_of)(const Item&)) {
  if (static_cast<int64_t>(items.size()) <= page.limit()) return "";
  items.pop_back();
  return tokens.Seal(list, cursor_of(items.back()));
}

}  // namespace

Secret NewOneTimePassword() { return Secret(Base64UrlEncode(RandomBytes(18))); }

absl::StatusOr<UserAdministration::CreatedUser> UserAdministration::CreateUser(const RequestContext& context,
                                                                               const Caller& caller,
                                                                               const CreateUserRequest& request) {
  principals::NewUser user;
  ASSIGN_OR_RETURN(user.username, FoldUsername(request.username));
  ASSIGN_OR_RETURN(user.email_folded, FoldEmail(request.email));
  RETURN_IF_ERROR(CheckLabel("full_name", request.full_name, kMaxFullNameBytes));
  user.email = request.email;
  user.full_name = request.full_name;
  absl::optional<PasswordHash> hash = request.password_hash;
  Secret one_time_secret;
  if (!hash) {
    one_time_secret = NewOneTimePassword();
    ASSIGN_OR_RETURN(hash, hashes_.Hash(one_time_secret, argon2_));
  }
  CreatedUser created;
  bool made_now = false;
  ASSIGN_OR_RETURN(created.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, kUsersWrite, Resource()));
    ASSIGN_OR_RETURN(
        const Made made, MakeOnce(mutation, request.idempotency, [&]() -> absl::StatusOr<std::string> {
          ASSIGN_OR_RETURN(const PrincipalId id, principals::InsertUser(mutation.transaction(), user));
          RETURN_IF_ERROR(passwords::Insert(mutation.transaction(), id, *hash, !request.password_hash.has_value()));
          RETURN_IF_ERROR(mutation.Changed(id));
          RETURN_IF_ERROR(mutation.Audit({audit::EventType::kUserCreated, id, id.ToString()}));
          return id.ToString();
        }));
    made_now = made.fresh;
    ASSIGN_OR_RETURN(const auto stored,
                     principals::FindUser(mutation.transaction(), *PrincipalId::Parse(made.object_id)));
    if (!stored) return Error(ErrorReason::kInternal, "a user that was just written is not there");
    created.user = *stored;
    return absl::OkStatus();
  }));
  if (made_now) created.one_time_secret = std::move(one_time_secret);
  return created;
}

absl::StatusOr<principals::User> UserAdministration::GetUser(const RequestContext& context, const PrincipalId& id) {
  absl::optional<principals::User> user;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(user, principals::FindUser(transaction, id));
    return absl::OkStatus();
  }));
  if (!user) return Error(ErrorReason::kNotFound, "user_id: no such user");
  return *std::move(user);
}

absl::StatusOr<UserAdministration::UserPage> UserAdministration::ListUsers(const RequestContext& context,
                                                                           const std::string& query,
                                                                           const PageRequest& page) {
  const std::string list = absl::StrCat("ListUsers\n", query);
  ASSIGN_OR_RETURN(const std::string cursor, page_tokens_.Open(list, page.token));
  const PrincipalId after = PrincipalId::Parse(cursor).value_or(PrincipalId());
  UserPage result;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(result.users,
                     principals::ListUsers(transaction, after, absl::AsciiStrToLower(query), page.limit() + 1));
    return absl::OkStatus();
  }));
  result.next_page_token = EndPage<principals::User>(page_tokens_, list, page, result.users,
                                                     [](const principals::User& user) { return user.id.ToString(); });
  return result;
}

absl::StatusOr<principals::User> UserAdministration::UpdateUser(const RequestContext& context, const Caller& caller,
                                                                const UserUpdate& update) {
  ASSIGN_OR_RETURN(const CheckedUpdate checked, CheckUpdate(update));
  principals::User updated;
  RETURN_IF_ERROR(mutations_.Write(context, caller, [&](AuditedWrite& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const principals::User user, RequireMayChange(mutation, update.id));
    if (update.email) {
      RETURN_IF_ERROR(RequireMaySetAddress(mutation, update.id));
      RETURN_IF_ERROR(TellOldAddress(mutation.transaction(), update));
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> changed, WriteChanges(mutation.transaction(), user, checked));
    if (!changed.empty()) {
      RETURN_IF_ERROR(mutation.Audit(
          {audit::EventType::kUserUpdated, update.id, update.id.ToString(), absl::StrJoin(changed, ", ")}));
    }
    ASSIGN_OR_RETURN(const auto stored, principals::FindUser(mutation.transaction(), update.id));
    if (!stored) return Error(ErrorReason::kInternal, "a user that was just written is not there");
    updated = *stored;
    return absl::OkStatus();
  }));
  mail_.Wake();
  return updated;
}

absl::Status UserAdministration::TellOldAddress(Transaction& transaction, const UserUpdate& update) const {
  ASSIGN_OR_RETURN(const auto account, accounts::Find(transaction, update.id));
  if (!account || !account->email_owned || account->email == *update.email) return absl::OkStatus();
  return mail_.Enqueue(
      transaction,
      {MailKind::kEmailChanged, account->email, {{"username", account->username}, {"email", *update.email}}});
}

absl::Status UserAdministration::UnlockUser(const RequestContext& context, const Caller& caller,
                                            const PrincipalId& id) {
  return mutations_.Write(context, caller, [&](AuditedWrite& mutation) -> absl::Status {
    RETURN_IF_ERROR(RequireMayChange(mutation, id).status());
    RETURN_IF_ERROR(accounts::Unlock(mutation.transaction(), id));
    return mutation.Audit({audit::EventType::kUserUnlocked, id, id.ToString()});
  });
}

absl::StatusOr<UserAdministration::CreatedServiceAccount> UserAdministration::CreateServiceAccount(
    const RequestContext& context, const Caller& caller, const std::string& name, const std::string& description,
    const Idempotency& idempotency) {
  const absl::StatusOr<std::string> folded = FoldUsername(name);
  if (!folded.ok()) return InvalidField("name", "is not 3 to 50 of [A-Za-z0-9_-]");
  RETURN_IF_ERROR(CheckLabel("description", description, kMaxDescriptionBytes));
  CreatedServiceAccount created;
  ASSIGN_OR_RETURN(created.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, kServiceAccountsWrite, Resource()));
    ASSIGN_OR_RETURN(const Made made, MakeOnce(mutation, idempotency, [&]() -> absl::StatusOr<std::string> {
                       ASSIGN_OR_RETURN(const PrincipalId id,
                                        principals::InsertServiceAccount(mutation.transaction(), *folded, description));
                       RETURN_IF_ERROR(mutation.Changed(id));
                       RETURN_IF_ERROR(mutation.Audit({audit::EventType::kServiceAccountCreated, id, id.ToString()}));
                       return id.ToString();
                     }));
    ASSIGN_OR_RETURN(const auto stored,
                     principals::FindServiceAccount(mutation.transaction(), *PrincipalId::Parse(made.object_id)));
    if (!stored) return Error(ErrorReason::kInternal, "a service account that was just written is not there");
    created.account = *stored;
    return absl::OkStatus();
  }));
  return created;
}

absl::StatusOr<UserAdministration::ServiceAccountPage> UserAdministration::ListServiceAccounts(
    const RequestContext& context, const PageRequest& page) {
  constexpr absl::string_view kList = "ListServiceAccounts";
  ASSIGN_OR_RETURN(const std::string cursor, page_tokens_.Open(kList, page.token));
  const PrincipalId after = PrincipalId::Parse(cursor).value_or(PrincipalId());
  ServiceAccountPage result;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(result.accounts, principals::ListServiceAccounts(transaction, after, page.limit() + 1));
    return absl::OkStatus();
  }));
  result.next_page_token = EndPage<principals::ServiceAccount>(
      page_tokens_, kList, page, result.accounts,
      [](const principals::ServiceAccount& account) { return account.id.ToString(); });
  return result;
}

absl::StatusOr<UserAdministration::SessionPage> UserAdministration::ListSessions(const RequestContext& context,
                                                                                 const PrincipalId& id,
                                                                                 const PageRequest& page) {
  const std::string list = absl::StrCat("ListPrincipalSessions\n", id.ToString());
  ASSIGN_OR_RETURN(const std::string cursor, page_tokens_.Open(list, page.token));
  SessionPage result;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(result.sessions, sessions::List(transaction, id, SessionId::Parse(cursor), page.limit() + 1));
    return absl::OkStatus();
  }));
  result.next_page_token = EndPage<sessions::ListedSession>(
      page_tokens_, list, page, result.sessions,
      [](const sessions::ListedSession& listed) { return listed.session.id.ToString(); });
  return result;
}

absl::StatusOr<UserAdministration::ApiKeyPage> UserAdministration::ListApiKeys(const RequestContext& context,
                                                                               const PrincipalId& id,
                                                                               const PageRequest& page) {
  const std::string list = absl::StrCat("ListPrincipalApiKeys\n", id.ToString());
  ASSIGN_OR_RETURN(const std::string cursor, page_tokens_.Open(list, page.token));
  ApiKeyPage result;
  RETURN_IF_ERROR(database_.Read(context, [&](Transaction& transaction) -> absl::Status {
    ASSIGN_OR_RETURN(result.keys, api_keys::List(transaction, id, ApiKeyId::Parse(cursor), page.limit() + 1));
    return absl::OkStatus();
  }));
  result.next_page_token = EndPage<api_keys::ApiKey>(page_tokens_, list, page, result.keys,
                                                     [](const api_keys::ApiKey& key) { return key.id.ToString(); });
  return result;
}

absl::StatusOr<ConsistencyToken> UserAdministration::SetDisabled(const RequestContext& context, const Caller& caller,
                                                                 const PrincipalId& id, bool disabled,
                                                                 const std::string& reason) {
  RETURN_IF_ERROR(CheckLabel("reason", reason, kMaxReasonBytes));
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, kPrincipalsWrite, Resource::OfPrincipal(id)));
    ASSIGN_OR_RETURN(const absl::optional<PrincipalFacts> target, mutation.facts().Principal(id));
    if (!target) return Error(ErrorReason::kNotFound, "principal_id: no such principal");
    if (target->type() == PrincipalType::kAnonymous) {
      return Error(ErrorReason::kBuiltIn, "principal_id: anonymous cannot be disabled; delete its bindings");
    }
    RETURN_IF_ERROR(guard::RequireNotSelf(mutation, id));
    RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *target));
    if (target->disabled() == disabled) {
      mutation.Discard();
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(disabled ? principals::Disable(mutation.transaction(), id)
                             : principals::Enable(mutation.transaction(), id));
    RETURN_IF_ERROR(mutation.Changed(id));
    return mutation.Audit({disabled ? audit::EventType::kPrincipalDisabled : audit::EventType::kPrincipalEnabled, id,
                           id.ToString(), reason});
  });
}

}  // namespace identity
