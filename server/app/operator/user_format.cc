#include "server/app/operator/user_format.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "nlohmann/json.hpp"
#include "server/base/enum_names.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

using Json = nlohmann::json;

constexpr EnumName<UserFormat> kFormats[] = {
    {UserFormat::kIdentity, "identity"}, {UserFormat::kFirebase, "firebase"}, {UserFormat::kAuth0, "auth0"}};
static_assert(NamesEach(kFormats, UserFormat::kAuth0));

constexpr char kHashConfig[] = "firebase-hash-config-file";
constexpr absl::string_view kQuotesAndSpace = " \t\r\"'";
// What Auth0 assumes when the parameters are missing.
constexpr uint64_t kAuth0Rounds = 100000;
constexpr uint64_t kAuth0HashBytes = 64;

// A member of another format, and the one of ours with the same meaning.
struct MemberPair {
  const char* theirs;
  const char* ours;
};
constexpr MemberPair kFirebaseMembers[] = {{"localId", "username"},
                                           {"email", "email"},
                                           {"emailVerified", "email_verified"},
                                           {"displayName", "full_name"},
                                           {"disabled", "disabled"}};
constexpr MemberPair kAuth0Members[] = {{"username", "username"},
                                        {"email", "email"},
                                        {"email_verified", "email_verified"},
                                        {"name", "full_name"},
                                        {"blocked", "disabled"}};

