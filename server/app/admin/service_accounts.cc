#include "server/app/admin/service_accounts.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/stores/external/external_identities.h"
#include "db/stores/external/identity_providers.h"
#include "db/stores/external/workloads.h"
#include "server/app/access/own_permissions.h"
#include "server/app/change/guard.h"
#include "server/app/change/principal_state.h"
#include "server/app/login/mapped_roles.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"

namespace identity {
namespace {

absl::StatusOr<principals::ServiceAccount> InsertAccount(Mutation& mutation, const std::string& name,
                                                         const std::string& description) {
  ASSIGN_OR_RETURN(auto account, principals::InsertServiceAccount(mutation.transaction(), name, description));
  mutation.Changed(account.id);
  mutation.Audit({audit::EventType::kServiceAccountCreated, account.id, account.id.ToString()});
  return account;
}

absl::StatusOr<ServiceAccounts::Account> ReadAccount(Transaction& transaction, const PrincipalId& id) {
  ASSIGN_OR_RETURN(auto fields, principals::FindServiceAccount(transaction, id));
  if (!fields) return Error(ErrorReason::kNotFound, "service_account_id: no such service account");
  ASSIGN_OR_RETURN(auto workloads, workloads::Of(transaction, {id}));
  return ServiceAccounts::Account{*std::move(fields), std::move(workloads)};
}

// The principal's facts, if it is a service account and the caller may change it.
absl::StatusOr<PrincipalFacts> RequireMayChangeAccount(Mutation& mutation, const PrincipalId& id) {
  RETURN_IF_ERROR(
      guard::RequirePermission(mutation, own_permissions::kServiceAccountsWrite, Resource::OfPrincipal(id)));
  ASSIGN_OR_RETURN(const auto target, mutation.facts().Principal(id));
  if (!target || target->type() != PrincipalType::kServiceAccount) {
    return Error(ErrorReason::kNotFound, "service_account_id: no such service account");
  }
  RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *target));
  return *target;
}

constexpr char kWorkloadsField[] = "service_account.external_identities";

absl::Status CheckWorkloads(const std::vector<Workloads::Entry>& entries) {
  if (entries.size() > kMaxWorkloadsOfAnAccount) {
    return InvalidField(kWorkloadsField, absl::StrCat("has more than ", kMaxWorkloadsOfAnAccount, " entries"));
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    RETURN_IF_ERROR(InField(absl::StrCat(kWorkloadsField, "[", i, "]"), CheckExternalKey(entries[i].key)));
  }
  return absl::OkStatus();
}

absl::Status CheckIssuer(Mutation& mutation, const std::string& field, const ExternalKey& key) {
  ASSIGN_OR_RETURN(const auto issuer, identity_providers::FindByIssuer(mutation.transaction(), key.issuer));
  if (!issuer || issuer->workload_audiences.empty()) {
    return InvalidField(field + ".issuer", "no provider with workload_audiences has this issuer");
  }
  if (!IsDefaultWorkload(key.subject) || issuer->default_workloads) return absl::OkStatus();
  return InvalidField(field + ".subject",
                      "is an account that all pods of a namespace share; the provider's row does not allow that "
                      "(default_workloads)");
}

// As for an API key of another owner: the workload must not reach further into the service's own permissions than the
// caller does, even if the account gains permissions later, and the caller must be able to grant what it can do now.
absl::Status RequireMayGrantWorkload(Mutation& mutation, const PrincipalFacts& account, const Scopes& scopes) {
  const Scopes within = scopes.Intersect(mutation.caller().subject->scopes);
  if (!(within == scopes)) {
    return Error(ErrorReason::kGrantExceedsCaller,
                 "external_identities: has scopes that the caller's credential lacks");
  }
  RETURN_IF_ERROR(guard::RequireMayGrant(mutation, scopes.patterns(), Resource(), absl::InfiniteFuture()));
  return guard::RequireCouldGrantCredential(mutation, account, scopes, absl::InfiniteFuture());
}

