#include "server/domain/external/identity_provider.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/base/enum_names.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"
#include "server/domain/ids.h"

namespace identity {
namespace {

constexpr EnumName<LinkPolicy> kPolicies[] = {
    {LinkPolicy::kNone, "none"}, {LinkPolicy::kLink, "link"}, {LinkPolicy::kCreate, "create"}};
static_assert(NamesEach(kPolicies, LinkPolicy::kCreate));

constexpr size_t kMaxNameBytes = 63;
// Of the methods that a token shows.
constexpr size_t kMaxMethods = 10;
constexpr size_t kMaxMethodBytes = 32;
// RFC 8176 has no name for a login at another issuer.
constexpr char kFederated[] = "fed";
constexpr char kSecondFactor[] = "mfa";

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// An absolute https:// URL without a user and a fragment.
bool IsUrl(absl::string_view url) {
  if (url.size() > IdentityProvider::kMaxUrlBytes || !IsPrintable(url) || !absl::ConsumePrefix(&url, "https://")) {
    return false;
  }
  // Some paths contain an "@", but an authority with one names a user.
  const absl::string_view authority = url.substr(0, url.find_first_of("/?"));
  return !authority.empty() && !absl::StrContains(authority, '@') &&
         url.find_first_of("#\\") == absl::string_view::npos;
}

// The same without a query (OpenID Connect Discovery, section 2).
bool IsIssuer(absl::string_view url) { return IsUrl(url) && !absl::StrContains(url, '?'); }

bool IsName(absl::string_view name) {
  const auto fits = [](unsigned char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; };
  return !name.empty() && name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), fits) &&
         name.front() != '-' && name.back() != '-';
}

