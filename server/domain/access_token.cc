#include "server/domain/access_token.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "server/base/encoding/base64url.h"
#include "server/base/encoding/json_object.h"
#include "server/base/encoding/strict_json.h"
#include "server/base/error.h"

// Grammar (RFC 7515 section 3.1, compact):
//   token = base64url(header) "." base64url(claims) "." base64url(signature)
//   header = {"alg":…,"kid":…,"typ":"at+jwt"}, without a space, with the algorithm of the key that `kid` names
//   claims = a JSON object of strings, numbers, booleans, nulls and arrays of strings; no member twice. Its member
//            `act` is such an object, too, which may have a member `act`; at most kMaxDelegations in one another
// The signature covers everything before its dot.
namespace identity {
namespace {

using Json = nlohmann::json;

constexpr absl::string_view kType = "at+jwt";
constexpr int64_t kMaxUnixSeconds = 253402300799;  // the end of the year 9999

bool IsText(const Json& value) { return value.is_string(); }

static_assert(kMaxDelegations < kMaxJsonDepth);

// Whether the members of `object` follow the grammar above, without those of its `act`.
bool FollowsGrammar(const Json& object) {
  if (!object.is_object()) return false;
  for (const auto& [name, value] : object.items()) {
    if (value.is_object() && name != "act") return false;
    if (value.is_array() && !std::all_of(value.begin(), value.end(), IsText)) return false;
  }
  return true;
}

// nullptr when it is missing.
const Json* Member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// nullptr when `name` is missing or of another type.
template <typename T>
const T* Get(const Json& object, const char* name) {
  const Json* member = Member(object, name);
  return member == nullptr ? nullptr : member->get_ptr<const T*>();
}

bool ReadText(const Json& object, const char* name, std::string* text) {
  const auto* found = Get<std::string>(object, name);
  if (found == nullptr) return false;
  *text = *found;
  return true;
}

bool ReadTexts(const Json& object, const char* name, std::vector<std::string>* texts) {
  const auto* found = Get<Json::array_t>(object, name);
  if (found == nullptr) return false;
  for (const Json& text : *found) texts->push_back(text.get<std::string>());
  return true;
}

bool ReadNumber(const Json& object, const char* name, int64_t* number) {
  const auto* found = Get<Json::number_unsigned_t>(object, name);
  if (found == nullptr || *found > static_cast<uint64_t>(kMaxUnixSeconds)) return false;
  *number = static_cast<int64_t>(*found);
  return true;
}

bool ReadTime(const Json& object, const char* name, absl::Time* time) {
  int64_t seconds = 0;
  if (!ReadNumber(object, name, &seconds)) return false;
  *time = absl::FromUnixSeconds(seconds);
  return true;
}

template <typename IdType>
absl::optional<IdType> GetId(const Json& object, const char* name) {
  const auto* text = Get<std::string>(object, name);
  return text == nullptr ? absl::nullopt : IdType::Parse(*text);
}

bool ReadIds(const Json& object, AccessTokenClaims* claims) {
  const auto subject = GetId<PrincipalId>(object, "sub");
  const auto id = GetId<TokenId>(object, "jti");
  if (!subject || !id || object.contains("sid") == object.contains("akid")) return false;
  claims->subject = *subject;
  claims->id = *id;
  claims->session_id = GetId<SessionId>(object, "sid");
  claims->api_key_id = GetId<ApiKeyId>(object, "akid");
  return claims->session_id || claims->api_key_id;
}

bool ReadDelegations(const Json& object, std::vector<Delegation>* delegations) {
  for (const Json* act = Member(object, "act"); act != nullptr; act = Member(*act, "act")) {
    if (delegations->size() == kMaxDelegations || !FollowsGrammar(*act)) return false;
    const auto actor = GetId<PrincipalId>(*act, "sub");
    const auto key = GetId<ApiKeyId>(*act, "akid");
    const auto parent = GetId<TokenId>(*act, "parent_jti");
    const auto* parent_kid = Get<std::string>(*act, "parent_kid");
    if (!actor || !key || !parent || parent_kid == nullptr) return false;
    delegations->push_back({*actor, *key, *parent, *parent_kid});
  }
  return true;
}

bool ReadScopes(const Json& object, Scopes* scopes) {
  const auto* claim = Get<std::string>(object, "scope");
  if (claim == nullptr) return false;
  auto parsed = Scopes::ParseClaim(*claim);
  if (!parsed.ok()) return false;
  *scopes = *std::move(parsed);
  return true;
}

// Our tokens never have `nbf` later than `iat`, so one time represents both: the later one.
absl::optional<AccessTokenClaims> ReadClaims(absl::string_view segment) {
  std::string text;
  if (!Base64UrlDecode(segment, &text)) return absl::nullopt;
  const Json object = ParseStrictJson(text);
  if (!FollowsGrammar(object)) return absl::nullopt;
  AccessTokenClaims claims;
  absl::Time not_before;
  const bool complete = ReadIds(object, &claims) && ReadText(object, "iss", &claims.issuer) &&
                        ReadText(object, "aud", &claims.audience) && ReadTime(object, "iat", &claims.issue_time) &&
                        ReadTime(object, "nbf", &not_before) && ReadTime(object, "exp", &claims.expire_time) &&
                        ReadTime(object, "auth_time", &claims.auth_time) &&
                        ReadText(object, "client_id", &claims.client_id) && ReadScopes(object, &claims.scopes) &&
                        ReadTexts(object, "roles", &claims.roles) && ReadTexts(object, "amr", &claims.amr) &&
                        ReadNumber(object, "epoch", &claims.epoch) && ReadDelegations(object, &claims.delegations);
  if (!complete) return absl::nullopt;
  claims.issue_time = std::max(claims.issue_time, not_before);
  // Our tokens never live longer; revocations and retiring keys are remembered only for this long.
  if (claims.expire_time - claims.issue_time > kLongestAccessTokenLifetime) return absl::nullopt;
  return claims;
}

// `sub` and `act` are RFC 8693's. The other members are for this service, which ends the token by them.
JsonObject ToJson(absl::Span<const Delegation> delegations) {
  const Delegation& latest = delegations[0];
  JsonObject json;
  if (delegations.size() > 1) json.AddObject("act", ToJson(delegations.subspan(1)));
  json.AddText("akid", latest.actor_key.ToString());
  json.AddText("parent_jti", latest.parent.ToString());
  json.AddText("parent_kid", latest.parent_kid);
  json.AddText("sub", latest.actor.ToString());
  return json;
}

// In the order of the alphabet, as in the tokens of earlier versions.
JsonObject ToJson(const AccessTokenClaims& claims) {
  const int64_t issue_time = absl::ToUnixSeconds(claims.issue_time);
  JsonObject json;
  if (!claims.delegations.empty()) json.AddObject("act", ToJson(claims.delegations));
  if (claims.api_key_id) json.AddText("akid", claims.api_key_id->ToString());
  json.AddTexts("amr", claims.amr);
  json.AddText("aud", claims.audience);
  json.AddNumber("auth_time", absl::ToUnixSeconds(claims.auth_time));
  json.AddText("client_id", claims.client_id);
  json.AddNumber("epoch", claims.epoch);
  json.AddNumber("exp", absl::ToUnixSeconds(claims.expire_time));
  json.AddNumber("iat", issue_time);
  json.AddText("iss", claims.issuer);
  json.AddText("jti", claims.id.ToString());
  json.AddNumber("nbf", issue_time);
  json.AddTexts("roles", claims.roles);
  json.AddText("scope", claims.scopes.ToClaim());
  if (claims.session_id) json.AddText("sid", claims.session_id->ToString());
  json.AddText("sub", claims.subject.ToString());
  return json;
}

// Each key has exactly one header, byte for byte. Tokens with any other header are not ours. So the algorithm that a
// token claims never decides how it is verified.
std::string EncodeHeader(const VerificationKey& key) {
  JsonObject json;
  json.AddText("alg", NameOf(key.algorithm()));
  json.AddText("kid", key.kid());
  json.AddText("typ", kType);
  return Base64UrlEncode(std::move(json).Finish());
}

}  // namespace

absl::Status CheckAudience(absl::string_view audience) {
  const bool right_size = !audience.empty() && audience.size() <= kMaxAudienceBytes;
  if (right_size && std::all_of(audience.begin(), audience.end(), absl::ascii_isgraph)) return absl::OkStatus();
  return InvalidField("audience", "is not 1 to 256 bytes of printable ASCII");
}

Secret SignAccessToken(const AccessTokenClaims& claims, const SigningKey& key) {
  const std::string signed_part =
      absl::StrCat(EncodeHeader(key.verification_key()), ".", Base64UrlEncode(ToJson(claims).Finish()));
  const std::string signature = key.Sign(signed_part);
  return Secret(absl::StrCat(signed_part, ".", Base64UrlEncode(signature)));
}

std::vector<absl::string_view> SignedAccessToken::kids() const {
  std::vector<absl::string_view> kids = {claims_->kid};
  for (const Delegation& delegation : claims_->delegations) kids.push_back(delegation.parent_kid);
  return kids;
}

size_t SignedAccessToken::memory() const {
  size_t texts = 6;
  size_t bytes = claims_->issuer.size() + claims_->audience.size() + claims_->client_id.size() + claims_->kid.size();
  const auto add = [&](const std::string& text) {
    ++texts;
    bytes += text.size();
  };
  for (const PermissionPattern& scope : claims_->scopes.patterns()) add(scope.text());
  for (const std::string& role : claims_->roles) add(role);
  for (const std::string& method : claims_->amr) add(method);
  for (const Delegation& delegation : claims_->delegations) bytes += sizeof(Delegation) + delegation.parent_kid.size();
  return sizeof(AccessTokenClaims) + bytes + texts * sizeof(std::string);
}

AccessTokenVerifier::AccessTokenVerifier(std::string issuer, const std::vector<VerificationKey>& keys)
    : issuer_(std::move(issuer)) {
  for (const VerificationKey& key : keys) {
    keys_.emplace(EncodeHeader(key), key);
    kids_.insert(key.kid());
  }
}

absl::optional<SignedAccessToken> AccessTokenVerifier::VerifySignature(absl::string_view token) const {
  if (token.size() > kMaxBytes) return absl::nullopt;
  const std::vector<absl::string_view> segments = absl::StrSplit(token, absl::MaxSplits('.', 3));
  if (segments.size() != 3) return absl::nullopt;
  const auto key = keys_.find(segments[0]);
  std::string signature;
  if (key == keys_.end() || !Base64UrlDecode(segments[2], &signature)) return absl::nullopt;
  const absl::string_view signed_part = token.substr(0, token.size() - segments[2].size() - 1);
  if (!key->second.Verify(signed_part, signature)) return absl::nullopt;

  absl::optional<AccessTokenClaims> claims = ReadClaims(segments[1]);
  if (!claims || claims->issuer != issuer_) return absl::nullopt;
  claims->kid = key->second.kid();
  SignedAccessToken verified(std::make_shared<const AccessTokenClaims>(*std::move(claims)));
  const std::vector<absl::string_view> kids = verified.kids();
  if (!std::all_of(kids.begin(), kids.end(), [&](absl::string_view kid) { return kids_.contains(kid); })) {
    return absl::nullopt;
  }
  return verified;
}

AccessTokenVerifier::Result AccessTokenVerifier::VerifyTimes(const SignedAccessToken& token, absl::Time now) {
  const AccessTokenClaims& claims = *token.claims_;
  Result result;
  if (now < claims.issue_time - kSkew) return result;
  if (now < claims.expire_time + kSkew) {
    result.token = VerifiedAccessToken(token.claims_);
  } else {
    result.failure = Failure::kExpired;
    result.expired_claims = token.claims_;
  }
  return result;
}

AccessTokenVerifier::Result AccessTokenVerifier::Verify(absl::string_view token, absl::Time now) const {
  const absl::optional<SignedAccessToken> read = VerifySignature(token);
  return read ? VerifyTimes(*read, now) : Result();
}

}  // namespace identity
