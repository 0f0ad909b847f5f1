#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/encoding/base64url.h"
#include "server/domain/access_token.h"
#include "server/domain/signing_key.h"
#include "tests/fuzz/fuzz.h"

// Input: "t" and the text of a token; "e" and edits of a signed token; "c" and claims, which this target signs.
namespace identity {
namespace {

constexpr char kIssuer[] = "https://identity.example";

// A key with its verifier.
struct Signer {
  explicit Signer(char seed)
      : key(*SigningKey::FromSeed(Secret(std::string(kSigningSeedBytes, seed)))),
        verifier(kIssuer, {key.verification_key()}) {}
  std::string Sign(const AccessTokenClaims& claims) const { return std::string(SignAccessToken(claims, key).Reveal()); }

  const SigningKey key;
  const AccessTokenVerifier verifier;
};

// Signs one token, before the process sees any input.
const Signer& SignerOfOne() {
  static const auto* const signer = new Signer('o');
  return *signer;
}

// Signs all claims that come.
const Signer& SignerOfAll() {
  static const auto* const signer = new Signer('a');
  return *signer;
}

AccessTokenClaims SomeClaims() {
  AccessTokenClaims claims;
  claims.issuer = kIssuer;
  claims.subject = *PrincipalId::Parse("0190b5a0-0000-7000-8000-000000000001");
  claims.audience = "identity";
  claims.issue_time = absl::FromUnixSeconds(1'700'000'000);
  claims.expire_time = claims.issue_time + absl::Minutes(15);
  claims.id = *TokenId::Parse("0190b5a0-0000-7000-8000-000000000002");
  claims.session_id = SessionId::Parse("0190b5a0-0000-7000-8000-000000000003");
  claims.client_id = "identity";
  claims.scopes = Scopes::Unlimited();
  claims.roles = {"editor"};
  claims.auth_time = claims.issue_time;
  claims.amr = {"pwd"};
  return claims;
}

const std::string& SignedToken() {
  static const auto* const token = new std::string(SignerOfOne().Sign(SomeClaims()));
  return *token;
}

void CheckText(absl::string_view text) {
  const bool accepted = SignerOfOne().verifier.VerifySignature(text).has_value();
  Require(accepted == (text == SignedToken()), "the signed token is accepted, and no other text");
}

// The claims of an accepted token, at a time at which every token has expired.
AccessTokenClaims ClaimsOf(const SignedAccessToken& token) {
  const auto result = AccessTokenVerifier::VerifyTimes(token, absl::InfiniteFuture());
  Require(!result.token && result.expired_claims != nullptr, "every token expires");
  return *result.expired_claims;
}

void CheckClaims(absl::string_view payload) {
  const Signer& signer = SignerOfAll();
  static const auto* const known = new std::string(signer.Sign(SomeClaims()));
  const std::string signed_part = absl::StrCat(known->substr(0, known->find('.')), ".", Base64UrlEncode(payload));
  const std::string signature = Base64UrlEncode(signer.key.Sign(signed_part));
  const auto read = signer.verifier.VerifySignature(absl::StrCat(signed_part, ".", signature));
  if (!read) return;
  const AccessTokenClaims claims = ClaimsOf(*read);
  Require(claims.issuer == kIssuer, "the issuer is ours");
  Require(claims.expire_time - claims.issue_time <= kLongestAccessTokenLifetime, "no token lives longer");
  const std::string printed = signer.Sign(claims);
  if (printed.size() > AccessTokenVerifier::kMaxBytes) return;
  const auto again = signer.verifier.VerifySignature(printed);
  Require(again.has_value(), "claims that were accepted are accepted again");
  Require(signer.Sign(ClaimsOf(*again)) == printed, "claims stay the same");
}

void FuzzAccessToken(absl::string_view input) {
  if (input.empty()) return;
  const absl::string_view rest = input.substr(1);
  if (input[0] == 't') CheckText(rest);
  if (input[0] == 'e') CheckText(Edited(SignedToken(), rest));
  if (input[0] == 'c') CheckClaims(rest);
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(access_token, identity::FuzzAccessToken)
