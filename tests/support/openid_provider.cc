#include "tests/support/openid_provider.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace identity {
namespace {

using Json = nlohmann::json;

constexpr int64_t kTokenSeconds = 300;

}  // namespace

OpenIdProvider::OpenIdProvider(const DocumentServer& documents, const std::string& name, JwsAlgorithm algorithm)
    : documents_(documents), name_(name), issuer_(documents.Url(absl::StrCat("/", name))), forge_(algorithm) {}

void OpenIdProvider::Publish(const std::vector<TokenForge>& forges) const {
  Json keys = Json::array();
  for (const TokenForge& forge : forges) keys.push_back(forge.Jwk());
  const std::string keys_path = absl::StrCat("/", name_, "/keys");
  documents_.Serve(keys_path, Json{{"keys", keys}}.dump());
  documents_.Serve(absl::StrCat("/", name_, "/.well-known/openid-configuration"),
                   Json{{"issuer", issuer_}, {"jwks_uri", documents_.Url(keys_path)}}.dump());
}

Json OpenIdProvider::Claims(const std::string& subject) const {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  return {{"iss", issuer_}, {"sub", subject}, {"aud", kClientId}, {"iat", now}, {"exp", now + kTokenSeconds}};
}

Json OpenIdProvider::Claims(const std::string& subject, const std::string& email, bool verified) const {
  Json claims = Claims(subject);
  claims["email"] = email;
  claims["email_verified"] = verified;
  return claims;
}

}  // namespace identity
