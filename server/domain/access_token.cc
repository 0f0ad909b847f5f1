#include "server/domain/access_token.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "nlohmann/json.hpp"
#include "server/base/encoding/base64url.h"
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

struct Unused {};  // a value of a type that none of our claims has
struct Nested {};  // an object, whose members are read by their paths
using Value = std::variant<Unused, Nested, std::string, int64_t, std::vector<std::string>>;
using Members = absl::flat_hash_map<std::string, Value>;

// Before the names of the members of the `depth`th `act`.
std::string ActorPath(size_t depth) {
  std::string path;
  for (; depth > 0; --depth) path += "act.";
  return path;
}

// Receives the parser's events. Returns false, which ends parsing, for everything outside the grammar above. So no
// input nests deeply, and the library never throws. The members of `act` are read as "act.<name>", those of an `act` in
// it as "act.act.<name>".
class FlatObjectReader : public nlohmann::json_sax<Json> {
 public:
  explicit FlatObjectReader(Members* members) : members_(members) {}

  bool null() override { return Put(Unused()); }
  bool boolean(bool) override { return Put(Unused()); }
  bool number_integer(number_integer_t) override { return Put(Unused()); }  // only negative numbers
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<uint64_t>(kMaxUnixSeconds)) return Put(Unused());
    return Put(static_cast<int64_t>(value));
  }
  bool number_float(number_float_t, const string_t&) override { return Put(Unused()); }
  bool binary(binary_t&) override { return false; }
  bool string(string_t& value) override {
    if (!in_array_) return Put(value);
    array_.push_back(value);
    return true;
  }

  bool start_object(size_t) override {
    if (!std::exchange(in_object_, true)) return true;
    if (in_array_ || depth_ == kMaxDelegations || key_ != Path("act") || !Put(Nested())) return false;
    ++depth_;
    return true;
  }
  bool end_object() override {
    if (depth_ > 0) --depth_;
    return true;
  }
  bool key(string_t& name) override {
    key_ = Path(name);
    return !absl::StrContains(name, '.') && !members_->contains(key_);
  }
  bool start_array(size_t) override { return in_object_ && !std::exchange(in_array_, true); }
  bool end_array() override {
    in_array_ = false;
    return Put(std::exchange(array_, {}));
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  // The name in the object that is read.
  std::string Path(const std::string& name) const { return ActorPath(depth_) + name; }
  bool Put(Value&& value) {
    if (!in_object_ || in_array_) return false;
    members_->emplace(key_, std::move(value));
    return true;
  }

  Members* members_;
  std::string key_;
  bool in_object_ = false;
  bool in_array_ = false;
  size_t depth_ = 0;  // of `act`
  std::vector<std::string> array_;
};

// The members of the object that `segment` encodes.
absl::optional<Members> ReadSegment(absl::string_view segment) {
  std::string text;
  if (!Base64UrlDecode(segment, &text)) return absl::nullopt;
  // The parser would treat a NUL as the end and ignore the rest.
  if (text.find('\0') != std::string::npos) return absl::nullopt;
  Members members;
  FlatObjectReader reader(&members);
  if (!Json::sax_parse(text, &reader)) return absl::nullopt;
  return members;
}

// nullptr when `name` is missing or of another type.
template <typename T>
const T* Get(const Members& members, absl::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? nullptr : std::get_if<T>(&found->second);
}

template <typename T>
bool ReadMember(const Members& members, absl::string_view name, T* value) {
  const T* found = Get<T>(members, name);
  if (found == nullptr) return false;
  *value = *found;
  return true;
}

bool ReadTime(const Members& members, absl::string_view name, absl::Time* time) {
  int64_t seconds = 0;
  if (!ReadMember(members, name, &seconds)) return false;
  *time = absl::FromUnixSeconds(seconds);
  return true;
}

template <typename IdType>
absl::optional<IdType> GetId(const Members& members, absl::string_view name) {
  const auto* text = Get<std::string>(members, name);
  return text == nullptr ? absl::nullopt : IdType::Parse(*text);
}

bool ReadIds(const Members& members, AccessTokenClaims* claims) {
  const auto subject = GetId<PrincipalId>(members, "sub");
  const auto id = GetId<TokenId>(members, "jti");
  if (!subject || !id || members.contains("sid") == members.contains("akid")) return false;
  claims->subject = *subject;
  claims->id = *id;
  claims->session_id = GetId<SessionId>(members, "sid");
  claims->api_key_id = GetId<ApiKeyId>(members, "akid");
  return claims->session_id || claims->api_key_id;
}

