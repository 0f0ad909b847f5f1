#ifndef IDENTITY_DOMAIN_EXTERNAL_IDENTITY_PROVIDER_H_
#define IDENTITY_DOMAIN_EXTERNAL_IDENTITY_PROVIDER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/domain/external/external_token.h"
#include "server/domain/external/jws_algorithm.h"
#include "server/domain/resource.h"

namespace identity {

// What a login does with a person whose identity is not linked to an account yet.
enum class LinkPolicy {
  kNone,    // refuses it
  kLink,    // links it to the account with the same e-mail address, if both sides have verified the address
  kCreate,  // the same, and otherwise creates an account
};
// The name in the database, such as "link".
absl::string_view NameOf(LinkPolicy policy);
absl::optional<LinkPolicy> ParseLinkPolicy(absl::string_view name);

// Gives a role to the people whose tokens have `value` in `claim`, which has a text or a list of texts. A value.
struct RoleMapping {
  std::string claim;
  std::string value;
  std::string role;
  Resource resource;

  friend bool operator==(const RoleMapping& a, const RoleMapping& b) {
    return a.claim == b.claim && a.value == b.value && a.role == b.role && a.resource == b.resource;
  }
};

// A provider whose ID tokens log people in, whose tokens are credentials of workloads, or both. A value. Claims are
// named as for ExternalClaims.
struct IdentityProvider {
  static constexpr size_t kMaxProviders = 100;
  static constexpr size_t kMaxTexts = 20;       // in each list
  static constexpr size_t kMaxTextBytes = 256;  // of a claim's name, an audience, an amr or acr
  static constexpr size_t kMaxUrlBytes = 512;
  static constexpr size_t kMaxMappings = 100;

  std::string name;
  std::string issuer;
  std::vector<std::string> audiences;    // of its tokens; a token must have one of them
  std::string jwks_uri;                  // "": the provider's metadata tells
  std::vector<JwsAlgorithm> algorithms;  // empty: all
  std::string name_claim;                // "": none
  std::string email_claim;               // "": none
  std::string email_verified_claim;      // "": no address of this provider counts as verified
  LinkPolicy link_policy = LinkPolicy::kNone;
  // A token with one of these `amr` or this `acr` has shown a second factor. Empty: none has.
  std::vector<std::string> trusted_amr;
  std::vector<std::string> trusted_acr;
  std::vector<RoleMapping> role_mappings;
  // Tokens of workloads must have one of these. Empty: the provider has no workloads.
  std::vector<std::string> workload_audiences;
  bool default_workloads = false;  // whether IsDefaultWorkload may be one
  bool disabled = false;
  absl::Time create_time;
  absl::Time update_time;

  bool Accepts(JwsAlgorithm algorithm) const;
};

// INVALID_ARGUMENT names the first field that breaks a rule. `own_issuer`: of this service, which is no provider.
absl::Status CheckIdentityProvider(const IdentityProvider& provider, absl::string_view own_issuer);

// Providers of which most is known.
enum class ProviderPreset { kAuth0, kKeycloak, kFirebase, kGoogle, kEntraId, kKubernetes };
// What a preset must know of one customer. A value.
struct PresetValues {
  std::string domain;     // Auth0: such as "shop.eu.auth0.com"
  std::string realm_url;  // Keycloak: such as "https://login.example.com/realms/shop"
  std::string project;    // Firebase: the id of the project
  std::string tenant;     // Entra ID: the id of the tenant
};
// Sets the fields of `provider` that are empty and that the preset knows. INVALID_ARGUMENT names a value that is
// missing or malformed, or that the preset does not use.
absl::Status ApplyPreset(ProviderPreset preset, const PresetValues& values, IdentityProvider& provider);

// What an ID token says about a person, as far as the provider's row trusts it. A value.
struct ExternalProfile {
  std::string email;            // as in the token; "" without a usable one
  bool email_verified = false;  // by the provider
  std::string full_name;        // "" without a usable one
  bool second_factor = false;   // the provider has asked for one
  // What an access token may show (RFC 8176): "fed"; with a second factor "mfa", too, and the methods of the token.
  std::vector<std::string> amr;
  // `amr` and `acr` as in the token, for the audit.
  std::string shown;
  // When the person was last asked for a credential: `auth_time`, or `iat` without it.
  absl::Time auth_time;
};
// The mappings of the provider that these claims fulfil, each role and resource once.
std::vector<RoleMapping> MappedRolesOf(const IdentityProvider& provider, const ExternalClaims& claims);

ExternalProfile ProfileOf(const IdentityProvider& provider, const ExternalClaims& claims);

}  // namespace identity

#endif  // IDENTITY_DOMAIN_EXTERNAL_IDENTITY_PROVIDER_H_
