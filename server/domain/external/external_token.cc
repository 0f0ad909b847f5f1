#include "server/domain/external/external_token.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "server/base/encoding/base64url.h"
#include "server/base/encoding/strict_json.h"

namespace identity {
namespace {

using Json = nlohmann::json;

constexpr double kMaxUnixSeconds = 253402300799;  // the end of the year 9999

// A key that the token itself names would verify anything (RFC 8725 section 3.10). An extension that we do not know
// must be refused (RFC 7515 section 4.1.11).
constexpr const char* kRefusedHeaders[] = {"jku", "jwk", "x5u", "x5c", "crit", "b64"};

// The object that `segment` encodes. Discarded for anything else.
Json ReadSegment(absl::string_view segment) {
  std::string text;
  if (!Base64UrlDecode(segment, &text)) return Json(Json::value_t::discarded);
  Json json = ParseStrictJson(text);
  return json.is_object() ? json : Json(Json::value_t::discarded);
}

// nullopt when the member is no text. "" when it is missing.
absl::optional<std::string> OptionalText(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::string();
  return found->is_string() ? absl::optional<std::string>(found->get<std::string>()) : absl::nullopt;
}

// Access tokens, logout tokens and security events have types of their own.
bool IsPlainJwt(absl::string_view type) {
  return type.empty() || absl::EqualsIgnoreCase(type, "JWT") || absl::EqualsIgnoreCase(type, "application/jwt");
}

}  // namespace

absl::optional<ExternalToken> ExternalToken::Parse(absl::string_view text) {
  if (text.size() > kMaxBytes) return absl::nullopt;
  const std::vector<absl::string_view> segments = absl::StrSplit(text, absl::MaxSplits('.', 3));
  if (segments.size() != 3) return absl::nullopt;
  const Json header = ReadSegment(segments[0]);
  if (header.is_discarded()) return absl::nullopt;
  const bool refused = std::any_of(std::begin(kRefusedHeaders), std::end(kRefusedHeaders),
                                   [&](const char* name) { return header.contains(name); });
  const auto name = OptionalText(header, "alg");
  const auto kid = OptionalText(header, "kid");
  const auto type = OptionalText(header, "typ");
  if (refused || !name || !kid || !type || !IsPlainJwt(*type)) return absl::nullopt;
  const absl::optional<JwsAlgorithm> algorithm = ParseJwsAlgorithm(*name);
  Json claims = ReadSegment(segments[1]);
  ExternalToken token;
  if (!algorithm || claims.is_discarded() || !Base64UrlDecode(segments[2], &token.signature_)) return absl::nullopt;
  token.algorithm_ = *algorithm;
  token.kid_ = *kid;
  token.claimed_issuer_ = OptionalText(claims, "iss").value_or("");
  token.signed_part_ = std::string(text.substr(0, text.size() - segments[2].size() - 1));
  token.claims_ = std::make_shared<const Json>(std::move(claims));
  return token;
}

absl::optional<ExternalClaims> ExternalClaims::Verify(const ExternalToken& token, const JsonWebKey& key) {
  if (!key.Verify(token.algorithm_, token.signed_part_, token.signature_)) return absl::nullopt;
  return ExternalClaims(token.algorithm_, token.claims_);
}

const Json* ExternalClaims::Find(absl::string_view claim) const {
  if (!absl::StartsWith(claim, "/")) {
    const auto found = json_->find(claim);
    return found == json_->end() ? nullptr : &*found;
  }
  const Json* value = json_.get();
  for (absl::string_view part : absl::StrSplit(claim.substr(1), '/')) {
    if (!value->is_object()) return nullptr;
    std::string name = absl::StrReplaceAll(part, {{"~1", "/"}, {"~0", "~"}});
    const auto found = value->find(name);
    if (found == value->end()) return nullptr;
    value = &*found;
  }
  return value;
}

bool ExternalClaims::Has(absl::string_view claim) const { return Find(claim) != nullptr; }

absl::optional<std::string> ExternalClaims::Text(absl::string_view claim) const {
  const Json* const found = Find(claim);
  return found != nullptr && found->is_string() ? absl::optional<std::string>(found->get<std::string>())
                                                : absl::nullopt;
}

absl::optional<bool> ExternalClaims::Bool(absl::string_view claim) const {
  const Json* const found = Find(claim);
  return found != nullptr && found->is_boolean() ? absl::optional<bool>(found->get<bool>()) : absl::nullopt;
}

absl::optional<absl::Time> ExternalClaims::Time(absl::string_view claim) const {
  const Json* const found = Find(claim);
  if (found == nullptr || !found->is_number()) return absl::nullopt;
  const double seconds = std::floor(found->get<double>());
  if (!(seconds >= 0 && seconds <= kMaxUnixSeconds)) return absl::nullopt;
  return absl::FromUnixSeconds(static_cast<int64_t>(seconds));
}

absl::optional<std::vector<std::string>> ExternalClaims::Texts(absl::string_view claim) const {
  const Json* const found = Find(claim);
  if (found == nullptr) return absl::nullopt;
  if (found->is_string()) return std::vector<std::string>{found->get<std::string>()};
  if (!found->is_array()) return absl::nullopt;
  std::vector<std::string> texts;
  for (const Json& element : *found) {
    if (!element.is_string()) return absl::nullopt;
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

}  // namespace identity