absl::Status CheckTexts(absl::string_view field, const std::vector<std::string>& texts) {
  if (texts.size() > IdentityProvider::kMaxTexts) {
    return InvalidField(field, absl::StrCat("has more than ", IdentityProvider::kMaxTexts, " entries"));
  }
  for (const std::string& text : texts) {
    if (text.empty() || text.size() > IdentityProvider::kMaxTextBytes || !IsPrintable(text)) {
      return InvalidField(field, "has an entry that is not 1 to 256 bytes of printable ASCII");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckClaim(absl::string_view field, absl::string_view claim) {
  if (claim.size() <= IdentityProvider::kMaxTextBytes && IsPrintable(claim)) return absl::OkStatus();
  return InvalidField(field, "is not at most 256 bytes of printable ASCII");
}

absl::Status CheckLinking(const IdentityProvider& provider) {
  const bool has_verified = !provider.email_claim.empty() && !provider.email_verified_claim.empty();
  if (provider.link_policy == LinkPolicy::kLink && !has_verified) {
    return InvalidField("link_policy", "links by verified addresses, so it needs email_claim and email_verified_claim");
  }
  if (provider.link_policy == LinkPolicy::kCreate && provider.email_claim.empty()) {
    return InvalidField("link_policy", "creates accounts with an address, so it needs email_claim");
  }
  return absl::OkStatus();
}

absl::Status CheckMappings(const IdentityProvider& provider) {
  if (provider.role_mappings.size() > IdentityProvider::kMaxMappings) {
    return InvalidField("role_mappings", absl::StrCat("has more than ", IdentityProvider::kMaxMappings, " entries"));
  }
  for (size_t i = 0; i < provider.role_mappings.size(); ++i) {
    const RoleMapping& mapping = provider.role_mappings[i];
    const std::string field = absl::StrCat("role_mappings[", i, "]");
    if (mapping.claim.empty()) return InvalidField(field + ".claim", "is required");
    RETURN_IF_ERROR(CheckClaim(field + ".claim", mapping.claim));
    if (mapping.value.empty()) return InvalidField(field + ".value", "is required");
    RETURN_IF_ERROR(CheckLabel(field + ".value", mapping.value, IdentityProvider::kMaxTextBytes));
    if (mapping.role.empty()) return InvalidField(field + ".role", "is required");
  }
  return absl::OkStatus();
}

// The id of a project.
bool IsId(absl::string_view text) {
  const auto fits = [](unsigned char c) { return absl::ascii_isalnum(c) || c == '-' || c == '.'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits) && text.front() != '.' && text.back() != '.' &&
         !absl::StrContains(text, "..");
}

// A host name, such as "shop.eu.auth0.com".
bool IsHost(absl::string_view text) { return IsId(text) && absl::StrContains(text, '.'); }

// The id of a directory of Entra ID. Its domain also leads to the metadata, but the tokens have the id in `iss`. Names
// such as "common" stand for all tenants.
bool IsTenant(absl::string_view text) { return Uuid::Parse(text).has_value(); }

void Fill(std::string& field, absl::string_view value) {
  if (field.empty()) field = std::string(value);
}

struct PresetRow {
  ProviderPreset preset;
  // The value that the preset needs; null: none.
  std::string PresetValues::*value;
  const char* field;
  bool (*is_valid)(absl::string_view);
  const char* rule;
  // Whether the provider verifies addresses, and says so in `email_verified`.
  bool verifies_addresses;
};

// Google and Entra ID are known to give tokens with addresses that others have come to own, or that were never
// verified.
constexpr PresetRow kPresets[] = {
    {ProviderPreset::kAuth0, &PresetValues::domain, "domain", IsHost, "is not a host such as shop.eu.auth0.com", true},
    {ProviderPreset::kKeycloak, &PresetValues::realm_url, "realm_url", IsIssuer,
     "is not a URL such as https://login.example.com/realms/shop", true},
    {ProviderPreset::kFirebase, &PresetValues::project, "project", IsId, "is not the id of a project", true},
    {ProviderPreset::kGoogle, nullptr, "", nullptr, "", false},
    {ProviderPreset::kEntraId, &PresetValues::tenant, "tenant", IsTenant, "is not the id of a tenant, a UUID", false},
    {ProviderPreset::kKubernetes, nullptr, "", nullptr, "", false},
};

std::string IssuerOf(ProviderPreset preset, const PresetValues& values) {
  switch (preset) {
    case ProviderPreset::kAuth0:
      return absl::StrCat("https://", absl::AsciiStrToLower(values.domain), "/");
    case ProviderPreset::kKeycloak:
      return std::string(absl::StripSuffix(values.realm_url, "/"));
    case ProviderPreset::kFirebase:
      return absl::StrCat("https://securetoken.google.com/", values.project);
    case ProviderPreset::kGoogle:
      return "https://accounts.google.com";
    case ProviderPreset::kKubernetes:
      // What kubeadm sets; other clusters have issuers of their own (--service-account-issuer of the API server).
      return "https://kubernetes.default.svc.cluster.local";
    case ProviderPreset::kEntraId:
      return absl::StrCat("https://login.microsoftonline.com/", absl::AsciiStrToLower(values.tenant), "/v2.0");
  }
  return "";
}

absl::Status CheckPresetValues(const PresetRow& row, const PresetValues& values) {
  constexpr std::pair<std::string PresetValues::*, const char*> kValues[] = {{&PresetValues::domain, "domain"},
                                                                             {&PresetValues::realm_url, "realm_url"},
                                                                             {&PresetValues::project, "project"},
                                                                             {&PresetValues::tenant, "tenant"}};
  for (const auto& [value, field] : kValues) {
    if (value != row.value && !(values.*value).empty()) return InvalidField(field, "is not for this preset");
  }
  if (row.value != nullptr && !row.is_valid(values.*row.value)) return InvalidField(row.field, row.rule);
  return absl::OkStatus();
}

// An address as in the token, if an account of ours could have it.
std::string UsableEmail(const absl::optional<std::string>& email) {
  return email && FoldEmail(*email).ok() ? *email : "";
}

// Apple and others send "true" as text.
bool IsTrue(const ExternalClaims& claims, const std::string& claim) {
  return !claim.empty() && (claims.Bool(claim).value_or(false) || claims.Text(claim).value_or("") == "true");
}

bool AnyOf(const std::vector<std::string>& texts, const std::vector<std::string>& wanted) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
    return std::find(wanted.begin(), wanted.end(), text) != wanted.end();
  });
}

// The methods that have the form of one. Others could fill the access token and the audit.
std::vector<std::string> UsableMethods(const std::vector<std::string>& methods) {
  std::vector<std::string> usable;
  for (const std::string& method : methods) {
    if (usable.size() == kMaxMethods) break;
    if (!method.empty() && method.size() <= kMaxMethodBytes && IsPrintable(method)) usable.push_back(method);
  }
  return usable;
}

}  // namespace

absl::string_view NameOf(LinkPolicy policy) { return NameIn(kPolicies, policy); }

absl::optional<LinkPolicy> ParseLinkPolicy(absl::string_view name) { return FindByName(kPolicies, name); }

bool IdentityProvider::Accepts(JwsAlgorithm algorithm) const {
  return algorithms.empty() || std::find(algorithms.begin(), algorithms.end(), algorithm) != algorithms.end();
}

