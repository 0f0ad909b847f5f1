#include "server/calls/caller_credential.h"

#include "absl/strings/match.h"

namespace identity {

PresentedCredential CredentialOf(const HeaderValues& authorization, const HeaderValues& api_key) {
  using Kind = PresentedCredential::Kind;
  constexpr absl::string_view kScheme = "bearer ";
  if (authorization.count > 0) {
    const bool is_bearer = authorization.count == 1 && absl::StartsWithIgnoreCase(authorization.first, kScheme);
    if (!is_bearer) return {Kind::kMalformed, ""};
    return {Kind::kBearer, authorization.first.substr(kScheme.size())};
  }
  if (api_key.count > 1) return {Kind::kMalformed, ""};
  return api_key.count == 1 ? PresentedCredential{Kind::kApiKey, api_key.first} : PresentedCredential();
}

}  // namespace identity
