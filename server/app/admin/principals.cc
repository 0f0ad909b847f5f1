#include "server/app/admin/principals.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/app/access/own_permissions.h"
#include "server/app/change/guard.h"
#include "server/app/change/principal_state.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

// Returns the principal if the caller may disable and enable it.
absl::StatusOr<PrincipalFacts> RequireMayChangeState(Mutation& mutation, const PrincipalId& id) {
  RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kPrincipalsWrite, Resource::OfPrincipal(id)));
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> target, mutation.facts().Principal(id));
  if (!target) return Error(ErrorReason::kNotFound, "principal_id: no such principal");
  if (target->type() == PrincipalType::kAnonymous) {
    return Error(ErrorReason::kBuiltIn, "principal_id: anonymous cannot be disabled; delete its bindings");
  }
  RETURN_IF_ERROR(guard::RequireNotSelf(mutation, id));
  RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *target));
  return *std::move(target);
}

}  // namespace

absl::StatusOr<ConsistencyToken> Principals::Disable(const RequestContext& context, const Caller& caller,
                                                     const PrincipalId& id, const std::string& reason) {
  return SetDisabled(context, caller, id, true, reason);
}

absl::StatusOr<ConsistencyToken> Principals::Enable(const RequestContext& context, const Caller& caller,
                                                    const PrincipalId& id) {
  return SetDisabled(context, caller, id, false, "");
}

absl::StatusOr<ConsistencyToken> Principals::SetDisabled(const RequestContext& context, const Caller& caller,
                                                         const PrincipalId& id, bool disabled,
                                                         const std::string& reason) {
  RETURN_IF_ERROR(CheckLabel("reason", reason, kMaxReasonBytes));
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalFacts target, RequireMayChangeState(mutation, id));
    if (target.disabled() == disabled) {
      mutation.Discard();
      return absl::OkStatus();
    }
    if (disabled) RETURN_IF_ERROR(guard::RequireNotLastSuperAdmin(mutation, target));
    return DisableOrEnable(mutation, id, disabled, reason);
  });
}

absl::StatusOr<Page<sessions::ListedSession>> Principals::ListSessions(const RequestContext& context,
                                                                       const PrincipalId& id, const PageRequest& page) {
  const std::string list = absl::StrCat("ListPrincipalSessions\n", id.ToString());
  const auto read = [&](const std::string& cursor) {
    return database_.Read(context, [&](Transaction& transaction) {
      return sessions::List(transaction, id, SessionId::Parse(cursor), page.read_limit());
    });
  };
  return page_tokens_.ReadPage(list, page, read,
                               [](const sessions::ListedSession& listed) { return listed.session.id.ToString(); });
}

absl::StatusOr<Page<api_keys::ApiKey>> Principals::ListApiKeys(const RequestContext& context, const PrincipalId& id,
                                                               const PageRequest& page) {
  const std::string list = absl::StrCat("ListPrincipalApiKeys\n", id.ToString());
  const auto read = [&](const std::string& cursor) {
    return database_.Read(context, [&](Transaction& transaction) {
      return api_keys::List(transaction, id, ApiKeyId::Parse(cursor), page.read_limit());
    });
  };
  return page_tokens_.ReadPage(list, page, read, [](const api_keys::ApiKey& key) { return key.id.ToString(); });
}

}  // namespace identity
