#include "identity/local_verification.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "identity/base64url.h"
#include "identity/fetch_keys.h"
#include "identity/json.h"
#include "identity/published_keys.h"

namespace identity {
inline namespace client {
namespace {

using Claims = nlohmann::json;

constexpr absl::Duration kClockSkew = absl::Seconds(30);
constexpr size_t kMaxTokenBytes = 8 * 1024;

absl::Status Invalid(absl::string_view why) {
  return absl::UnauthenticatedError(absl::StrCat("the access token is not valid: ", why));
}

// The object in a part of a token. Discarded when there is none.
Claims ReadObject(absl::string_view part) {
  const absl::optional<std::string> text = DecodeBase64Url(part);
  Claims object = ParseJson(text.value_or(""));
  return object.is_object() ? object : Claims(Claims::value_t::discarded);
}

// A claim that is text; empty without it.
std::string TextClaim(const Claims& claims, const char* name) {
  const auto claim = claims.find(name);
  return claim != claims.end() && claim->is_string() ? claim->get<std::string>() : "";
}

// A claim that is a time; `missing` without it.
absl::Time TimeClaim(const Claims& claims, const char* name, absl::Time missing) {
  const auto claim = claims.find(name);
  if (claim == claims.end() || !claim->is_number()) return missing;
  return absl::UnixEpoch() + absl::Seconds(claim->get<double>());
}

bool IsFor(const Claims& claims, const std::string& audience) {
  const auto claim = claims.find("aud");
  if (claim == claims.end()) return false;
  if (claim->is_string()) return *claim == audience;
  return claim->is_array() && std::find(claim->begin(), claim->end(), audience) != claim->end();
}

// RFC 9068, section 4, and RFC 7515, section 4.1.9.
bool IsTypeOfAccessTokens(absl::string_view type) {
  constexpr absl::string_view kPrefix = "application/";
  if (absl::StartsWithIgnoreCase(type, kPrefix)) type.remove_prefix(kPrefix.size());
  return absl::EqualsIgnoreCase(type, "at+jwt");
}

}  // namespace

absl::StatusOr<std::unique_ptr<TokenVerifier>> TokenVerifier::Create(Options options) {
  if (options.issuer.empty() || options.audience.empty()) {
    return absl::InvalidArgumentError("issuer and audience are required");
  }
  KeyFetch fetch = options.fetch;
  if (fetch == nullptr) {
    absl::StatusOr<KeyFetch> by_http = FetchKeysFrom(options.keys_url, options.tls_root_file);
    if (!by_http.ok()) return by_http.status();
    fetch = *std::move(by_http);
  }
  auto keys = std::make_unique<PublishedKeys>(std::move(fetch), options.clock);
  return std::unique_ptr<TokenVerifier>(new TokenVerifier(std::move(options), std::move(keys)));
}

TokenVerifier::TokenVerifier(Options options, std::unique_ptr<PublishedKeys> keys)
    : options_(std::move(options)), keys_(std::move(keys)) {}
TokenVerifier::~TokenVerifier() = default;

absl::StatusOr<VerifiedToken> TokenVerifier::Verify(absl::string_view token) {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (token.size() > kMaxTokenBytes || parts.size() != 3) return Invalid("it is no JWT");
  const Claims header = ReadObject(parts[0]);
  if (header.is_discarded() || !IsTypeOfAccessTokens(TextClaim(header, "typ"))) return Invalid("typ is not at+jwt");
  if (header.contains("crit")) return Invalid("crit names extensions");

  const std::string key_id = TextClaim(header, "kid");
  if (key_id.empty()) return Invalid("kid is missing");
  const absl::StatusOr<PublicKey> key = keys_->Find(key_id);
  if (absl::IsNotFound(key.status())) return Invalid("kid is unknown");
  if (!key.ok()) return key.status();
  if (TextClaim(header, "alg") != key->algorithm()) return Invalid("alg is not that of the key");
  const absl::optional<std::string> signature = DecodeBase64Url(parts[2]);
  if (!signature || !key->Verifies(token.substr(0, token.rfind('.')), *signature)) return Invalid("it is forged");
  return ReadClaims(parts[1]);
}

absl::StatusOr<VerifiedToken> TokenVerifier::ReadClaims(absl::string_view part) const {
  const Claims claims = ReadObject(part);
  if (claims.is_discarded()) return Invalid("its claims are no object");
  if (TextClaim(claims, "iss") != options_.issuer) return Invalid("it is of another issuer");
  if (!IsFor(claims, options_.audience)) return Invalid("it is for another audience");

  VerifiedToken result;
  result.subject_ = TextClaim(claims, "sub");
  result.client_id_ = TextClaim(claims, "client_id");
  result.id_ = TextClaim(claims, "jti");
  result.session_id_ = TextClaim(claims, "sid");
  result.scopes_ = absl::StrSplit(TextClaim(claims, "scope"), ' ', absl::SkipEmpty());
  result.issue_time_ = TimeClaim(claims, "iat", absl::InfiniteFuture());
  result.expire_time_ = TimeClaim(claims, "exp", absl::InfinitePast());
  if (result.subject_.empty() || result.client_id_.empty() || result.id_.empty()) return Invalid("a claim is missing");
  const absl::Time now = options_.clock();
  if (now - kClockSkew >= result.expire_time_) return Invalid("it has expired, or exp is missing");
  const absl::Time not_before = claims.contains("nbf") ? TimeClaim(claims, "nbf", absl::InfiniteFuture()) : now;
  if (std::max(result.issue_time_, not_before) > now + kClockSkew) return Invalid("it is of the future, or has no iat");
  return result;
}

}  // namespace client
}  // namespace identity
