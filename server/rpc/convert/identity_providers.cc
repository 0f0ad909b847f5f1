#include "server/rpc/convert/identity_providers.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/rpc/convert/fields.h"
#include "server/rpc/convert/time.h"
#include "server/rpc/convert/update_mask.h"

namespace identity {
namespace {

// In the order of LinkPolicy.
constexpr v1::LinkPolicy kPolicies[] = {v1::LINK_POLICY_NONE, v1::LINK_POLICY_LINK, v1::LINK_POLICY_CREATE};

constexpr std::pair<v1::ProviderPreset, ProviderPreset> kPresets[] = {
    {v1::PROVIDER_PRESET_AUTH0, ProviderPreset::kAuth0},
    {v1::PROVIDER_PRESET_KEYCLOAK, ProviderPreset::kKeycloak},
    {v1::PROVIDER_PRESET_FIREBASE, ProviderPreset::kFirebase},
    {v1::PROVIDER_PRESET_GOOGLE, ProviderPreset::kGoogle},
    {v1::PROVIDER_PRESET_ENTRA_ID, ProviderPreset::kEntraId},
    {v1::PROVIDER_PRESET_KUBERNETES, ProviderPreset::kKubernetes},
};

using Texts = google::protobuf::RepeatedPtrField<std::string>;

std::vector<std::string> ReadTexts(const Texts& field) { return {field.begin(), field.end()}; }

absl::StatusOr<std::vector<JwsAlgorithm>> ReadAlgorithms(const Texts& names) {
  std::vector<JwsAlgorithm> algorithms;
  for (const std::string& name : names) {
    const absl::optional<JwsAlgorithm> algorithm = ParseJwsAlgorithm(name);
    if (!algorithm) {
      return InvalidField("provider.algorithms",
                          "has an entry that is none of RS256, RS384, RS512, PS256, ES256, "
                          "ES384 and EdDSA");
    }
    if (std::find(algorithms.begin(), algorithms.end(), *algorithm) == algorithms.end()) {
      algorithms.push_back(*algorithm);
    }
  }
  return algorithms;
}

// An unspecified policy links nothing.
absl::StatusOr<LinkPolicy> ReadPolicy(v1::LinkPolicy policy) {
  if (policy == v1::LINK_POLICY_UNSPECIFIED) return LinkPolicy::kNone;
  const auto* const found = std::find(std::begin(kPolicies), std::end(kPolicies), policy);
  if (found == std::end(kPolicies)) return InvalidField("provider.link_policy", "is unknown to this server");
  return static_cast<LinkPolicy>(found - std::begin(kPolicies));
}

absl::StatusOr<std::vector<RoleMapping>> ReadMappings(const v1::IdentityProvider& proto) {
  std::vector<RoleMapping> mappings;
  for (const v1::RoleMapping& mapping : proto.role_mappings()) {
    absl::StatusOr<Resource> resource = Resource::Parse(mapping.resource());
    if (!resource.ok()) {
      return InField(absl::StrCat("provider.role_mappings[", mappings.size(), "]"), resource.status());
    }
    mappings.push_back({mapping.claim(), mapping.value(), mapping.role(), *std::move(resource)});
  }
  return mappings;
}

absl::StatusOr<IdentityProvider> ReadFields(const v1::IdentityProvider& proto) {
  IdentityProvider provider;
  provider.name = proto.name();
  provider.issuer = proto.issuer();
  provider.audiences = ReadTexts(proto.audiences());
  provider.jwks_uri = proto.jwks_uri();
  ASSIGN_OR_RETURN(provider.algorithms, ReadAlgorithms(proto.algorithms()));
  provider.name_claim = proto.name_claim();
  provider.email_claim = proto.email_claim();
  provider.email_verified_claim = proto.email_verified_claim();
  ASSIGN_OR_RETURN(provider.link_policy, ReadPolicy(proto.link_policy()));
  provider.trusted_amr = ReadTexts(proto.trusted_amr());
  provider.trusted_acr = ReadTexts(proto.trusted_acr());
  ASSIGN_OR_RETURN(provider.role_mappings, ReadMappings(proto));
  provider.workload_audiences = ReadTexts(proto.workload_audiences());
  provider.default_workloads = proto.default_workloads();
  provider.disabled = proto.disabled();
  return provider;
}

}  // namespace

v1::IdentityProvider ToProto(const IdentityProvider& provider) {
  v1::IdentityProvider proto;
  proto.set_name(provider.name);
  proto.set_issuer(provider.issuer);
  WriteTexts(provider.audiences, *proto.mutable_audiences());
  proto.set_jwks_uri(provider.jwks_uri);
  for (const JwsAlgorithm algorithm : provider.algorithms) proto.add_algorithms(std::string(NameOf(algorithm)));
  proto.set_name_claim(provider.name_claim);
  proto.set_email_claim(provider.email_claim);
  proto.set_email_verified_claim(provider.email_verified_claim);
  proto.set_link_policy(kPolicies[static_cast<size_t>(provider.link_policy)]);
  WriteTexts(provider.trusted_amr, *proto.mutable_trusted_amr());
  WriteTexts(provider.trusted_acr, *proto.mutable_trusted_acr());
  for (const RoleMapping& mapping : provider.role_mappings) {
    v1::RoleMapping& added = *proto.add_role_mappings();
    added.set_claim(mapping.claim);
    added.set_value(mapping.value);
    added.set_role(mapping.role);
    added.set_resource(mapping.resource.text());
  }
  WriteTexts(provider.workload_audiences, *proto.mutable_workload_audiences());
  proto.set_default_workloads(provider.default_workloads);
  proto.set_disabled(provider.disabled);
  *proto.mutable_create_time() = ToProto(provider.create_time);
  *proto.mutable_update_time() = ToProto(provider.update_time);
  return proto;
}

v1::ExternalIdentity ToProto(const external_identities::Listed& identity) {
  v1::ExternalIdentity proto;
  proto.set_issuer(identity.key.issuer);
  proto.set_subject(identity.key.subject);
  proto.set_provider(identity.provider);
  proto.set_label(identity.label);
  *proto.mutable_link_time() = ToProto(identity.link_time);
  return proto;
}

absl::StatusOr<IdentityProvider> ReadProvider(const v1::CreateIdentityProviderRequest& request) {
  ASSIGN_OR_RETURN(IdentityProvider provider, ReadFields(request.provider()));
  const PresetValues values = {request.domain(), request.realm_url(), request.project(), request.tenant()};
  if (request.preset() == v1::PROVIDER_PRESET_UNSPECIFIED) {
    for (const auto& [field, value] : {std::pair("domain", &values.domain), std::pair("realm_url", &values.realm_url),
                                       std::pair("project", &values.project), std::pair("tenant", &values.tenant)}) {
      if (!value->empty()) return InvalidField(field, "is for a preset");
    }
    return provider;
  }
  const auto* const row = std::find_if(std::begin(kPresets), std::end(kPresets),
                                       [&](const auto& each) { return each.first == request.preset(); });
  if (row == std::end(kPresets)) return InvalidField("preset", "is unknown to this server");
  RETURN_IF_ERROR(ApplyPreset(row->second, values, provider));
  return provider;
}

absl::StatusOr<std::function<void(IdentityProvider&)>> ReadProviderUpdate(
    const v1::UpdateIdentityProviderRequest& request) {
  ASSIGN_OR_RETURN(const UpdateMask mask,
                   UpdateMask::Read(request.update_mask(), request.provider(),
                                    {"audiences", "jwks_uri", "algorithms", "name_claim", "email_claim",
                                     "email_verified_claim", "link_policy", "trusted_amr", "trusted_acr",
                                     "role_mappings", "workload_audiences", "default_workloads", "disabled"}));
  ASSIGN_OR_RETURN(IdentityProvider wanted, ReadFields(request.provider()));
  return std::function<void(IdentityProvider&)>([mask, wanted](IdentityProvider& provider) {
    const auto take = [&](absl::string_view field, auto member) {
      if (mask.Has(field)) provider.*member = wanted.*member;
    };
    take("audiences", &IdentityProvider::audiences);
    take("jwks_uri", &IdentityProvider::jwks_uri);
    take("algorithms", &IdentityProvider::algorithms);
    take("name_claim", &IdentityProvider::name_claim);
    take("email_claim", &IdentityProvider::email_claim);
    take("email_verified_claim", &IdentityProvider::email_verified_claim);
    take("link_policy", &IdentityProvider::link_policy);
    take("trusted_amr", &IdentityProvider::trusted_amr);
    take("trusted_acr", &IdentityProvider::trusted_acr);
    take("role_mappings", &IdentityProvider::role_mappings);
    take("workload_audiences", &IdentityProvider::workload_audiences);
    take("default_workloads", &IdentityProvider::default_workloads);
    take("disabled", &IdentityProvider::disabled);
  });
}

}  // namespace identity