bool ReadDelegations(const Members& members, std::vector<Delegation>* delegations) {
  while (members.contains(ActorPath(delegations->size()) + "act")) {
    if (delegations->size() == kMaxDelegations) return false;
    const std::string path = ActorPath(delegations->size() + 1);
    const auto actor = GetId<PrincipalId>(members, path + "sub");
    const auto key = GetId<ApiKeyId>(members, path + "akid");
    const auto parent = GetId<TokenId>(members, path + "parent_jti");
    const auto* parent_kid = Get<std::string>(members, path + "parent_kid");
    if (!actor || !key || !parent || parent_kid == nullptr) return false;
    delegations->push_back({*actor, *key, *parent, *parent_kid});
  }
  return true;
}

bool ReadScopes(const Members& members, Scopes* scopes) {
  const auto* claim = Get<std::string>(members, "scope");
  if (claim == nullptr) return false;
  auto parsed = Scopes::ParseClaim(*claim);
  if (!parsed.ok()) return false;
  *scopes = *std::move(parsed);
  return true;
}

// Our tokens never have `nbf` later than `iat`, so one time represents both: the later one.
absl::optional<AccessTokenClaims> ReadClaims(absl::string_view segment) {
  const absl::optional<Members> members = ReadSegment(segment);
  if (!members) return absl::nullopt;
  AccessTokenClaims claims;
  absl::Time not_before;
  const bool complete = ReadIds(*members, &claims) && ReadMember(*members, "iss", &claims.issuer) &&
                        ReadMember(*members, "aud", &claims.audience) &&
                        ReadTime(*members, "iat", &claims.issue_time) && ReadTime(*members, "nbf", &not_before) &&
                        ReadTime(*members, "exp", &claims.expire_time) &&
                        ReadTime(*members, "auth_time", &claims.auth_time) &&
                        ReadMember(*members, "client_id", &claims.client_id) && ReadScopes(*members, &claims.scopes) &&
                        ReadMember(*members, "roles", &claims.roles) && ReadMember(*members, "amr", &claims.amr) &&
                        ReadMember(*members, "epoch", &claims.epoch) && ReadDelegations(*members, &claims.delegations);
  if (!complete) return absl::nullopt;
  claims.issue_time = std::max(claims.issue_time, not_before);
  // Our tokens never live longer; revocations and retiring keys are remembered only for this long.
  if (claims.expire_time - claims.issue_time > kLongestAccessTokenLifetime) return absl::nullopt;
  return claims;
}

// Replaces bytes that are not UTF-8, since the library would throw otherwise.
std::string Encode(const Json& json) {
  return Base64UrlEncode(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// `sub` and `act` are RFC 8693's. The other members are for this service, which ends the token by them.
Json ActorsToJson(absl::Span<const Delegation> delegations) {
  const Delegation& latest = delegations[0];
  Json json = {{"sub", latest.actor.ToString()},
               {"akid", latest.actor_key.ToString()},
               {"parent_jti", latest.parent.ToString()},
               {"parent_kid", latest.parent_kid}};
  if (delegations.size() > 1) json["act"] = ActorsToJson(delegations.subspan(1));
  return json;
}

Json ToJson(const AccessTokenClaims& claims) {
  const int64_t issue_time = absl::ToUnixSeconds(claims.issue_time);
  Json json = {{"iss", claims.issuer},
               {"sub", claims.subject.ToString()},
               {"aud", claims.audience},
               {"iat", issue_time},
               {"nbf", issue_time},
               {"exp", absl::ToUnixSeconds(claims.expire_time)},
               {"jti", claims.id.ToString()},
               {"client_id", claims.client_id},
               {"scope", claims.scopes.ToClaim()},
               {"roles", claims.roles},
               {"auth_time", absl::ToUnixSeconds(claims.auth_time)},
               {"amr", claims.amr},
               {"epoch", claims.epoch}};
  if (claims.session_id) json["sid"] = claims.session_id->ToString();
  if (claims.api_key_id) json["akid"] = claims.api_key_id->ToString();
  if (!claims.delegations.empty()) json["act"] = ActorsToJson(claims.delegations);
  return json;
}

// Each key has exactly one header, byte for byte. Tokens with any other header are not ours. So the algorithm that a
// token claims never decides how it is verified.
std::string EncodeHeader(const VerificationKey& key) {
  return Encode(Json{{"alg", std::string(NameOf(key.algorithm()))}, {"typ", std::string(kType)}, {"kid", key.kid()}});
}

}  // namespace

absl::Status CheckAudience(absl::string_view audience) {
  const bool right_size = !audience.empty() && audience.size() <= kMaxAudienceBytes;
  if (right_size && std::all_of(audience.begin(), audience.end(), absl::ascii_isgraph)) return absl::OkStatus();
  return InvalidField("audience", "is not 1 to 256 bytes of printable ASCII");
}

Secret SignAccessToken(const AccessTokenClaims& claims, const SigningKey& key) {
  const std::string signed_part = absl::StrCat(EncodeHeader(key.verification_key()), ".", Encode(ToJson(claims)));
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
