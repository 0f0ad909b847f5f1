#include "server/app/admin/identity_providers.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/stores/external/identity_providers.h"
#include "server/app/access/own_permissions.h"
#include "server/app/change/guard.h"
#include "server/app/login/mapped_roles.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

absl::Status NoSuchProvider() { return Error(ErrorReason::kNotFound, "name: no such provider"); }

absl::Status RequireMayWrite(Mutation& mutation) {
  RETURN_IF_ERROR(guard::RequirePermission(mutation, own_permissions::kIdentityProvidersWrite, Resource()));
  ASSIGN_OR_RETURN(const bool super_admin, guard::CallerIsSuperAdmin(mutation));
  if (super_admin) return absl::OkStatus();
  return Error(ErrorReason::kSuperAdminRequired, "a provider can log in as others, so only a super admin changes one");
}

void Report(Mutation& mutation, audit::EventType event, const std::string& name, const std::string& details) {
  mutation.ChangedExternal(name);
  mutation.Audit({event, absl::nullopt, name, details});
}

// What the audit says about a provider that was written.
std::string DetailsOf(const IdentityProvider& provider) {
  return absl::StrCat(provider.issuer, ", link policy ", NameOf(provider.link_policy),
                      provider.disabled ? ", disabled" : "");
}

// The names of the fields that differ.
std::string ChangedFields(const IdentityProvider& a, const IdentityProvider& b) {
  std::vector<std::string> names;
  const auto note = [&](const char* name, auto member) {
    if (a.*member != b.*member) names.emplace_back(name);
  };
  note("audiences", &IdentityProvider::audiences);
  note("jwks_uri", &IdentityProvider::jwks_uri);
  note("algorithms", &IdentityProvider::algorithms);
  note("name_claim", &IdentityProvider::name_claim);
  note("email_claim", &IdentityProvider::email_claim);
  note("email_verified_claim", &IdentityProvider::email_verified_claim);
  note("link_policy", &IdentityProvider::link_policy);
  note("trusted_amr", &IdentityProvider::trusted_amr);
  note("trusted_acr", &IdentityProvider::trusted_acr);
  note("role_mappings", &IdentityProvider::role_mappings);
  note("workload_audiences", &IdentityProvider::workload_audiences);
  note("default_workloads", &IdentityProvider::default_workloads);
  note("disabled", &IdentityProvider::disabled);
  return absl::StrJoin(names, ", ");
}

// Claims give only roles that exist and have no permission of the service itself.
absl::Status CheckMappedRoles(Mutation& mutation, const IdentityProvider& provider) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RoleGraph> graph, mutation.facts().Roles());
  for (size_t i = 0; i < provider.role_mappings.size(); ++i) {
    const std::string field = absl::StrCat("provider.role_mappings[", i, "].role");
    const std::string& role = provider.role_mappings[i].role;
    if (!graph->Contains(role)) return InvalidField(field, "there is no such role");
    if (!guard::FitsClaims(graph->Patterns(role))) {
      return InvalidField(field, "has permissions of the service itself, which claims never give");
    }
  }
  return absl::OkStatus();
}

// Ends what the claims of a provider have given by a mapping that its row no longer has. Those who still have a right
// to the role get it back at their next login. A disabled provider gives nothing.
absl::Status EndUnmappedRoles(Mutation& mutation, const IdentityProvider& before, const IdentityProvider& after) {
  const std::vector<RoleMapping>& now = after.role_mappings;
  const auto is_gone = [&](const RoleMapping& mapping) {
    return after.disabled || std::find(now.begin(), now.end(), mapping) == now.end();
  };
  bindings::Mapped which = {after.issuer};
  for (const RoleMapping& kept : before.role_mappings) {
    const bool stays =
        std::none_of(before.role_mappings.begin(), before.role_mappings.end(), [&](const RoleMapping& mapping) {
          return mapping.role == kept.role && mapping.resource == kept.resource && is_gone(mapping);
        });
    if (stays) which.except.push_back({BindingId(), kept.role, kept.resource});
  }
  return EndMappedRoles(mutation, which);
}

// Returns the name.
absl::StatusOr<std::string> Insert(Mutation& mutation, const IdentityProvider& provider) {
  ASSIGN_OR_RETURN(const int64_t count, identity_providers::Count(mutation.transaction()));
  if (count >= static_cast<int64_t>(IdentityProvider::kMaxProviders)) {
    return Error(ErrorReason::kLimitReached,
                 absl::StrCat("there are ", IdentityProvider::kMaxProviders, " providers already"));
  }
  RETURN_IF_ERROR(CheckMappedRoles(mutation, provider));
  RETURN_IF_ERROR(identity_providers::Insert(mutation.transaction(), provider));
  Report(mutation, audit::EventType::kIdentityProviderCreated, provider.name, DetailsOf(provider));
  return provider.name;
}

