#include "server/app/user_administration.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/app/guard.h"
#include "server/base/error.h"
#include "server/base/random.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"
#include "server/domain/base64url.h"

namespace identity {
namespace {

constexpr size_t kMaxTextBytes = 256;
constexpr char kUsersWrite[] = "identity:users:write";
constexpr char kServiceAccountsWrite[] = "identity:service_accounts:write";
constexpr char kPrincipalsWrite[] = "identity:principals:write";

}  // namespace

Secret NewOneTimePassword() { return Secret(Base64UrlEncode(RandomBytes(18))); }

absl::StatusOr<UserAdministration::CreatedUser> UserAdministration::CreateUser(const RequestContext& context,
                                                                               const Caller& caller,
                                                                               const CreateUserRequest& request) {
  principals::NewUser user;
  ASSIGN_OR_RETURN(user.username, FoldUsername(request.username));
  ASSIGN_OR_RETURN(user.email_folded, FoldEmail(request.email));
  RETURN_IF_ERROR(CheckLabel("full_name", request.full_name, kMaxTextBytes));
  user.email = request.email;
  user.full_name = request.full_name;
  absl::optional<PasswordHash> hash = request.password_hash;
  Secret one_time_secret;
  if (!hash) {
    one_time_secret = NewOneTimePassword();
    absl::optional<HashPool::Place> place = hashes_.TryTake();
    if (!place) return WithRetryDelay(Error(ErrorReason::kOverloaded, "too many logins at once"), absl::Seconds(1));
    absl::StatusOr<PasswordHash> made = absl::UnknownError("not run");
    place->Run([&] { made = PasswordHash::Create(one_time_secret, argon2_); });
    ASSIGN_OR_RETURN(hash, std::move(made));
  }
  CreatedUser created;
  bool made_now = false;
  ASSIGN_OR_RETURN(created.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, kUsersWrite, Resource()));
    ASSIGN_OR_RETURN(const Made made, MakeOnce(mutation, request.idempotency, [&]() -> absl::StatusOr<std::string> {
                       ASSIGN_OR_RETURN(const PrincipalId id, principals::InsertUser(mutation.transaction(), user));
                       RETURN_IF_ERROR(principals::InsertPassword(mutation.transaction(), id, *hash,
                                                                  !request.password_hash.has_value()));
                       RETURN_IF_ERROR(mutation.Record("principal", id.ToString()));
                       RETURN_IF_ERROR(mutation.Audit("user.created", id, id.ToString()));
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
  if (static_cast<int64_t>(result.users.size()) <= page.limit()) return result;
  result.users.pop_back();
  result.next_page_token = page_tokens_.Seal(list, result.users.back().id.ToString());
  return result;
}

absl::StatusOr<UserAdministration::CreatedServiceAccount> UserAdministration::CreateServiceAccount(
    const RequestContext& context, const Caller& caller, const std::string& name, const std::string& description,
    const Idempotency& idempotency) {
  const absl::StatusOr<std::string> folded = FoldUsername(name);
  if (!folded.ok()) return InvalidField("name", "is not 3 to 50 of [A-Za-z0-9_-]");
  RETURN_IF_ERROR(CheckLabel("description", description, kMaxTextBytes));
  CreatedServiceAccount created;
  ASSIGN_OR_RETURN(created.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, kServiceAccountsWrite, Resource()));
    ASSIGN_OR_RETURN(const Made made, MakeOnce(mutation, idempotency, [&]() -> absl::StatusOr<std::string> {
                       ASSIGN_OR_RETURN(const PrincipalId id,
                                        principals::InsertServiceAccount(mutation.transaction(), *folded, description));
                       RETURN_IF_ERROR(mutation.Record("principal", id.ToString()));
                       RETURN_IF_ERROR(mutation.Audit("service_account.created", id, id.ToString()));
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

absl::StatusOr<ConsistencyToken> UserAdministration::SetDisabled(const RequestContext& context, const Caller& caller,
                                                                 const PrincipalId& id, bool disabled,
                                                                 const std::string& reason) {
  RETURN_IF_ERROR(CheckLabel("reason", reason, kMaxTextBytes));
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
    RETURN_IF_ERROR(mutation.Record("principal", id.ToString()));
    return mutation.Audit(disabled ? "principal.disabled" : "principal.enabled", id, id.ToString(), reason);
  });
}

}  // namespace identity
