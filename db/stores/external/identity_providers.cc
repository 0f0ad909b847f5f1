#include "db/stores/external/identity_providers.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace identity::identity_providers {
namespace {

#define SELECT_PROVIDERS                                                                                  \
  "SELECT name, issuer, audiences, jwks_uri, algorithms, name_claim, email_claim, email_verified_claim, " \
  "link_policy, trusted_amr, trusted_acr, disabled, create_time, update_time, workload_audiences, "       \
  "default_workloads, mapping_claims, mapping_values, mapping_roles, mapping_resources FROM identity_providers "

std::vector<std::string> NamesOf(const std::vector<JwsAlgorithm>& algorithms) {
  std::vector<std::string> names;
  for (const JwsAlgorithm algorithm : algorithms) names.emplace_back(NameOf(algorithm));
  return names;
}

absl::Status Unreadable(absl::string_view name) {
  return Error(ErrorReason::kInternal,
               absl::StrCat("the provider ", name, " has a value that this program does not know"));
}

absl::StatusOr<std::vector<RoleMapping>> ReadMappings(const Rows::Row& row) {
  const std::vector<std::string> claims = row.Texts("mapping_claims");
  const std::vector<std::string> values = row.Texts("mapping_values");
  const std::vector<std::string> roles = row.Texts("mapping_roles");
  const std::vector<std::string> resources = row.Texts("mapping_resources");
  const size_t count = claims.size();
  if (values.size() != count || roles.size() != count || resources.size() != count) {
    return Unreadable(row.Text("name"));
  }
  std::vector<RoleMapping> mappings;
  for (size_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(Resource resource, Resource::Parse(resources[i]));
    mappings.push_back({claims[i], values[i], roles[i], std::move(resource)});
  }
  return mappings;
}

// One field of all mappings.
template <typename Get>
std::vector<std::string> EachOf(const std::vector<RoleMapping>& mappings, const Get& get) {
  std::vector<std::string> texts;
  for (const RoleMapping& mapping : mappings) texts.push_back(get(mapping));
  return texts;
}

absl::StatusOr<IdentityProvider> ReadProvider(const Rows::Row& row) {
  IdentityProvider provider;
  provider.name = row.Text("name");
  provider.issuer = row.Text("issuer");
  provider.audiences = row.Texts("audiences");
  provider.jwks_uri = row.Text("jwks_uri");
  for (const std::string& name : row.Texts("algorithms")) {
    const absl::optional<JwsAlgorithm> algorithm = ParseJwsAlgorithm(name);
    if (!algorithm) return Unreadable(provider.name);
    provider.algorithms.push_back(*algorithm);
  }
  provider.name_claim = row.Text("name_claim");
  provider.email_claim = row.Text("email_claim");
  provider.email_verified_claim = row.Text("email_verified_claim");
  const absl::optional<LinkPolicy> policy = ParseLinkPolicy(row.Text("link_policy"));
  if (!policy) return Unreadable(provider.name);
  provider.link_policy = *policy;
  provider.trusted_amr = row.Texts("trusted_amr");
  provider.trusted_acr = row.Texts("trusted_acr");
  ASSIGN_OR_RETURN(provider.role_mappings, ReadMappings(row));
  provider.workload_audiences = row.Texts("workload_audiences");
  provider.default_workloads = row.Bool("default_workloads");
  provider.disabled = row.Bool("disabled");
  provider.create_time = row.Time("create_time");
  provider.update_time = row.Time("update_time");
  return provider;
}

absl::StatusOr<std::vector<IdentityProvider>> ReadProviders(const Rows& rows) {
  std::vector<IdentityProvider> providers;
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSIGN_OR_RETURN(IdentityProvider provider, ReadProvider(rows[i]));
    providers.push_back(std::move(provider));
  }
  return providers;
}

absl::StatusOr<absl::optional<IdentityProvider>> ReadOptionalProvider(const Rows& rows) {
  if (rows.empty()) return absl::optional<IdentityProvider>();
  ASSIGN_OR_RETURN(IdentityProvider provider, ReadProvider(rows[0]));
  return absl::make_optional(std::move(provider));
}

// $1 to $17 of the statements that write.
Params Settings(const IdentityProvider& provider) {
  return Params()
      .Add(provider.name)
      .AddTexts(provider.audiences)
      .Add(provider.jwks_uri)
      .AddTexts(NamesOf(provider.algorithms))
      .Add(provider.name_claim)
      .Add(provider.email_claim)
      .Add(provider.email_verified_claim)
      .Add(NameOf(provider.link_policy))
      .AddTexts(provider.trusted_amr)
      .AddTexts(provider.trusted_acr)
      .Add(provider.disabled)
      .AddTexts(provider.workload_audiences)
      .Add(provider.default_workloads)
      .AddTexts(EachOf(provider.role_mappings, [](const RoleMapping& mapping) { return mapping.claim; }))
      .AddTexts(EachOf(provider.role_mappings, [](const RoleMapping& mapping) { return mapping.value; }))
      .AddTexts(EachOf(provider.role_mappings, [](const RoleMapping& mapping) { return mapping.role; }))
      .AddTexts(EachOf(provider.role_mappings, [](const RoleMapping& mapping) { return mapping.resource.text(); }));
}

// Locks of the row would not do: a change of it could wait for ever behind logins, each of which comes before the last
// has ended.
#define LOCK_OF_PROVIDER "hashtextextended('identity.provider ' || $1, 0)"