absl::StatusOr<IdentityProvider> FindExisting(Transaction& transaction, const std::string& name) {
  ASSIGN_OR_RETURN(absl::optional<IdentityProvider> provider, identity_providers::Find(transaction, name));
  if (!provider) return NoSuchProvider();
  return *std::move(provider);
}

}  // namespace

absl::StatusOr<IdentityProviders::Written> IdentityProviders::Create(const RequestContext& context,
                                                                     const Caller& caller,
                                                                     const IdentityProvider& provider,
                                                                     const Idempotency& idempotency) {
  const auto create = [&](Mutation& mutation) -> absl::StatusOr<IdentityProvider> {
    RETURN_IF_ERROR(RequireMayWrite(mutation));
    RETURN_IF_ERROR(InField("provider", CheckIdentityProvider(provider, own_issuer_)));
    ASSIGN_OR_RETURN(const Made made, MakeOnce(mutation, idempotency, [&] { return Insert(mutation, provider); }));
    ASSIGN_OR_RETURN(IdentityProvider found, FindExisting(mutation.transaction(), made.object_id));
    // Since the first call somebody may have given the name to another provider.
    if (found.issuer != provider.issuer) return NoSuchProvider();
    return found;
  };
  ASSIGN_OR_RETURN(auto created, mutations_.Run(context, caller, create));
  return Written{std::move(created.value), created.token};
}

absl::StatusOr<IdentityProvider> IdentityProviders::Get(const RequestContext& context, const std::string& name) {
  return database_.Read(context, [&](Transaction& transaction) { return FindExisting(transaction, name); });
}

absl::StatusOr<Page<IdentityProvider>> IdentityProviders::List(const RequestContext& context, const PageRequest& page) {
  constexpr absl::string_view kList = "ListIdentityProviders";
  const auto read = [&](const std::string& after) {
    return database_.Read(context, [&](Transaction& transaction) {
      return identity_providers::List(transaction, after, page.read_limit());
    });
  };
  return page_tokens_.ReadPage(kList, page, read, [](const IdentityProvider& provider) { return provider.name; });
}

absl::StatusOr<IdentityProviders::Written> IdentityProviders::Update(const RequestContext& context,
                                                                     const Caller& caller, const std::string& name,
                                                                     absl::FunctionRef<void(IdentityProvider&)> apply) {
  const auto update = [&](Mutation& mutation) -> absl::StatusOr<IdentityProvider> {
    Transaction& transaction = mutation.transaction();
    RETURN_IF_ERROR(RequireMayWrite(mutation));
    ASSIGN_OR_RETURN(IdentityProvider provider, FindExisting(transaction, name));
    const IdentityProvider before = provider;
    apply(provider);
    const std::string changed = ChangedFields(before, provider);
    if (changed.empty()) {
      mutation.Discard();
      return before;
    }
    RETURN_IF_ERROR(InField("provider", CheckIdentityProvider(provider, own_issuer_)));
    RETURN_IF_ERROR(CheckMappedRoles(mutation, provider));
    RETURN_IF_ERROR(identity_providers::Update(transaction, provider));
    RETURN_IF_ERROR(EndUnmappedRoles(mutation, before, provider));
    Report(mutation, audit::EventType::kIdentityProviderUpdated, name,
           absl::StrCat(DetailsOf(provider), "; changed: ", changed));
    return FindExisting(transaction, name);
  };
  ASSIGN_OR_RETURN(auto updated, mutations_.Run(context, caller, update));
  return Written{std::move(updated.value), updated.token};
}

absl::StatusOr<ConsistencyToken> IdentityProviders::Delete(const RequestContext& context, const Caller& caller,
                                                           const std::string& name) {
  return mutations_.Run(context, caller, [&](Mutation& mutation) -> absl::Status {
    RETURN_IF_ERROR(RequireMayWrite(mutation));
    ASSIGN_OR_RETURN(const IdentityProvider provider, FindExisting(mutation.transaction(), name));
    RETURN_IF_ERROR(identity_providers::Delete(mutation.transaction(), name).status());
    RETURN_IF_ERROR(EndMappedRoles(mutation, {provider.issuer}));
    Report(mutation, audit::EventType::kIdentityProviderDeleted, name, provider.issuer);
    return absl::OkStatus();
  });
}

}  // namespace identity
