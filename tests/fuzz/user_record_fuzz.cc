#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/error.h"
#include "server/domain/account_names.h"
#include "server/domain/user_record.h"
#include "tests/fuzz/fuzz.h"

// Input: a line of an import file.
namespace identity {
namespace {

nlohmann::json RoleJson(const UserRecord::Role& role) {
  nlohmann::json json = {{"role", role.name}, {"resource", role.resource.text()}};
  if (role.expire_time != absl::InfiniteFuture()) {
    json["expire_time"] = absl::FormatTime(absl::RFC3339_full, role.expire_time, absl::UTCTimeZone());
  }
  return json;
}

// The record in our own form, so that two records can be compared.
std::string PrintRecord(const UserRecord& user) {
  nlohmann::json json = {{"username", user.username},
                         {"email", user.email},
                         {"disabled", user.disabled},
                         {"email_verified", user.email_verified},
                         {"full_name", user.full_name},
                         {"roles", nlohmann::json::array()},
                         {"realmRoles", nlohmann::json::array()}};
  if (user.password_hash) json["password_hash"] = user.password_hash->text();
  for (const UserRecord::Role& role : user.roles)
    json[role.of_realm ? "realmRoles" : "roles"].push_back(RoleJson(role));
  return json.dump();
}

void CheckRefusal(const absl::Status& refusal, const std::string& username) {
  Require(refusal.code() == absl::StatusCode::kInvalidArgument, "a refusal is INVALID_ARGUMENT");
  Require(FieldViolationsOf(refusal).size() == 1, "a refusal names a field");
  const absl::string_view message = refusal.message();
  Require(std::all_of(message.begin(), message.end(), absl::ascii_isprint), "a refusal can be printed");
  Require(username.empty() || FoldUsername(username).value_or("") == username, "a reported name is a username");
}

void FuzzUserRecord(absl::string_view input) {
  std::string username;
  const absl::StatusOr<UserRecord> user = ParseUserRecord(input, &username);
  if (!user.ok()) return CheckRefusal(user.status(), username);
  Require(username == user->username && FoldUsername(username).value_or("") == username, "the username is folded");
  Require(FoldEmail(user->email).value_or("") == user->email_folded, "the address is folded");
  Require(CheckLabel("", user->full_name, kMaxFullNameBytes).ok(), "the full name is a label");
  const std::string printed = PrintRecord(*user);
  const absl::StatusOr<UserRecord> again = ParseUserRecord(printed, &username);
  Require(again.ok(), "a record that was accepted is accepted again");
  Require(PrintRecord(*again) == printed, "a record stays the same");
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(user_record, identity::FuzzUserRecord)
