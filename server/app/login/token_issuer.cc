#include "server/app/login/token_issuer.h"

#include <algorithm>
#include <utility>

#include "server/base/random.h"
#include "server/domain/opaque_token.h"

namespace identity {
namespace {

constexpr size_t kMaxRoles = 32;

// Names of the roles held everywhere: a hint for readers of the token. No decision depends on it.
std::vector<std::string> RolesHeldEverywhere(const PrincipalFacts& principal) {
  std::vector<std::string> roles;
  for (const BindingView& binding : principal.bindings()) {
    if (binding.resource.empty() && roles.size() < kMaxRoles) roles.emplace_back(binding.role);
  }
  std::sort(roles.begin(), roles.end());
  return roles;
}

// A version 7 UUID (RFC 9562) of the time of issue. It need not be hard to guess: a caller can revoke a token only by
// presenting the whole token.
TokenId NewTokenId(absl::Time now) {
  const std::string random = RandomBytes(16);
  std::array<uint8_t, 16> bytes;
  std::copy(random.begin(), random.end(), bytes.begin());
  const auto milliseconds = static_cast<uint64_t>(absl::ToUnixMillis(now));
  for (size_t i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(milliseconds >> (40 - 8 * i));
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x70);  // version
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);  // variant
  return TokenId(Uuid(bytes));
}

}  // namespace

AccessTokenClaims TokenIssuer::NewClaims(const PrincipalFacts& principal, const Scopes& scopes,
                                         absl::Time latest_end) const {
  AccessTokenClaims claims;
  claims.issuer = keys_.issuer();
  claims.subject = principal.id();
  const absl::Time now = clock_();
  claims.issue_time = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  claims.expire_time = std::min(claims.issue_time + lifetime_, latest_end);
  claims.id = NewTokenId(now);
  claims.scopes = scopes;
  claims.roles = RolesHeldEverywhere(principal);
  return claims;
}

TokenSet TokenIssuer::Sign(const AccessTokenClaims& claims) const {
  TokenSet tokens;
  tokens.access_token = SignAccessToken(claims, *keys_.signing_key(choice_.For(claims.audience)));
  tokens.expires_in = claims.expire_time - claims.issue_time;
  tokens.scopes = claims.scopes;
  tokens.session_id = claims.session_id;
  tokens.principal_id = claims.subject;
  tokens.access_token_id = claims.id;
  return tokens;
}

TokenSet TokenIssuer::ForOngoingSession(const sessions::Session& session, const PrincipalFacts& principal,
                                        const Scopes& scopes) const {
  AccessTokenClaims claims = NewClaims(principal, scopes, session.expire_time);
  claims.audience = session.audience;
  claims.session_id = session.id;
  claims.client_id = session.client_id;
  claims.auth_time = session.auth_time;
  claims.amr = session.amr;
  claims.epoch = session.epoch;
  TokenSet tokens = Sign(claims);
  tokens.password_change_required = session.password_change_required;
  return tokens;
}

TokenSet TokenIssuer::ForSession(const sessions::Session& session, const PrincipalFacts& principal,
                                 const Scopes& scopes, Secret refresh_secret,
                                 const sessions::StoredRefreshToken& stored) const {
  TokenSet tokens = ForOngoingSession(session, principal, scopes);
  tokens.refresh_token =
      OpaqueToken(OpaqueToken::Kind::kRefreshToken, stored.id.uuid(), std::move(refresh_secret)).ToText();
  tokens.refresh_expires_in =
      std::max(absl::Floor(stored.expire_time - clock_(), absl::Seconds(1)), absl::ZeroDuration());
  return tokens;
}

TokenSet TokenIssuer::ForApiKey(const api_keys::ApiKey& key, const PrincipalFacts& principal, const Scopes& scopes,
                                const std::string& audience, const std::string& client_id) const {
  AccessTokenClaims claims = NewClaims(principal, scopes, key.expire_time);
  claims.audience = audience;
  claims.api_key_id = key.id;
  claims.client_id = client_id;
  claims.auth_time = claims.issue_time;
  claims.amr = {"api_key"};
  claims.epoch = principal.epoch();
  return Sign(claims);
}

TokenSet TokenIssuer::ForDelegation(const AccessTokenClaims& parent, const PrincipalFacts& principal,
                                    const Scopes& scopes, const std::string& audience, const Delegation& delegation,
                                    absl::Time latest_end) const {
  AccessTokenClaims claims = NewClaims(principal, scopes, std::min(parent.expire_time, latest_end));
  claims.audience = audience;
  claims.session_id = parent.session_id;
  claims.api_key_id = parent.api_key_id;
  claims.client_id = delegation.actor.ToString();
  claims.auth_time = parent.auth_time;
  claims.amr = parent.amr;
  claims.epoch = parent.epoch;
  claims.delegations = parent.delegations;
  claims.delegations.insert(claims.delegations.begin(), delegation);
  return Sign(claims);
}

}  // namespace identity