absl::Status CheckIdentityProvider(const IdentityProvider& provider, absl::string_view own_issuer) {
  if (!IsName(provider.name)) return InvalidField("name", "is not 1 to 63 of [a-z0-9-], without - at either end");
  if (!IsIssuer(provider.issuer)) {
    return InvalidField("issuer", "is not an https:// URL without user, query and fragment, of at most 512 bytes");
  }
  if (provider.issuer == own_issuer) return InvalidField("issuer", "is this service");
  if (provider.audiences.empty() && provider.workload_audiences.empty()) {
    return InvalidField("audiences",
                        "must have the client ids of people's frontends, unless workload_audiences has the audiences "
                        "of workloads");
  }
  RETURN_IF_ERROR(CheckTexts("audiences", provider.audiences));
  RETURN_IF_ERROR(CheckTexts("workload_audiences", provider.workload_audiences));
  if (std::find_first_of(provider.audiences.begin(), provider.audiences.end(), provider.workload_audiences.begin(),
                         provider.workload_audiences.end()) != provider.audiences.end()) {
    return InvalidField("workload_audiences",
                        "has an entry of audiences: a token of a person must not be one of a "
                        "workload");
  }
  if (!provider.jwks_uri.empty() && !IsUrl(provider.jwks_uri)) {
    return InvalidField("jwks_uri", "is not an https:// URL without user and fragment, of at most 512 bytes");
  }
  RETURN_IF_ERROR(CheckClaim("name_claim", provider.name_claim));
  RETURN_IF_ERROR(CheckClaim("email_claim", provider.email_claim));
  RETURN_IF_ERROR(CheckClaim("email_verified_claim", provider.email_verified_claim));
  RETURN_IF_ERROR(CheckTexts("trusted_amr", provider.trusted_amr));
  RETURN_IF_ERROR(CheckTexts("trusted_acr", provider.trusted_acr));
  RETURN_IF_ERROR(CheckMappings(provider));
  return CheckLinking(provider);
}

absl::Status ApplyPreset(ProviderPreset preset, const PresetValues& values, IdentityProvider& provider) {
  const PresetRow& row = *std::find_if(std::begin(kPresets), std::end(kPresets),
                                       [preset](const PresetRow& each) { return each.preset == preset; });
  RETURN_IF_ERROR(CheckPresetValues(row, values));
  Fill(provider.issuer, IssuerOf(preset, values));
  if (preset == ProviderPreset::kKubernetes) {
    Fill(provider.jwks_uri, "https://kubernetes.default.svc/openid/v1/jwks");
    if (provider.workload_audiences.empty()) provider.workload_audiences = {"identity"};
    return absl::OkStatus();
  }
  Fill(provider.name_claim, "name");
  Fill(provider.email_claim, "email");
  if (row.verifies_addresses) Fill(provider.email_verified_claim, "email_verified");
  if (preset == ProviderPreset::kFirebase) {
    if (provider.audiences.empty()) provider.audiences = {values.project};
    // Its metadata names the same keys, but by a URL that some networks do not reach.
    Fill(provider.jwks_uri,
         "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com");
    if (provider.algorithms.empty()) provider.algorithms = {JwsAlgorithm::kRs256};
  }
  return absl::OkStatus();
}

std::vector<RoleMapping> MappedRolesOf(const IdentityProvider& provider, const ExternalClaims& claims) {
  std::vector<RoleMapping> mapped;
  for (const RoleMapping& mapping : provider.role_mappings) {
    const std::vector<std::string> values = claims.Texts(mapping.claim).value_or(std::vector<std::string>());
    if (std::find(values.begin(), values.end(), mapping.value) == values.end()) continue;
    const bool known = std::any_of(mapped.begin(), mapped.end(), [&mapping](const RoleMapping& other) {
      return other.role == mapping.role && other.resource == mapping.resource;
    });
    if (!known) mapped.push_back(mapping);
  }
  return mapped;
}

ExternalProfile ProfileOf(const IdentityProvider& provider, const ExternalClaims& claims) {
  ExternalProfile profile;
  profile.email = provider.email_claim.empty() ? "" : UsableEmail(claims.Text(provider.email_claim));
  profile.email_verified = !profile.email.empty() && IsTrue(claims, provider.email_verified_claim);
  const std::string name = provider.name_claim.empty() ? "" : claims.Text(provider.name_claim).value_or("");
  if (CheckLabel("name", name, kMaxFullNameBytes).ok()) profile.full_name = name;
  const std::vector<std::string> methods = claims.Texts("amr").value_or(std::vector<std::string>());
  const std::vector<std::string> classes = {claims.Text("acr").value_or("")};
  profile.second_factor = AnyOf(methods, provider.trusted_amr) || AnyOf(classes, provider.trusted_acr);
  profile.amr = {kFederated};
  if (profile.second_factor) {
    profile.amr.emplace_back(kSecondFactor);
    for (std::string& method : UsableMethods(methods)) {
      if (std::find(profile.amr.begin(), profile.amr.end(), method) == profile.amr.end()) {
        profile.amr.push_back(std::move(method));
      }
    }
  }
  const std::vector<std::string> shown = UsableMethods(methods);
  if (!shown.empty()) profile.shown = absl::StrCat("amr ", absl::StrJoin(shown, " "));
  const std::vector<std::string> acr = UsableMethods(classes);
  if (!acr.empty()) absl::StrAppend(&profile.shown, profile.shown.empty() ? "" : ", ", "acr ", acr[0]);
  profile.auth_time = claims.Time("auth_time").value_or(claims.Time("iat").value_or(absl::UnixEpoch()));
  return profile;
}

}  // namespace identity
