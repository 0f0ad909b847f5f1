#include "server/domain/user_record.h"

#include <cstdint>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "server/base/error.h"
#include "server/base/status_macros.h"
#include "server/domain/account_names.h"
#include "server/domain/role_graph.h"

namespace identity {
namespace {

using Json = nlohmann::json;

constexpr absl::string_view kPlainText =
    "is in plain text, which is not accepted: anyone who can read the file could log in. Use password_hash with its "
    "hash, or leave the password out";

// A discarded value when `text` is not JSON.
Json ParseJson(absl::string_view text) {
  return Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
}

// nullptr when `object` has no member `name`, or it is null.
const Json* Find(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

// "" when the member is missing.
absl::StatusOr<std::string> ReadText(const Json& object, const char* name) {
  const Json* const value = Find(object, name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return InvalidField(name, "must be a text");
  return value->get<std::string>();
}

absl::StatusOr<bool> ReadFlag(const Json& object, const char* name, bool fallback) {
  const Json* const value = Find(object, name);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) return InvalidField(name, "must be true or false");
  return value->get<bool>();
}

// nullptr when the member is missing.
absl::StatusOr<const Json*> FindArray(const Json& object, const char* name) {
  const Json* const value = Find(object, name);
  if (value != nullptr && !value->is_array()) return InvalidField(name, "must be an array");
  return value;
}

// ---- Names

absl::Status ReadNames(const Json& line, UserRecord* user) {
  ASSIGN_OR_RETURN(user->email, ReadText(line, "email"));
  if (user->email.empty()) return InvalidField("email", "is missing");
  ASSIGN_OR_RETURN(user->email_folded, FoldEmail(user->email));
  ASSIGN_OR_RETURN(user->full_name, ReadText(line, "full_name"));
  if (user->full_name.empty()) {
    ASSIGN_OR_RETURN(const std::string first, ReadText(line, "firstName"));
    ASSIGN_OR_RETURN(const std::string last, ReadText(line, "lastName"));
    user->full_name = absl::StrCat(first, first.empty() || last.empty() ? "" : " ", last);
  }
  return CheckLabel("full_name", user->full_name, kMaxFullNameBytes);
}

absl::Status ReadState(const Json& line, UserRecord* user) {
  ASSIGN_OR_RETURN(const bool verified, ReadFlag(line, "email_verified", false));
  ASSIGN_OR_RETURN(const bool realm_verified, ReadFlag(line, "emailVerified", false));
  ASSIGN_OR_RETURN(const bool disabled, ReadFlag(line, "disabled", false));
  ASSIGN_OR_RETURN(const bool enabled, ReadFlag(line, "enabled", true));
  user->email_verified = verified || realm_verified;
  user->disabled = disabled || !enabled;
  return absl::OkStatus();
}

// ---- Passwords

// A member that is an object, or a text that contains one, which is then parsed into `parsed`. Otherwise a value
// without members. Copies nothing: the library copies nested values by recursion, so a line could exhaust the stack.
const Json& FindNested(const Json& object, const char* name, Json* parsed) {
  const Json* const value = Find(object, name);
  if (value == nullptr) return *parsed;
  if (!value->is_string()) return *value;
  *parsed = ParseJson(value->get_ref<const std::string&>());
  return *parsed;
}

// The bytes of a base64 text. Empty, which is not a valid salt or hash, for anything else.
std::string ReadBase64(const Json& object, const char* name) {
  const Json* const value = Find(object, name);
  std::string bytes;
  if (value == nullptr || !value->is_string()) return bytes;
  const bool decoded = absl::Base64Unescape(value->get_ref<const std::string&>(), &bytes);
  return decoded ? bytes : std::string();
}

// 0, which is not a valid cost, unless the member is a positive number.
uint64_t ReadCost(const Json& object, const char* name) {
  const Json* const value = Find(object, name);
  return value != nullptr && value->is_number_unsigned() ? value->get<uint64_t>() : 0;
}

// Keycloak writes these as arrays of one text. "" for anything else.
std::string ReadParameter(const Json& parameters, const char* name) {
  const Json* const value = Find(parameters, name);
  if (value == nullptr || !value->is_array() || value->size() != 1 || !value->front().is_string()) return "";
  return value->front().get<std::string>();
}

std::string Base64WithoutPadding(absl::string_view bytes) {
  const std::string text = absl::Base64Escape(bytes);
  return text.substr(0, text.find('='));
}

absl::StatusOr<PasswordHash> FromArgon2(const Json& data, absl::string_view salt, absl::string_view hash) {
  Json parsed;
  const Json& parameters = FindNested(data, "additionalParameters", &parsed);
  if (ReadParameter(parameters, "type") != "id" || ReadParameter(parameters, "version") != "1.3") {
    return InvalidField("credentials", "must be Argon2id of version 1.3");
  }
  return PasswordHash::ParseImported(absl::StrCat("$argon2id$v=19$m=", ReadParameter(parameters, "memory"),
                                                  ",t=", ReadCost(data, "hashIterations"),
                                                  ",p=", ReadParameter(parameters, "parallelism"), "$",
                                                  Base64WithoutPadding(salt), "$", Base64WithoutPadding(hash)));
}

absl::StatusOr<PasswordHash> FromKeycloak(const Json& credential) {
  if (Find(credential, "value") != nullptr) return InvalidField("credentials", kPlainText);
  Json parsed_secret;
  Json parsed_data;
  const Json& secret = FindNested(credential, "secretData", &parsed_secret);
  const Json& data = FindNested(credential, "credentialData", &parsed_data);
  const std::string salt = ReadBase64(secret, "salt");
  const std::string hash = ReadBase64(secret, "value");
  const Json* const algorithm = Find(data, "algorithm");
  if (algorithm != nullptr && *algorithm == "argon2") return FromArgon2(data, salt, hash);
  const uint64_t rounds = ReadCost(data, "hashIterations");
  if (algorithm != nullptr && *algorithm == "pbkdf2-sha256") return PasswordHash::FromPbkdf2Sha256(rounds, salt, hash);
  if (algorithm != nullptr && *algorithm == "pbkdf2-sha512") return PasswordHash::FromPbkdf2Sha512(rounds, salt, hash);
  return InvalidField("credentials", "a password must be of pbkdf2-sha256, pbkdf2-sha512 or argon2");
}

absl::StatusOr<absl::optional<PasswordHash>> ReadPassword(const Json& line) {
  if (Find(line, "password") != nullptr) return InvalidField("password", kPlainText);
  ASSIGN_OR_RETURN(const std::string text, ReadText(line, "password_hash"));
  ASSIGN_OR_RETURN(const Json* const credentials, FindArray(line, "credentials"));
  absl::optional<PasswordHash> hash;
  if (!text.empty()) {
    ASSIGN_OR_RETURN(hash, PasswordHash::ParseImported(text));
  }
  if (credentials == nullptr) return hash;
  for (const Json& credential : *credentials) {
    const Json* const type = Find(credential, "type");
    if (type == nullptr || *type != "password") continue;
    if (hash) return InvalidField("credentials", "there is more than one password");
    ASSIGN_OR_RETURN(hash, FromKeycloak(credential));
  }
  return hash;
}

// ---- Roles

absl::StatusOr<absl::Time> ReadExpireTime(const Json& role) {
  ASSIGN_OR_RETURN(const std::string text, ReadText(role, "expire_time"));
  if (text.empty()) return absl::InfiniteFuture();
  absl::Time time;
  std::string error;
  const bool parsed = absl::ParseTime(absl::RFC3339_full, text, &time, &error);
  // Four digits for the year, as in RFC 3339.
  const bool in_bounds =
      time >= absl::UnixEpoch() && time < absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone());
  if (!parsed || !in_bounds) return InvalidField("expire_time", "must be a time like 2030-01-31T12:00:00Z");
  return time;
}

absl::StatusOr<UserRecord::Role> ReadRole(const Json& value) {
  UserRecord::Role role;
  if (value.is_string()) {
    role.name = value.get<std::string>();
  } else if (value.is_object()) {
    ASSIGN_OR_RETURN(role.name, ReadText(value, "role"));
    ASSIGN_OR_RETURN(const std::string resource, ReadText(value, "resource"));
    ASSIGN_OR_RETURN(role.resource, Resource::Parse(resource));
    ASSIGN_OR_RETURN(role.expire_time, ReadExpireTime(value));
  } else {
    return InvalidField("", "must be a name or an object");
  }
  if (!CheckRoleName(role.name).ok())
    return InvalidField("role", "must be 1 to 64 of [a-z0-9_-], beginning with a letter");
  return role;
}

// Every user of a realm has these roles, which concern only Keycloak itself.
bool IsOfEveryRealm(const Json& role) {
  if (!role.is_string()) return false;
  const std::string& name = role.get_ref<const std::string&>();
  return name == "offline_access" || name == "uma_authorization" || absl::StartsWith(name, "default-roles-");
}

absl::Status ReadRoles(const Json& line, const char* field, bool of_realm, UserRecord* user) {
  ASSIGN_OR_RETURN(const Json* const roles, FindArray(line, field));
  if (roles == nullptr) return absl::OkStatus();
  if (roles->size() > UserRecord::kMaxRoles) {
    return InvalidField(field, absl::StrCat("are more than ", UserRecord::kMaxRoles));
  }
  for (size_t i = 0; i < roles->size(); ++i) {
    const Json& value = (*roles)[i];
    if (of_realm && IsOfEveryRealm(value)) continue;
    absl::StatusOr<UserRecord::Role> role = ReadRole(value);
    if (!role.ok()) return InField(absl::StrCat(field, "[", i, "]"), role.status());
    role->of_realm = of_realm;
    user->roles.push_back(*std::move(role));
  }
  return absl::OkStatus();
}

absl::Status CheckRolesDiffer(const std::vector<UserRecord::Role>& roles) {
  std::set<std::pair<absl::string_view, absl::string_view>> seen;
  for (const UserRecord::Role& role : roles) {
    if (seen.emplace(role.name, role.resource.text()).second) continue;
    return InvalidField("roles", absl::StrCat(role.name, " occurs twice for the same resource"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<UserRecord> ParseUserRecord(absl::string_view line, std::string* username) {
  username->clear();
  const Json json = ParseJson(line);
  if (!json.is_object()) return InvalidField("line", "must be a JSON object");
  UserRecord user;
  ASSIGN_OR_RETURN(const std::string name, ReadText(json, "username"));
  if (name.empty()) return InvalidField("username", "is missing");
  ASSIGN_OR_RETURN(user.username, FoldNewName("username", name));
  *username = user.username;
  RETURN_IF_ERROR(ReadNames(json, &user));
  RETURN_IF_ERROR(ReadState(json, &user));
  ASSIGN_OR_RETURN(user.password_hash, ReadPassword(json));
  RETURN_IF_ERROR(ReadRoles(json, "roles", false, &user));
  RETURN_IF_ERROR(ReadRoles(json, "realmRoles", true, &user));
  RETURN_IF_ERROR(CheckRolesDiffer(user.roles));
  return user;
}

}  // namespace identity
