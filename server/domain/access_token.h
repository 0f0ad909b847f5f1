#ifndef IDENTITY_DOMAIN_ACCESS_TOKEN_H_
#define IDENTITY_DOMAIN_ACCESS_TOKEN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/secret.h"
#include "server/domain/ids.h"
#include "server/domain/permission.h"
#include "server/domain/signing_key.h"

namespace identity {

// No access token may live longer, so a revocation can be forgotten after this time.
inline constexpr absl::Duration kLongestAccessTokenLifetime = absl::Hours(1);

// The authentication method (RFC 8176) for more than one factor.
inline constexpr char kMfa[] = "mfa";

inline constexpr size_t kMaxAudienceBytes = 256;
// INVALID_ARGUMENT (field "audience") unless 1 to kMaxAudienceBytes of printable ASCII without space.
absl::Status CheckAudience(absl::string_view audience);

// How often a token can be exchanged for one of another audience.
inline constexpr size_t kMaxDelegations = 4;

// An exchange of a token for another one (RFC 8693). The new token ends with the token that was exchanged, and with the
// key of the client that exchanged it. A value.
struct Delegation {
  PrincipalId actor;  // the client, which acts for the token's subject
  ApiKeyId actor_key;
  TokenId parent;          // the token that was exchanged
  std::string parent_kid;  // the key that signed it
};

// The claims of an access token (RFC 9068). Times are whole seconds. A value.
struct AccessTokenClaims {
  std::string issuer;                    // iss
  PrincipalId subject;                   // sub
  std::string audience;                  // aud
  absl::Time issue_time;                 // iat and nbf; for a verified token the later of both
  absl::Time expire_time;                // exp
  TokenId id;                            // jti
  absl::optional<SessionId> session_id;  // sid; unset for an exchanged API key
  absl::optional<ApiKeyId> api_key_id;   // akid; the exchanged key: the token ends with the key
  std::string client_id;                 // client_id
  Scopes scopes;                         // scope
  std::vector<std::string> roles;        // roles
  absl::Time auth_time;                  // auth_time
  std::vector<std::string> amr;          // amr (RFC 8176)
  int64_t epoch = 0;                     // epoch
  std::vector<Delegation> delegations;   // act (RFC 8693, section 4.1): the latest first
  std::string kid;                       // of a verified token: the key that signed it
};

// Encodes and signs: header {"alg":…,"kid":…,"typ":"at+jwt"}, with the algorithm of `key`.
Secret SignAccessToken(const AccessTokenClaims& claims, const SigningKey& key);

// Claims with a verified signature, type and issuer, but unverified times: valid only for caching. Only
// `AccessTokenVerifier` makes and reads them. Immutable; copies share the claims.
class SignedAccessToken {
 public:
  // The keys that signed it and the tokens that it came from by exchanges. Valid as long as the token.
  std::vector<absl::string_view> kids() const;
  // The approximate size in bytes.
  size_t memory() const;

 private:
  friend class AccessTokenVerifier;
  explicit SignedAccessToken(std::shared_ptr<const AccessTokenClaims> claims) : claims_(std::move(claims)) {}
  std::shared_ptr<const AccessTokenClaims> claims_;
};

// Claims with a verified signature, type, issuer and times. Only `AccessTokenVerifier` makes them. Immutable; copies
// share the claims.
class VerifiedAccessToken {
 public:
  const AccessTokenClaims& claims() const { return *claims_; }

 private:
  friend class AccessTokenVerifier;
  explicit VerifiedAccessToken(std::shared_ptr<const AccessTokenClaims> claims) : claims_(std::move(claims)) {}
  std::shared_ptr<const AccessTokenClaims> claims_;
};

// Verifies by RFC 9068 section 4 and RFC 8725:
// - only the `typ` at+jwt, a known `kid`, and the algorithm of that key,
// - no header that names a key (jku, jwk, x5u, x5c, crit),
// - no duplicate member, and every claim present with its type,
// - known keys of all tokens that it came from by exchanges,
// - exactly the bytes that were signed.
// Immutable, so safe from any thread.
class AccessTokenVerifier {
 public:
  // Longer tokens are invalid.
  static constexpr size_t kMaxBytes = 16 * 1024;
  static constexpr absl::Duration kSkew = absl::Seconds(30);

  AccessTokenVerifier(std::string issuer, const std::vector<VerificationKey>& keys);

  enum class Failure { kInvalid, kExpired };
  struct Result {
    absl::optional<VerifiedAccessToken> token;  // unset on failure
    Failure failure = Failure::kInvalid;
    // With kExpired: the claims of the token, which has a valid signature.
    std::shared_ptr<const AccessTokenClaims> expired_claims;
  };
  // Accepts `exp` up to kSkew late, and `nbf` and `iat` up to kSkew early. The caller must check the audience.
  Result Verify(absl::string_view token, absl::Time now) const;

  // The same in two steps. The first one is expensive, and always has the same result for the same token.
  absl::optional<SignedAccessToken> VerifySignature(absl::string_view token) const;
  static Result VerifyTimes(const SignedAccessToken& token, absl::Time now);
  // Whether the token names one of the keys. If not, `VerifySignature` refuses it without the expensive work.
  bool KnowsKeyOf(absl::string_view token) const { return keys_.contains(token.substr(0, token.find('.'))); }

 private:
  const std::string issuer_;
  absl::flat_hash_map<std::string, VerificationKey> keys_;  // by the encoded header of the tokens that the key signs
  absl::flat_hash_set<std::string> kids_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_ACCESS_TOKEN_H_
