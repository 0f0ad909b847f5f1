#include "server/app/login/id_tokens.h"

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "db/stores/external/identity_providers.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/external/token_rules.h"

namespace identity {
namespace {

constexpr size_t kMaxNonceBytes = 1024;

IdTokens::Verified Refused(absl::string_view cause) { return IdTokens::Refusal{absl::StrCat("ID token: ", cause)}; }

}  // namespace

absl::Status IdToken::Check(absl::string_view field) const {
  if (issuer.empty()) return InvalidField(absl::StrCat(field, ".issuer"), "is required");
  if (token.empty()) return InvalidField(absl::StrCat(field, ".token"), "is required");
  if (nonce.size() > kMaxNonceBytes) {
    return InvalidField(absl::StrCat(field, ".nonce"), "is longer than 1,024 bytes");
  }
  return absl::OkStatus();
}

// Each token is checked against the provider as the database has it now. So a disabled provider counts no more, on any
// replica.
absl::StatusOr<IdTokens::Verified> IdTokens::Verify(const RequestContext& context, const IdToken& token) const {
  const absl::optional<ExternalToken> parsed = ExternalToken::Parse(token.token.Reveal());
  if (!parsed) return Refused("malformed");
  if (parsed->claimed_issuer() != token.issuer) return Refused("issuer");
  ASSIGN_OR_RETURN(const absl::optional<IdentityProvider> provider,
                   database_.Read(context, [&](Transaction& transaction) {
                     return identity_providers::FindByIssuer(transaction, token.issuer);
                   }));
  if (!provider || provider->issuer == own_issuer_) return Refused("unknown provider");
  if (provider->disabled) return Refused("disabled provider");
  if (!provider->Accepts(parsed->algorithm())) return Refused("algorithm");
  ASSIGN_OR_RETURN(const absl::optional<JsonWebKey> key,
                   keys_.Find(context, {provider->issuer, provider->jwks_uri}, parsed->kid(), parsed->algorithm()));
  // It may be a new one: the keys are fetched at most once a minute. The people of one frontend must not lock each
  // other out meanwhile.
  if (!key) return Verified(Refusal{"ID token: unknown key", false});
  const absl::optional<ExternalClaims> claims = ExternalClaims::Verify(*parsed, *key);
  if (!claims) return Refused("signature");
  const IdTokenContext beside = {std::string(token.nonce.Reveal()), std::string(token.access_token.Reveal())};
  const CheckedToken checked = CheckIdToken(*claims, provider->issuer, provider->audiences, beside, clock_());
  if (!checked.identity) return Refused(NameOf(checked.fault));
  return Verified(VerifiedIdToken{*provider, {checked.identity->issuer(), checked.identity->subject()}, *claims});
}

absl::StatusOr<IdTokens::Verified> IdTokens::VerifyFresh(const RequestContext& context, const IdToken& token) const {
  ASSIGN_OR_RETURN(Verified verified, Verify(context, token));
  const auto* const good = std::get_if<VerifiedIdToken>(&verified);
  if (good == nullptr) return verified;
  const absl::optional<absl::Time> auth_time = good->claims.Time("auth_time");
  const absl::Time now = clock_();
  const bool fresh = auth_time && *auth_time >= now - kFresh && *auth_time <= now + kExternalTokenSkew;
  return fresh ? std::move(verified) : Refused("auth_time");
}

}  // namespace identity
