#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/encoding/base64url.h"
#include "server/domain/external/external_token.h"
#include "server/domain/external/json_web_key.h"
#include "tests/fuzz/fuzz.h"

// Input: the header, the claims and the signature of a token, a line each. It is also tried as a whole token, and as
// the keys of an issuer.
namespace identity {
namespace {

// A key whose private half nobody has.
const JsonWebKey& NobodysKey() {
  static const auto* const key = new JsonWebKey(*JsonWebKey::FromJson(
      {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}));
  return *key;
}

void TryToken(absl::string_view text) {
  const auto token = ExternalToken::Parse(text);
  if (!token) return;
  Require(text.size() <= ExternalToken::kMaxBytes, "a token is not longer than its limit");
  Require(!ExternalClaims::Verify(*token, NobodysKey()), "nobody can sign for the key");
}

void FuzzExternalToken(absl::string_view input) {
  TryToken(input);
  const auto keys = JsonWebKeySet::Parse(input);
  Require(!keys.ok() || keys->size() <= JsonWebKeySet::kMaxKeys, "a set has not more keys than its limit");
  absl::string_view rest = input;
  const absl::string_view header = TakeUntil('\n', rest);
  const absl::string_view claims = TakeUntil('\n', rest);
  TryToken(absl::StrCat(Base64UrlEncode(header), ".", Base64UrlEncode(claims), ".", Base64UrlEncode(rest)));
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(external_token, identity::FuzzExternalToken)
