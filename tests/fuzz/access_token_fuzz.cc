#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/base/base64url.h"
#include "server/domain/access_token.h"
#include "server/domain/signing_key.h"
#include "tests/fuzz/fuzz.h"

// Input: "t" and the text of a token; "e" and edits of a signed token; "c" and claims, which this target signs.
namespace identity {
namespace {

constexpr char kIssuer[] = "https://identity.example";

const SigningKey& Key() {
  static const auto* const key = new SigningKey(*SigningKey::FromSeed(Secret(std::string(kSigningSeedBytes, 's'))));
  return *key;
}

const AccessTokenVerifier& Verifier() {
  static const auto* const verifier = new AccessTokenVerifier(kIssuer, {Key().verification_key()});
  return *verifier;
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

// The one token that this process signs before it sees any input.
const std::string& SignedToken() {
  static const auto* const token = new std::string(SignAccessToken(SomeClaims(), Key()).Reveal());
  return *token;
}

void CheckText(absl::string_view text) {
  const bool accepted = Verifier().VerifySignature(text).has_value();
  Require(accepted == (text == SignedToken()), "the signed token is accepted, and no other text");
}

// The claims of an accepted token, at a time at which every token has expired.
AccessTokenClaims ClaimsOf(const SignedAccessToken& token) {
  const auto result = AccessTokenVerifier::VerifyTimes(token, absl::InfiniteFuture());
  Require(!result.token && result.expired_claims != nullptr, "every token expires");
  return *result.expired_claims;
}

void CheckClaims(absl::string_view payload) {
  const std::string& known = SignedToken();
  const std::string signed_part = absl::StrCat(known.substr(0, known.find('.')), ".", Base64UrlEncode(payload));
  const auto read =
      Verifier().VerifySignature(absl::StrCat(signed_part, ".", Base64UrlEncode(Key().Sign(signed_part))));
  if (!read) return;
  const AccessTokenClaims claims = ClaimsOf(*read);
  Require(claims.issuer == kIssuer, "the issuer is ours");
  Require(claims.expire_time - claims.issue_time <= kLongestAccessTokenLifetime, "no token lives longer");
  const std::string printed(SignAccessToken(claims, Key()).Reveal());
  if (printed.size() > AccessTokenVerifier::kMaxBytes) return;
  const auto again = Verifier().VerifySignature(printed);
  Require(again.has_value(), "claims that were accepted are accepted again");
  Require(SignAccessToken(ClaimsOf(*again), Key()).Reveal() == printed, "claims stay the same");
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

IDENTITY_FUZZ_TARGET(identity::FuzzAccessToken)
