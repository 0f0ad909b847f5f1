#include "server/app/operator/import_batch.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

using user_imports::KnownNames;
using user_imports::Standing;

constexpr int64_t kMaxBatchBytes = 8 << 20;

// The reason why the names in the database prevent the import of the user; "" for none.
std::string ReasonAgainst(const UserRecord& user, const KnownNames& known) {
  if (known.usernames.contains(user.username)) return "username: is taken";
  if (known.emails.contains(user.email_folded)) return "email: is taken";
  for (const UserRecord::Role& role : user.roles) {
    const auto found = known.roles.find(role.name);
    if (found == known.roles.end()) return absl::StrCat("roles: there is no role ", role.name);
    if (role.of_realm && found->second) {
      return absl::StrCat(
          "realmRoles: ", role.name,
          " is a built-in role of Identity and may grant more than the realm's; assign it by \"roles\"");
    }
  }
  return "";
}

// The first line of each username and each address. One map holds both, since a username never looks like an address.
using FirstLines = absl::flat_hash_map<std::string, int64_t>;

// Claims the name for the line. Returns the reason when that is impossible, else "".
std::string Claim(FirstLines& first_lines, absl::string_view field, const std::string& name, int64_t line) {
  const auto [first, fresh] = first_lines.emplace(name, line);
  return fresh ? "" : absl::StrCat(field, ": is the same as on line ", first->second);
}

bool IsBlank(const LineReader::Line& line) { return !line.too_long && absl::StripAsciiWhitespace(line.text).empty(); }

}  // namespace

absl::StatusOr<ImportBatch> ImportBatch::Read(LineReader& reader, const UserParser& parser, const Standing& from,
                                              int64_t max_lines) {
  ImportBatch batch;
  while (batch.lines_ < max_lines && batch.bytes_ < kMaxBatchBytes) {
    ASSIGN_OR_RETURN(const absl::optional<LineReader::Line> line, reader.Next());
    if (!line) break;
    ++batch.lines_;
    batch.bytes_ = reader.offset() - from.bytes;
    if (!IsBlank(*line)) batch.Add(parser, from.lines + batch.lines_, *line);
  }
  batch.CollectNames();
  return batch;
}

void ImportBatch::Add(const UserParser& parser, int64_t line, const LineReader::Line& text) {
  std::string username;
  absl::StatusOr<UserRecord> user = InvalidField("line", "is longer than 1 MiB");
  if (!text.too_long) user = parser.Parse(text.text, &username);
  if (user.ok()) {
    users_.push_back({line, *std::move(user)});
  } else {
    refused_.push_back({line, username, std::string(user.status().message())});
  }
}

void ImportBatch::CollectNames() {
  std::set<std::string> roles;
  for (const NumberedUser& numbered : users_) {
    names_.usernames.push_back(numbered.user.username);
    names_.emails.push_back(numbered.user.email_folded);
    for (const UserRecord::Role& role : numbered.user.roles) roles.insert(role.name);
  }
  names_.roles.assign(roles.begin(), roles.end());
}

CheckedBatch ImportBatch::Check(const KnownNames& known) const {
  CheckedBatch checked{{}, refused_};
  FirstLines first_lines;
  for (const auto& [line, user] : users_) {
    std::string reason = ReasonAgainst(user, known);
    if (reason.empty()) reason = Claim(first_lines, "username", user.username, line);
    if (reason.empty()) reason = Claim(first_lines, "email", user.email_folded, line);
    if (reason.empty()) {
      checked.users.push_back(user);
    } else {
      checked.refused.push_back({line, user.username, std::move(reason)});
    }
  }
  std::sort(checked.refused.begin(), checked.refused.end(),
            [](const Refusal& a, const Refusal& b) { return a.line < b.line; });
  return checked;
}

Standing ImportBatch::After(const Standing& from, const CheckedBatch& checked) const {
  return {from.lines + lines_, from.bytes + bytes_, from.imported + static_cast<int64_t>(checked.users.size()),
          from.refused + static_cast<int64_t>(checked.refused.size())};
}

}  // namespace identity
