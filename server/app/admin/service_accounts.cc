#include "server/app/admin/service_accounts.h"

#include <utility>

#include "server/app/access/own_permissions.h"
#include "server/app/change/guard.h"
#include "server/app/change/principal_state.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

// Returns the new account's id.
absl::StatusOr<std::string> InsertAccount(Mutation& mutation, const std::string& name, const std::string& description) {
  ASSIGN_OR_RETURN(const PrincipalId id, principals::InsertServiceAccount(mutation.transaction(), name, description));
  RETURN_IF_ERROR(mutation.Changed(id));
  RETURN_IF_ERROR(mutation.Audit({audit::EventType::kServiceAccountCreated, id, id.ToString()}));
  return id.ToString();
}

absl::StatusOr<principals::ServiceAccount> RereadAccount(Mutation& mutation, const std::string& id) {
  ASSIGN_OR_RETURN(auto account, principals::FindServiceAccount(mutation.transaction(), *PrincipalId::Parse(id)));
  if (!account) return Error(ErrorReason::kInternal, "the service account is missing after its insertion");
  return *std::move(account);
}

}  // namespace

absl::StatusOr<ServiceAccounts::Created> ServiceAccounts::Create(const RequestContext& context, const Caller& caller,
                                                                 const std::string& name,
                                                                 const std::string& description,
                                                                 const Idempotency& idempotency) {
  ASSIGN_OR_RETURN(const std::string folded, FoldNewName("name", name));
  RETURN_IF_ERROR(CheckLabel("description", description, kMaxDescriptionBytes));
  const auto create = [&](Mutation& mutation) -> absl::StatusOr<principals::ServiceAccount> {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kServiceAccountsWrite, Resource()));
    ASSIGN_OR_RETURN(const Made made,
                     MakeOnce(mutation, idempotency, [&] { return InsertAccount(mutation, folded, description); }));
    return RereadAccount(mutation, made.object_id);
  };
  ASSIGN_OR_RETURN(auto created, mutations_.Run(context, caller, create));
  return Created{std::move(created.value), created.token};
}

absl::StatusOr<Page<principals::ServiceAccount>> ServiceAccounts::List(const RequestContext& context,
                                                                       const PageRequest& page) {
  constexpr absl::string_view kList = "ListServiceAccounts";
  const auto read = [&](const std::string& cursor) {
    const PrincipalId after = PrincipalId::Parse(cursor).value_or(PrincipalId());
    return database_.Read(context, [&](Transaction& transaction) {
      return principals::ListServiceAccounts(transaction, after, page.read_limit());
    });
  };
  return page_tokens_.ReadPage(kList, page, read,
                               [](const principals::ServiceAccount& account) { return account.id.ToString(); });
}

absl::StatusOr<ConsistencyToken> ServiceAccounts::Delete(const RequestContext& context, const Caller& caller,
                                                         const PrincipalId& id) {
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(
        guard::RequirePermission(mutation, own_permissions::kServiceAccountsWrite, Resource::OfPrincipal(id)));
    ASSIGN_OR_RETURN(const auto target, mutation.facts().Principal(id));
    if (!target || target->type() != PrincipalType::kServiceAccount) {
      return Error(ErrorReason::kNotFound, "service_account_id: no such service account");
    }
    RETURN_IF_ERROR(guard::RequireNotSelf(mutation, id));
    RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *target));
    RETURN_IF_ERROR(guard::RequireNotLastSuperAdmin(mutation, *target));
    return DeletePrincipal(mutation, id, audit::EventType::kServiceAccountDeleted);
  });
}

}  // namespace identity
