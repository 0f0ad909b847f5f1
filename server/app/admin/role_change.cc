#include "server/app/admin/role_change.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace identity {
namespace {

constexpr size_t kMaxListBytes = 1000;

using Names = std::vector<std::string>;

// The service's own patterns first.
Names NamesOf(std::vector<PermissionPattern> patterns) {
  std::stable_partition(patterns.begin(), patterns.end(),
                        [](const PermissionPattern& pattern) { return pattern.IsOfTheService(); });
  Names names;
  for (const PermissionPattern& pattern : patterns) names.push_back(pattern.text());
  return names;
}

// Those of `names` that `others` contains, or does not contain.
Names Select(const Names& names, const Names& others, bool contained) {
  const std::set<absl::string_view> known(others.begin(), others.end());
  Names selected;
  for (const std::string& name : names) {
    if ((known.count(name) > 0) == contained) selected.push_back(name);
  }
  return selected;
}

std::string Shortened(const Names& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (text.size() + names[i].size() > kMaxListBytes) return absl::StrCat(text, " and ", names.size() - i, " more");
    absl::StrAppend(&text, " ", names[i]);
  }
  return text;
}

void AppendLists(absl::string_view field, const Names& before, const Names& after, Names& parts) {
  const Names removed = Select(before, after, false);
  const Names added = Select(after, before, false);
  const Names kept = Select(before, after, true);
  if (removed.empty() && added.empty()) return;
  Names lists;
  if (!removed.empty()) lists.push_back(absl::StrCat("removed", Shortened(removed)));
  if (!added.empty()) lists.push_back(absl::StrCat("added", Shortened(added)));
  if (!kept.empty()) lists.push_back(absl::StrCat("kept", Shortened(kept)));
  parts.push_back(absl::StrCat(field, " ", absl::StrJoin(lists, ", ")));
}

std::string AgeText(absl::Duration age) { return age == absl::InfiniteDuration() ? "none" : absl::FormatDuration(age); }

}  // namespace

std::string DescribeRoleChange(const RoleDefinition& before, const RoleDefinition& after) {
  Names parts;
  AppendLists("permissions", NamesOf(before.permissions), NamesOf(after.permissions), parts);
  AppendLists("inherits", before.inherits, after.inherits, parts);
  if (before.mfa_max_age != after.mfa_max_age) {
    parts.push_back(absl::StrCat("mfa_max_age was ", AgeText(before.mfa_max_age), ", is ", AgeText(after.mfa_max_age)));
  }
  return absl::StrJoin(parts, "; ");
}

}  // namespace identity