// nullptr when `object` has no such member, or it is null.
const Json* FindMember(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

// "" unless the member is a text.
std::string TextOf(const Json& object, const char* name) {
  const Json* const value = FindMember(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

// The library copies nested values by recursion, so a line could exhaust the stack. None of our members is nested: an
// empty object makes ParseUserRecord name the member.
Json Copy(const Json& value) { return value.is_primitive() ? value : Json::object(); }

template <size_t kCount>
Json Translate(const Json& theirs, const MemberPair (&members)[kCount]) {
  Json ours = Json::object();
  for (const MemberPair& pair : members) {
    if (const Json* const value = FindMember(theirs, pair.theirs)) ours[pair.ours] = Copy(*value);
  }
  return ours;
}

// The bytes of base64 in either alphabet, with or without padding. "", which is not a valid salt or hash, for other
// text.
std::string BytesOf(absl::string_view base64) {
  std::string bytes;
  const bool decoded = absl::Base64Unescape(absl::StrReplaceAll(base64, {{"-", "+"}, {"_", "/"}}), &bytes);
  return decoded ? bytes : "";
}

using OptionalHash = absl::StatusOr<absl::optional<PasswordHash>>;

OptionalHash Optional(absl::StatusOr<PasswordHash> hash) {
  if (!hash.ok()) return hash.status();
  return absl::make_optional(*std::move(hash));
}

// ---- Firebase

OptionalHash FirebasePassword(const Json& user, const FirebaseHashConfig& config) {
  const std::string hash = TextOf(user, "passwordHash");
  if (hash.empty()) return absl::optional<PasswordHash>();
  return Optional(PasswordHash::FromFirebase(config, BytesOf(TextOf(user, "salt")), BytesOf(hash)));
}

absl::string_view StripQuotesAndSpace(absl::string_view text) {
  const size_t begin = text.find_first_not_of(kQuotesAndSpace);
  if (begin == absl::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kQuotesAndSpace) - begin + 1);
}

// ---- Auth0

// The identifier of type "email" in the exports whose users lack an email of their own.
const Json* EmailIdentifier(const Json& user) {
  const Json* const identifiers = FindMember(user, "identifiers");
  if (identifiers == nullptr || !identifiers->is_array()) return nullptr;
  const auto found = std::find_if(identifiers->begin(), identifiers->end(),
                                  [](const Json& one) { return TextOf(one, "type") == "email"; });
  return found == identifiers->end() ? nullptr : &*found;
}

// The id without the name of its connection: "auth0|5dea9f9c" in `user_id`, or an object `_id`.
std::string Auth0Id(const Json& user) {
  const std::string id = TextOf(user, "user_id");
  if (!id.empty()) return id.substr(id.rfind('|') + 1);
  const Json* const object = FindMember(user, "_id");
  return object == nullptr ? "" : TextOf(*object, "$oid");
}

Json TranslateAuth0(const Json& user) {
  Json ours = Translate(user, kAuth0Members);
  if (!ours.contains("username")) ours["username"] = Auth0Id(user);
  const Json* const identifier = EmailIdentifier(user);
  if (!ours.contains("email") && identifier != nullptr) {
    if (const Json* const value = FindMember(*identifier, "value")) ours["email"] = Copy(*value);
    if (const Json* const verified = FindMember(*identifier, "verified")) ours["email_verified"] = Copy(*verified);
  }
  // Auth0 sets the name to the address when it knows no other.
  if (!ours.contains("full_name") || ours["full_name"] == ours.value("email", Json())) {
    const std::string first = TextOf(user, "given_name");
    const std::string last = TextOf(user, "family_name");
    ours["full_name"] = absl::StrCat(first, first.empty() || last.empty() ? "" : " ", last);
  }
  return ours;
}

absl::Status Auth0Refusal(absl::string_view rule) { return InvalidField("custom_password_hash", rule); }

// From "$pbkdf2-sha512$i=100000,l=64$" salt "$" hash, where the second part may be missing.
OptionalHash Auth0Pbkdf2(absl::string_view text) {
  std::vector<absl::string_view> parts = absl::StrSplit(text, '$');
  uint64_t rounds = kAuth0Rounds;
  uint64_t bytes = kAuth0HashBytes;
  if (parts.size() == 5) {
    for (absl::string_view parameter : absl::StrSplit(parts[2], ',')) {
      const bool read = absl::ConsumePrefix(&parameter, "i=")
                            ? absl::SimpleAtoi(parameter, &rounds)
                            : absl::ConsumePrefix(&parameter, "l=") && absl::SimpleAtoi(parameter, &bytes);
      if (!read) return Auth0Refusal("pbkdf2 may have the parameters i and l");
    }
    parts.erase(parts.begin() + 2);
  }
  if (parts.size() != 4) return Auth0Refusal("pbkdf2 must be $pbkdf2-DIGEST$i=ROUNDS,l=BYTES$SALT$HASH");
  const std::string salt = BytesOf(parts[2]);
  const std::string hash = BytesOf(parts[3]);
  if (hash.size() != bytes) return Auth0Refusal("l is not the size of the hash");
  if (parts[1] == "pbkdf2-sha256") return Optional(PasswordHash::FromPbkdf2Sha256(rounds, salt, hash));
  if (parts[1] == "pbkdf2-sha512") return Optional(PasswordHash::FromPbkdf2Sha512(rounds, salt, hash));
  return Auth0Refusal("pbkdf2 must be of sha256 or sha512");
}

bool IsUtf8Encoding(const Json* object) {
  return object == nullptr || FindMember(*object, "encoding") == nullptr || TextOf(*object, "encoding") == "utf8";
}

OptionalHash Auth0CustomPassword(const Json& custom) {
  const std::string algorithm = TextOf(custom, "algorithm");
  const Json* const hash = FindMember(custom, "hash");
  const bool plain = hash != nullptr && FindMember(custom, "salt") == nullptr && FindMember(*hash, "salt") == nullptr &&
                     IsUtf8Encoding(hash) && IsUtf8Encoding(FindMember(custom, "password"));
  if (!plain) return Auth0Refusal("must have a hash in utf8 without a separate salt");
  const std::string value = TextOf(*hash, "value");
  if (algorithm == "pbkdf2") return Auth0Pbkdf2(value);
  if (algorithm == "bcrypt" || algorithm == "argon2") return Optional(PasswordHash::ParseImported(value));
  return Auth0Refusal("must be of bcrypt, argon2 or pbkdf2");
}

OptionalHash Auth0Password(const Json& user) {
  const Json* const custom = FindMember(user, "custom_password_hash");
  absl::optional<PasswordHash> found;
  if (custom != nullptr) {
    ASSIGN_OR_RETURN(found, Auth0CustomPassword(*custom));
  }
  for (const char* name : {"passwordHash", "password_hash"}) {
    const std::string text = TextOf(user, name);
    if (text.empty()) continue;
    if (found) return InvalidField(name, "there is more than one password");
    ASSIGN_OR_RETURN(found, PasswordHash::ParseImported(text));
  }
  return found;
}

}  // namespace

absl::string_view NameOf(UserFormat format) { return NameIn(kFormats, format); }

absl::optional<UserFormat> ParseUserFormat(absl::string_view name) { return FindByName(kFormats, name); }

std::vector<std::string> UserFormatNames() {
  std::vector<std::string> names;
  for (const auto& row : kFormats) names.emplace_back(row.name);
  return names;
}

absl::StatusOr<FirebaseHashConfig> ParseFirebaseHashConfig(const Secret& text) {
  FirebaseHashConfig config;
  bool scrypt = false;
  for (const absl::string_view piece : absl::StrSplit(text.Reveal(), absl::ByAnyChar(",\n{}"))) {
    const std::pair<absl::string_view, absl::string_view> pair = absl::StrSplit(piece, absl::MaxSplits(':', 1));
    const absl::string_view name = StripQuotesAndSpace(pair.first);
    const absl::string_view value = StripQuotesAndSpace(pair.second);
    if (name == "algorithm") scrypt = value == "SCRYPT";
    if (name == "base64_signer_key") config.signer_key = Secret(BytesOf(value));
    if (name == "base64_salt_separator") config.salt_separator = BytesOf(value);
    if (name == "rounds" && !absl::SimpleAtoi(value, &config.rounds)) config.rounds = 0;
    if (name == "mem_cost" && !absl::SimpleAtoi(value, &config.mem_cost)) config.mem_cost = 0;
  }
  // The hash of no password, only to check the bounds.
  const bool in_bounds = PasswordHash::FromFirebase(config, std::string(8, 's'), config.signer_key.Reveal()).ok();
  if (scrypt && in_bounds) return config;
  return InvalidField(kHashConfig,
                      "must have algorithm SCRYPT, base64_signer_key, base64_salt_separator, rounds of 1 to 8 and "
                      "mem_cost of 1 to 14, as Firebase's console shows them");
}

absl::StatusOr<UserParser> UserParser::Create(UserFormat format, const Secret& firebase_hash_config) {
  if (format != UserFormat::kFirebase) {
    if (!firebase_hash_config.empty()) return InvalidField(kHashConfig, "needs --format=firebase");
    return UserParser(format, FirebaseHashConfig());
  }
  if (firebase_hash_config.empty()) return InvalidField(kHashConfig, "is required for --format=firebase");
  ASSIGN_OR_RETURN(FirebaseHashConfig config, ParseFirebaseHashConfig(firebase_hash_config));
  return UserParser(format, std::move(config));
}

absl::StatusOr<UserRecord> UserParser::Parse(absl::string_view text, std::string* username) const {
  if (format_ == UserFormat::kIdentity) return ParseUserRecord(text, username);
  const Json theirs = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!theirs.is_object()) return ParseUserRecord({}, username);  // for its error
  const bool firebase = format_ == UserFormat::kFirebase;
  Json ours = firebase ? Translate(theirs, kFirebaseMembers) : TranslateAuth0(theirs);
  const OptionalHash hash = firebase ? FirebasePassword(theirs, firebase_) : Auth0Password(theirs);
  if (hash.ok() && *hash) ours["password_hash"] = (*hash)->text();
  absl::StatusOr<UserRecord> user = ParseUserRecord(ours.dump(), username);
  if (user.ok() && !hash.ok()) return hash.status();
  return user;
}

}  // namespace identity