absl::Status SetWorkloads(Mutation& mutation, const PrincipalFacts& account,
                          const std::vector<Workloads::Entry>& entries) {
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto& [key, granted] = entries[i];
    const std::string field = absl::StrCat(kWorkloadsField, "[", i, "]");
    if (key.issuer != kCertificateIssuer) RETURN_IF_ERROR(CheckIssuer(mutation, field, key));
    RETURN_IF_ERROR(RequireMayGrantWorkload(mutation, account, granted.scopes));
  }
  RETURN_IF_ERROR(workloads::Replace(mutation.transaction(), account.id(), entries));
  mutation.ChangedExternal(account.id().ToString());
  return absl::OkStatus();
}

// Only a super admin may revoke or restore an identity of a super admin.
absl::Status RequireMayRevokeExternal(Mutation& mutation, const ExternalKey& key,
                                      const absl::optional<external_identities::Link>& link) {
  ASSIGN_OR_RETURN(const WorkloadState workload, mutation.facts().Workload(key));
  for (const absl::optional<PrincipalId>& id :
       {link ? absl::make_optional(link->principal_id) : absl::nullopt,
        workload.account ? absl::make_optional(workload.account->service_account) : absl::nullopt}) {
    if (!id) continue;
    ASSIGN_OR_RETURN(const auto target, mutation.facts().Principal(*id));
    if (target) RETURN_IF_ERROR(guard::RequireMayActOn(mutation, *target));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ServiceAccounts::Account>> ListAccounts(Transaction& transaction, const PrincipalId& after,
                                                                   int64_t limit) {
  ASSIGN_OR_RETURN(auto listed, principals::ListServiceAccounts(transaction, after, limit));
  std::vector<PrincipalId> ids;
  for (const principals::ServiceAccount& account : listed) ids.push_back(account.id);
  ASSIGN_OR_RETURN(const std::vector<Workloads::Entry> all, workloads::Of(transaction, ids));
  std::vector<ServiceAccounts::Account> accounts;
  for (principals::ServiceAccount& account : listed) {
    accounts.push_back({std::move(account), {}});
    std::copy_if(all.begin(), all.end(), std::back_inserter(accounts.back().workloads),
                 [id = accounts.back().fields.id](const Workloads::Entry& entry) {
                   return entry.account.service_account == id;
                 });
  }
  return accounts;
}

}  // namespace

absl::StatusOr<ServiceAccounts::Written> ServiceAccounts::Create(const RequestContext& context, const Caller& caller,
                                                                 const std::string& name,
                                                                 const std::string& description,
                                                                 const Idempotency& idempotency) {
  ASSIGN_OR_RETURN(const std::string folded, FoldNewName("name", name));
  RETURN_IF_ERROR(CheckLabel("description", description, kMaxDescriptionBytes));
  const auto create = [&](Mutation& mutation) -> absl::StatusOr<Account> {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kServiceAccountsWrite, Resource()));
    absl::optional<principals::ServiceAccount> fresh;
    const auto make = [&]() -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(fresh, InsertAccount(mutation, folded, description));
      return fresh->id.ToString();
    };
    ASSIGN_OR_RETURN(const Made made, MakeOnce(mutation, idempotency, make));
    if (fresh) return Account{*std::move(fresh), {}};
    return ReadAccount(mutation.transaction(), *PrincipalId::Parse(made.object_id));
  };
  ASSIGN_OR_RETURN(auto created, mutations_.Run(context, caller, create));
  return Written{std::move(created.value), created.token};
}

absl::StatusOr<Page<ServiceAccounts::Account>> ServiceAccounts::List(const RequestContext& context,
                                                                     const PageRequest& page) {
  constexpr absl::string_view kList = "ListServiceAccounts";
  const auto read = [&](const std::string& cursor) {
    const PrincipalId after = PrincipalId::Parse(cursor).value_or(PrincipalId());
    return database_.Read(
        context, [&](Transaction& transaction) { return ListAccounts(transaction, after, page.read_limit()); });
  };
  return page_tokens_.ReadPage(kList, page, read, [](const Account& account) { return account.fields.id.ToString(); });
}

