#include "server/domain/external/token_rules.h"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "server/base/encoding/base64url.h"
#include "server/base/enum_names.h"
#include "server/base/secret.h"
#include "server/domain/signatures/openssl.h"

namespace identity {
namespace {

constexpr EnumName<TokenFault> kFaults[] = {
    {TokenFault::kIssuer, "issuer"},   {TokenFault::kSubject, "subject"},           {TokenFault::kAudience, "audience"},
    {TokenFault::kExpired, "expired"}, {TokenFault::kNotYetValid, "not_yet_valid"}, {TokenFault::kPurpose, "purpose"},
    {TokenFault::kNonce, "nonce"},     {TokenFault::kAccessToken, "access_token"},
};
static_assert(NamesEach(kFaults, TokenFault::kAccessToken));

CheckedToken Refused(TokenFault fault) {
  CheckedToken checked;
  checked.fault = fault;
  return checked;
}

bool Contains(const std::vector<std::string>& texts, absl::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool IsSubject(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxExternalSubjectBytes &&
         std::all_of(text.begin(), text.end(), absl::ascii_isprint);
}

// Keycloak signs all its tokens with the same keys, and tells them apart by the claim `typ`. A logout token has
// `events` (OpenID Connect Back-Channel Logout, section 2.4), as has a security event (RFC 8417).
bool IsForAnotherPurpose(const ExternalClaims& claims) {
  return claims.Has("events") || (claims.Has("typ") && claims.Text("typ") != "ID" && claims.Text("typ") != "JWT");
}

// Section 3.1.3.7, points 3 to 5: a token for others beside us must name us as the party that it was issued to.
bool IsIssuedToUs(const ExternalClaims& claims, const std::vector<std::string>& audiences) {
  const absl::optional<std::string> party = claims.Text("azp");
  if (party) return Contains(audiences, *party);
  return !claims.Has("azp") && claims.Texts("aud").value_or(std::vector<std::string>()).size() == 1;
}

// The hash that goes with the algorithm of the token. EdDSA has Ed25519's own.
const EVP_MD* DigestFor(JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::kRs384:
    case JwsAlgorithm::kEs384:
      return EVP_sha384();
    case JwsAlgorithm::kRs512:
    case JwsAlgorithm::kEdDsa:
      return EVP_sha512();
    case JwsAlgorithm::kRs256:
    case JwsAlgorithm::kPs256:
    case JwsAlgorithm::kEs256:
      break;
  }
  return EVP_sha256();
}

// Section 3.1.3.6: the left half of the hash.
std::string HalfHash(JwsAlgorithm algorithm, absl::string_view text) {
  const EVP_MD* const digest = DigestFor(algorithm);
  std::string hash(static_cast<size_t>(EVP_MD_get_size(digest)), '\0');
  openssl::Require(EVP_Digest(text.data(), text.size(), openssl::BytesOf(hash), nullptr, digest, nullptr) == 1);
  return Base64UrlEncode(hash.substr(0, hash.size() / 2));
}

}  // namespace

absl::string_view NameOf(TokenFault fault) { return NameIn(kFaults, fault); }

CheckedToken CheckExternalToken(const ExternalClaims& claims, absl::string_view issuer,
                                const std::vector<std::string>& audiences, absl::Time now) {
  CheckedToken checked;
  if (issuer.empty() || claims.Text("iss") != issuer) return Refused(TokenFault::kIssuer);
  absl::optional<std::string> subject = claims.Text("sub");
  if (!subject || !IsSubject(*subject)) return Refused(TokenFault::kSubject);
  const std::vector<std::string> theirs = claims.Texts("aud").value_or(std::vector<std::string>());
  if (std::none_of(theirs.begin(), theirs.end(), [&](const std::string& one) { return Contains(audiences, one); })) {
    return Refused(TokenFault::kAudience);
  }
  const absl::optional<absl::Time> expire_time = claims.Time("exp");
  if (!expire_time || now >= *expire_time + kExternalTokenSkew) return Refused(TokenFault::kExpired);
  const absl::optional<absl::Time> issue_time = claims.Time("iat");
  const absl::optional<absl::Time> begin = claims.Has("nbf") ? claims.Time("nbf") : issue_time;
  if (!issue_time || !begin || now < std::max(*issue_time, *begin) - kExternalTokenSkew) {
    return Refused(TokenFault::kNotYetValid);
  }
  checked.identity = ExternalIdentity(issuer, *std::move(subject));
  checked.expire_time = *expire_time;
  return checked;
}

CheckedToken CheckIdToken(const ExternalClaims& claims, absl::string_view issuer,
                          const std::vector<std::string>& audiences, const IdTokenContext& context, absl::Time now) {
  CheckedToken checked = CheckExternalToken(claims, issuer, audiences, now);
  if (!checked.identity) return checked;
  if (!IsIssuedToUs(claims, audiences)) return Refused(TokenFault::kAudience);
  if (IsForAnotherPurpose(claims)) return Refused(TokenFault::kPurpose);
  if (claims.Has("nonce") || !context.nonce.empty()) {
    const std::string nonce = claims.Text("nonce").value_or("");
    if (nonce.empty() || !EqualInConstantTime(nonce, context.nonce)) return Refused(TokenFault::kNonce);
  }
  if (!context.access_token.empty() && claims.Text("at_hash") != HalfHash(claims.algorithm(), context.access_token)) {
    return Refused(TokenFault::kAccessToken);
  }
  return checked;
}

}  // namespace identity
