#include "server/app/account/registration.h"

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
  // A form that was filled in wrongly costs nothing; one that tells which names are taken does.
  const absl::optional<ErrorReason> reason = ReasonOf(registered.status());
  if (reason == ErrorReason::kInvalidField || reason == ErrorReason::kOverloaded) use.GiveBack();
  return registered;
}

absl::StatusOr<Registration::Registered> Registration::TryRegister(const RequestContext& context, const Caller& caller,
                                                                   const Request& request) {
  ASSIGN_OR_RETURN(const std::string username, FoldUsername(request.username));
  ASSIGN_OR_RETURN(const std::string email_folded, FoldEmail(request.email));
  RETURN_IF_ERROR(CheckLabel("full_name", request.full_name, kMaxFullNameBytes));
  ASSIGN_OR_RETURN(const PasswordHash hash, passwords_.Hash("password", request.password,
                                                            ContextWords(username, request.email, request.full_name)));
  Registered registered;
  ASSIGN_OR_RETURN(registered.token, mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(mutation.ActFor(request.client_info));
    ASSIGN_OR_RETURN(const PrincipalId id, Insert(mutation, username, email_folded, request));
    RETURN_IF_ERROR(passwords::Insert(mutation.transaction(), id, hash, false));
    RETURN_IF_ERROR(mutation.Changed(id));
    ASSIGN_OR_RETURN(const auto account, accounts::Find(mutation.transaction(), id));
    if (!account) return Error(ErrorReason::kInternal, "an account that was just written is not there");
    registered.account = *account;
    return mutation.Audit({audit::EventType::kUserRegistered, id, id.ToString()});
  }));
  mail_.Wake();
  return registered;
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