absl::StatusOr<ServiceAccounts::Written> ServiceAccounts::Apply(const RequestContext& context, const Caller& caller,
                                                                const Update& update) {
  if (update.description) {
    RETURN_IF_ERROR(InField("service_account", CheckLabel("description", *update.description, kMaxDescriptionBytes)));
  }
  if (update.workloads) RETURN_IF_ERROR(CheckWorkloads(*update.workloads));
  const auto apply = [&](Mutation& mutation) -> absl::StatusOr<Account> {
    ASSIGN_OR_RETURN(const PrincipalFacts target, RequireMayChangeAccount(mutation, update.id));
    // Otherwise a stolen key could make itself a credential that outlives it.
    if (update.workloads) RETURN_IF_ERROR(guard::RequireNotSelf(mutation, update.id));
    std::vector<std::string> changed;
    if (update.description) {
      RETURN_IF_ERROR(principals::SetDescription(mutation.transaction(), update.id, *update.description));
      changed.emplace_back("description");
    }
    if (update.workloads) {
      RETURN_IF_ERROR(SetWorkloads(mutation, target, *update.workloads));
      changed.emplace_back("external_identities");
    }
    if (changed.empty()) {
      mutation.Discard();
      return ReadAccount(mutation.transaction(), update.id);
    }
    mutation.Changed(update.id);
    mutation.Audit(
        {audit::EventType::kServiceAccountUpdated, update.id, update.id.ToString(), absl::StrJoin(changed, ", ")});
    return ReadAccount(mutation.transaction(), update.id);
  };
  ASSIGN_OR_RETURN(auto updated, mutations_.Run(context, caller, apply));
  return Written{std::move(updated.value), updated.token};
}

absl::StatusOr<ConsistencyToken> ServiceAccounts::RevokeExternal(const RequestContext& context, const Caller& caller,
                                                                 const ExternalKey& key, bool undo) {
  RETURN_IF_ERROR(CheckExternalKey(key));
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kSessionsWrite, Resource()));
    ASSIGN_OR_RETURN(const auto link, external_identities::Find(mutation.transaction(), {key.issuer, key.subject}));
    RETURN_IF_ERROR(RequireMayRevokeExternal(mutation, key, link));
    if (link) RETURN_IF_ERROR(principals::LockForChange(mutation.transaction(), link->principal_id));
    // Logins wait, also those that are just linking the identity.
    RETURN_IF_ERROR(external_identities::Lock(mutation.transaction(), {key.issuer, key.subject}));
    ASSIGN_OR_RETURN(const int64_t revoked, workloads::CountRevoked(mutation.transaction()));
    if (!undo && revoked >= kMaxExternalRevocations) {
      return Error(ErrorReason::kLimitReached,
                   absl::StrCat("there are ", kMaxExternalRevocations, " revocations; undo some"));
    }
    ASSIGN_OR_RETURN(const bool changed, undo ? workloads::Restore(mutation.transaction(), key)
                                              : workloads::Revoke(mutation.transaction(), key));
    if (!changed) {
      mutation.Discard();
      return absl::OkStatus();
    }
    if (link && !undo) RETURN_IF_ERROR(EndMappedRoles(mutation, {key.issuer, link->principal_id}));
    mutation.ChangedExternal(key.subject);
    mutation.Audit({undo ? audit::EventType::kExternalRestored : audit::EventType::kExternalRevoked, absl::nullopt,
                    key.subject, key.issuer});
    return absl::OkStatus();
  });
}

absl::StatusOr<ConsistencyToken> ServiceAccounts::Delete(const RequestContext& context, const Caller& caller,
                                                         const PrincipalId& id) {
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    ASSIGN_OR_RETURN(const PrincipalFacts target, RequireMayChangeAccount(mutation, id));
    RETURN_IF_ERROR(guard::RequireNotSelf(mutation, id));
    RETURN_IF_ERROR(guard::RequireNotLastSuperAdmin(mutation, target));
    ASSIGN_OR_RETURN(const std::vector<Workloads::Entry> workloads, workloads::Of(mutation.transaction(), {id}));
    if (!workloads.empty()) mutation.ChangedExternal(id.ToString());
    return DeletePrincipal(mutation, id, audit::EventType::kServiceAccountDeleted);
  });
}

}  // namespace identity
