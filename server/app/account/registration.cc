#include "server/app/account/registration.h"

#include <utility>

#include "db/stores/passwords.h"
#include "db/stores/principals.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {

absl::StatusOr<Registration::Registered> Registration::Register(const RequestContext& context, const Caller& caller,
                                                                const Request& request) {
  ASSIGN_OR_RETURN(const Throttle::Use use, throttle_.BeginRegistration(context, caller, request.client_info));
  absl::StatusOr<Registered> registered = TryRegister(context, caller, request);
  // A malformed request does not count as a registration. A request that reveals a taken name stays counted.
  // CountNewPassword counts refused passwords.
  const absl::optional<ErrorReason> reason = ReasonOf(registered.status());
  const bool malformed = reason == ErrorReason::kInvalidField;
  if (malformed || reason == ErrorReason::kOverloaded || reason == ErrorReason::kRateLimited) use.GiveBack();
  return registered;
}

absl::StatusOr<Registration::Registered> Registration::TryRegister(const RequestContext& context, const Caller& caller,
                                                                   const Request& request) {
  ASSIGN_OR_RETURN(const std::string username, FoldNewName("username", request.username));
  ASSIGN_OR_RETURN(const std::string email_folded, FoldEmail(request.email));
  RETURN_IF_ERROR(CheckLabel("full_name", request.full_name, kMaxFullNameBytes));
  const auto count = [&] { return throttle_.CountNewPassword(context, caller, request.client_info); };
  ASSIGN_OR_RETURN(
      const PasswordHash hash,
      passwords_.Hash("password", request.password, ContextWords(username, request.email, request.full_name), count));
  const auto create = [&](Mutation& mutation) { return Create(mutation, username, email_folded, hash, request); };
  ASSIGN_OR_RETURN(Committed<accounts::Account> created, mutations_.Run(context, caller, create));
  mail_.Wake();
  return Registered{std::move(created.value), created.token};
}

absl::StatusOr<accounts::Account> Registration::Create(Mutation& mutation, const std::string& username,
                                                       const std::string& email_folded, const PasswordHash& hash,
                                                       const Request& request) const {
  RETURN_IF_ERROR(mutation.ActFor(request.client_info));
  ASSIGN_OR_RETURN(const PrincipalId id, Insert(mutation, username, email_folded, request));
  RETURN_IF_ERROR(passwords::Insert(mutation.transaction(), id, hash, false));
  mutation.Changed(id);
  ASSIGN_OR_RETURN(auto account, accounts::Find(mutation.transaction(), id));
  if (!account) return Error(ErrorReason::kInternal, "the account that was just inserted is missing");
  mutation.Audit({audit::EventType::kUserRegistered, id, id.ToString()});
  return *std::move(account);
}

absl::StatusOr<PrincipalId> Registration::Insert(Mutation& mutation, const std::string& username,
                                                 const std::string& email_folded, const Request& request) const {
  if (!mail_.enabled()) {
    return principals::InsertUser(mutation.transaction(), {username, request.email, email_folded, request.full_name});
  }
  ASSIGN_OR_RETURN(const PrincipalId id,
                   accounts::InsertClaiming(mutation.transaction(), {username, request.email, request.full_name}));
  RETURN_IF_ERROR(verification_.Send(mutation.transaction(), id, username, request.email));
  return id;
}

}  // namespace identity
