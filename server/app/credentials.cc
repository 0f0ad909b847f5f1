#include "server/app/credentials.h"

#include <utility>

#include "server/base/secret.h"
#include "server/base/status_macros.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

Subject SubjectOf(const AccessTokenClaims& claims, PrincipalFacts principal) {
  Subject subject;
  subject.principal = std::move(principal);
  subject.scopes = claims.scopes;
  subject.session_id = claims.session_id;
  subject.api_key_id = claims.api_key_id;
  subject.token_id = claims.id;
  subject.expire_time = claims.expire_time;
  return subject;
}

// The reason of a key's end, kGranted while it lives.
Reason StateOf(const api_keys::ApiKey& key, absl::Time now) {
  if (key.expire_time <= now) return Reason::kCredentialExpired;
  if (key.revoke_time) return Reason::kCredentialRevoked;
  return Reason::kGranted;
}

// Why a rightly signed token that has not expired does not count, or kGranted.
absl::StatusOr<Reason> StateOf(Facts& facts, const AccessTokenClaims& claims, const PrincipalFacts& principal) {
  if (claims.api_key_id) {
    ASSIGN_OR_RETURN(const absl::optional<api_keys::ApiKey> key, facts.ApiKey(*claims.api_key_id));
    ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
    if (!key) return Reason::kCredentialRevoked;
    if (const Reason state = StateOf(*key, now.time); state != Reason::kGranted) return state;
  }
  ASSIGN_OR_RETURN(const bool revoked, facts.TokenRevoked(claims.id, claims.session_id));
  if (revoked || claims.epoch != principal.epoch) return Reason::kCredentialRevoked;
  return principal.disabled ? Reason::kPrincipalDisabled : Reason::kGranted;
}

}  // namespace

void KeyUse::Note(const ApiKeyId& id) {
  absl::MutexLock lock(&mutex_);
  used_.insert(id);
}

absl::flat_hash_set<ApiKeyId> KeyUse::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(used_, {});
}

absl::StatusOr<Verification> Credentials::VerifyAccessToken(Facts& facts, absl::string_view token,
                                                            absl::string_view audience) const {
  const AccessTokenVerifier::Result result = keys_.verifier().Verify(token, clock_());
  if (!result.token && !result.expired_claims) return Verification();
  const AccessTokenClaims& claims = result.token ? result.token->claims() : *result.expired_claims;
  if (!audience.empty() && claims.audience != audience) return Verification();
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> principal, facts.Principal(claims.subject));
  if (!principal) return Verification();
  Reason reason = Reason::kCredentialExpired;
  if (result.token) {
    ASSIGN_OR_RETURN(reason, StateOf(facts, claims, *principal));
  }
  return Verification{reason, SubjectOf(claims, *std::move(principal))};
}

absl::StatusOr<Verification> Credentials::VerifyApiKey(Facts& facts, absl::string_view text) const {
  const absl::optional<OpaqueToken> presented = OpaqueToken::Parse(OpaqueToken::Kind::kApiKey, text);
  if (!presented) return Verification();
  ASSIGN_OR_RETURN(const absl::optional<api_keys::ApiKey> key, facts.ApiKey(ApiKeyId(presented->id())));
  if (!key || !EqualInConstantTime(key->hash, presented->Hash())) return Verification();
  ASSIGN_OR_RETURN(absl::optional<PrincipalFacts> owner, facts.Principal(key->owner_id));
  if (!owner) return Verification();
  ASSIGN_OR_RETURN(const change_log::Moment now, facts.Now());
  Subject subject;
  subject.principal = *std::move(owner);
  subject.scopes = key->scopes;
  subject.api_key_id = key->id;
  subject.expire_time = key->expire_time;
  Reason reason = StateOf(*key, now.time);
  if (reason == Reason::kGranted && subject.principal.disabled) reason = Reason::kPrincipalDisabled;
  if (reason == Reason::kGranted) key_use_.Note(key->id);
  return Verification{reason, std::move(subject)};
}

}  // namespace identity