absl::Status AwaitLogins(Transaction& transaction, absl::string_view name) {
  static constexpr Statement kAwait = {"await_logins_of_provider",
                                       "SELECT pg_advisory_xact_lock(" LOCK_OF_PROVIDER ")"};
  return transaction.Execute(kAwait, Params().Add(name)).status();
}

}  // namespace

absl::StatusOr<int64_t> Count(Transaction& transaction) {
  static constexpr Statement kCount = {"count_identity_providers", "SELECT count(*) AS count FROM identity_providers"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kCount));
  return rows[0].Int("count");
}

absl::Status Insert(Transaction& transaction, const IdentityProvider& provider) {
  static constexpr Statement kInsert = {
      "insert_identity_provider",
      "INSERT INTO identity_providers (name, issuer, audiences, jwks_uri, algorithms, name_claim, email_claim,"
      "  email_verified_claim, link_policy, trusted_amr, trusted_acr, disabled, workload_audiences, default_workloads,"
      "  mapping_claims, mapping_values, mapping_roles, mapping_resources) "
      "VALUES ($1, $18, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO "
      "NOTHING"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kInsert, Settings(provider).Add(provider.issuer)));
  if (rows.affected() > 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto same_name, Find(transaction, provider.name));
  return Error(ErrorReason::kAlreadyExists,
               same_name ? "name: a provider has it already" : "issuer: a provider has it already");
}

absl::Status Update(Transaction& transaction, const IdentityProvider& provider) {
  RETURN_IF_ERROR(AwaitLogins(transaction, provider.name));
  static constexpr Statement kUpdate = {
      "update_identity_provider",
      "UPDATE identity_providers SET audiences = $2, jwks_uri = $3, algorithms = $4, name_claim = $5, email_claim = $6,"
      "  email_verified_claim = $7, link_policy = $8, trusted_amr = $9, trusted_acr = $10, disabled = $11, "
      "workload_audiences = $12, default_workloads = $13,"
      "  mapping_claims = $14, mapping_values = $15, mapping_roles = $16, mapping_resources = $17,"
      "  update_time = clock_timestamp() WHERE name = $1"};
  return transaction.Execute(kUpdate, Settings(provider)).status();
}

absl::StatusOr<bool> Delete(Transaction& transaction, absl::string_view name) {
  static constexpr Statement kDelete = {"delete_identity_provider", "DELETE FROM identity_providers WHERE name = $1"};
  RETURN_IF_ERROR(AwaitLogins(transaction, name));
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kDelete, Params().Add(name)));
  return rows.affected() > 0;
}

absl::StatusOr<absl::optional<IdentityProvider>> Find(Transaction& transaction, absl::string_view name) {
  static constexpr Statement kFind = {"find_identity_provider", SELECT_PROVIDERS "WHERE name = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(name)));
  return ReadOptionalProvider(rows);
}

absl::StatusOr<absl::optional<IdentityProvider>> FindByIssuer(Transaction& transaction, absl::string_view issuer) {
  static constexpr Statement kFind = {"find_identity_provider_by_issuer", SELECT_PROVIDERS "WHERE issuer = $1"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kFind, Params().Add(issuer)));
  return ReadOptionalProvider(rows);
}

absl::StatusOr<std::vector<IdentityProvider>> OfWorkloads(Transaction& transaction) {
  static constexpr Statement kOf = {"identity_providers_of_workloads", SELECT_PROVIDERS
                                    "WHERE NOT disabled AND cardinality(workload_audiences) > 0 ORDER BY name"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kOf));
  std::vector<IdentityProvider> providers;
  for (size_t i = 0; i < rows.size(); ++i) {
    absl::StatusOr<IdentityProvider> provider = ReadProvider(rows[i]);
    if (provider.ok()) {
      providers.push_back(*std::move(provider));
    } else {
      Log(LogLevel::kError, "unreadable identity provider", {{"error", std::string(provider.status().message())}});
    }
  }
  return providers;
}

absl::StatusOr<bool> KeepUnchanged(Transaction& transaction, const IdentityProvider& provider) {
  static constexpr Statement kKeep = {"keep_identity_provider",
                                      "SELECT pg_advisory_xact_lock_shared(" LOCK_OF_PROVIDER ")"};
  static constexpr Statement kIsUnchanged = {
      "is_identity_provider_unchanged",
      "SELECT FROM identity_providers WHERE name = $1 AND issuer = $2 AND update_time = $3 AND NOT disabled"};
  RETURN_IF_ERROR(transaction.Execute(kKeep, Params().Add(provider.name)).status());
  ASSIGN_OR_RETURN(
      const Rows rows,
      transaction.Execute(kIsUnchanged, Params().Add(provider.name).Add(provider.issuer).Add(provider.update_time)));
  return !rows.empty();
}

absl::StatusOr<std::vector<std::string>> MappedRoles(Transaction& transaction) {
  static constexpr Statement kMapped = {"mapped_roles",
                                        "SELECT DISTINCT unnest(mapping_roles) AS role FROM identity_providers"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kMapped));
  std::vector<std::string> names;
  for (size_t i = 0; i < rows.size(); ++i) names.push_back(rows[i].Text("role"));
  return names;
}

absl::StatusOr<std::vector<IdentityProvider>> List(Transaction& transaction, absl::string_view after, int64_t limit) {
  static constexpr Statement kList = {"list_identity_providers",
                                      SELECT_PROVIDERS "WHERE name > $1 ORDER BY name LIMIT $2"};
  ASSIGN_OR_RETURN(const Rows rows, transaction.Execute(kList, Params().Add(after).Add(limit)));
  return ReadProviders(rows);
}

}  // namespace identity::identity_providers
