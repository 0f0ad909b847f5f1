#include "server/domain/role_graph.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

constexpr size_t kMaxNameBytes = 64;
// Up to this many elements, a linear search is faster than a binary one.
constexpr size_t kFewPatterns = 16;

using Edges = std::vector<std::vector<size_t>>;  // for each role, the roles that it inherits
using Index = absl::flat_hash_map<std::string, size_t>;

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsNameChar(char c) { return IsLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

absl::StatusOr<Index> IndexByName(const std::vector<RoleDefinition>& roles) {
  Index index;
  index.reserve(roles.size());
  for (size_t i = 0; i < roles.size(); ++i) {
    if (!index.emplace(roles[i].name, i).second) {
      return Error(ErrorReason::kAlreadyExists, absl::StrCat("role ", roles[i].name, " is defined twice"));
    }
  }
  return index;
}

absl::StatusOr<Edges> ResolveInherited(const std::vector<RoleDefinition>& roles, const Index& index) {
  Edges inherited(roles.size());
  for (size_t i = 0; i < roles.size(); ++i) {
    const std::vector<std::string>& inherits = roles[i].inherits;
    for (size_t j = 0; j < inherits.size(); ++j) {
      const auto found = index.find(inherits[j]);
      // Named by its index: the text may be anything, even a secret.
      if (found == index.end()) {
        return Error(ErrorReason::kNotFound,
                     absl::StrCat("role ", roles[i].name, ": inherits[", j, "] does not exist"));
      }
      inherited[i].push_back(found->second);
    }
  }
  return inherited;
}

// For each role, whether its inheritance ends. It does not end when it reaches a cycle.
std::vector<bool> FindEnding(const Edges& inherited) {
  Edges heirs(inherited.size());
  std::vector<size_t> open(inherited.size());
  std::vector<size_t> ready;
  for (size_t i = 0; i < inherited.size(); ++i) {
    open[i] = inherited[i].size();
    if (open[i] == 0) ready.push_back(i);
    for (const size_t role : inherited[i]) heirs[role].push_back(i);
  }
  std::vector<bool> ends(inherited.size(), false);
  while (!ready.empty()) {
    const size_t role = ready.back();
    ready.pop_back();
    ends[role] = true;
    for (const size_t heir : heirs[role]) {
      if (--open[heir] == 0) ready.push_back(heir);
    }
  }
  return ends;
}

// The roles of a cycle, with the first one again at the end. Empty when there is none.
std::vector<size_t> FindCircle(const Edges& inherited) {
  const std::vector<bool> ends = FindEnding(inherited);
  const auto first = std::find(ends.begin(), ends.end(), false);
  if (first == ends.end()) return {};
  // A role that does not end inherits another one that does not, so this walk returns to a role that it has seen.
  std::vector<size_t> walk;
  size_t role = static_cast<size_t>(first - ends.begin());
  while (std::find(walk.begin(), walk.end(), role) == walk.end()) {
    walk.push_back(role);
    role = *std::find_if(inherited[role].begin(), inherited[role].end(), [&](size_t next) { return !ends[next]; });
  }
  walk.erase(walk.begin(), std::find(walk.begin(), walk.end(), role));
  walk.push_back(role);
  return walk;
}

}  // namespace

absl::Status CheckRoleName(absl::string_view name) {
  const bool right_size = !name.empty() && name.size() <= kMaxNameBytes;
  if (!right_size || !IsLetter(name.front()) || !std::all_of(name.begin(), name.end(), IsNameChar)) {
    return InvalidField("name", "must be 1 to 64 of [a-z0-9_-] and begin with a letter");
  }
  return absl::OkStatus();
}

absl::StatusOr<RoleGraph> RoleGraph::Create(std::vector<RoleDefinition> roles) {
  RoleGraph graph;
  ASSIGN_OR_RETURN(graph.index_, IndexByName(roles));
  ASSIGN_OR_RETURN(const Edges inherited, ResolveInherited(roles, graph.index_));
  const std::vector<size_t> circle = FindCircle(inherited);
  if (!circle.empty()) {
    const auto append_name = [&](std::string* out, size_t role) { out->append(roles[role].name); };
    return Error(ErrorReason::kRoleCycle,
                 absl::StrCat("roles inherit in a cycle: ", absl::StrJoin(circle, " -> ", append_name)));
  }
  graph.roles_ = std::move(roles);
  graph.entries_.reserve(graph.roles_.size());
  size_t total = 0;
  for (size_t i = 0; i < graph.roles_.size(); ++i) {
    graph.entries_.push_back(graph.MakeEntry(i, inherited));
    const Entry& entry = graph.entries_.back();
    if (entry.steps.size() > kMaxIncluded || entry.held.size() > kMaxPatterns) {
      return Error(ErrorReason::kLimitReached, absl::StrCat(graph.roles_[i].name, ": would include more than ",
                                                            kMaxIncluded, " roles or ", kMaxPatterns, " permissions"));
    }
    total += entry.steps.size() + entry.held.size();
    if (total > kMaxTotal) {
      return Error(ErrorReason::kLimitReached,
                   absl::StrCat("all roles together would include more than ", kMaxTotal, " roles and permissions"));
    }
  }
  return graph;
}

RoleGraph::Entry RoleGraph::MakeEntry(size_t role, const std::vector<std::vector<size_t>>& inherited) const {
  // Breadth first, so that the shortest chain reaches each role and each pattern first.
  Entry entry;
  entry.steps.push_back({role, 0});
  absl::flat_hash_set<size_t> seen_roles = {role};
  absl::flat_hash_map<absl::string_view, size_t> seen_patterns;  // by text, their indexes in `held`
  for (size_t step = 0; step < entry.steps.size(); ++step) {
    const size_t current = entry.steps[step].role;
    const std::vector<PermissionPattern>& patterns = roles_[current].permissions;
    for (size_t i = 0; i < patterns.size(); ++i) {
      const auto [seen, is_new] = seen_patterns.emplace(patterns[i].text(), entry.held.size());
      if (is_new) {
        entry.held.push_back({step, i});
      } else if (roles_[current].mfa_max_age > MfaMaxAgeOf(entry, entry.held[seen->second])) {
        entry.held[seen->second] = {step, i};
      }
    }
    for (const size_t next : inherited[current]) {
      if (seen_roles.insert(next).second) entry.steps.push_back({next, step});
    }
  }
  SortByText(entry);
  return entry;
}

void RoleGraph::SortByText(Entry& entry) const {
  entry.by_text.resize(entry.held.size());
  std::iota(entry.by_text.begin(), entry.by_text.end(), 0);
  std::sort(entry.by_text.begin(), entry.by_text.end(),
            [&](uint32_t a, uint32_t b) { return PatternOf(entry, entry.held[a]) < PatternOf(entry, entry.held[b]); });
}

const RoleGraph::Entry* RoleGraph::EntryOf(absl::string_view role) const {
  const auto found = index_.find(role);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

const PermissionPattern& RoleGraph::PatternOf(const Entry& entry, const Held& held) const {
  return roles_[entry.steps[held.step].role].permissions[held.permission];
}

RoleGraph::Grant RoleGraph::GrantOf(const Entry& entry, const Held& held) const {
  Grant grant{PatternOf(entry, held), {}};
  for (size_t step = held.step; step != 0; step = entry.steps[step].parent) {
    grant.chain.push_back(roles_[entry.steps[step].role].name);
  }
  grant.chain.push_back(roles_[entry.steps.front().role].name);
  std::reverse(grant.chain.begin(), grant.chain.end());
  return grant;
}

absl::Duration RoleGraph::MfaMaxAgeOf(const Entry& entry, const Held& held) const {
  return roles_[entry.steps[held.step].role].mfa_max_age;
}

bool RoleGraph::IsBetter(const Entry& entry, const Held& held, const Held* than) const {
  if (than == nullptr) return true;
  const absl::Duration age = MfaMaxAgeOf(entry, held);
  const absl::Duration other = MfaMaxAgeOf(entry, *than);
  return age != other ? age > other : &held < than;
}

const RoleGraph::Held* RoleGraph::BestMatch(const Entry& entry, const Permission& permission) const {
  const Held* best = nullptr;
  if (entry.held.size() <= kFewPatterns) {
    for (const Held& held : entry.held) {
      if (!PatternOf(entry, held).Matches(permission) || !IsBetter(entry, held, best)) continue;
      best = &held;
      if (MfaMaxAgeOf(entry, held) == absl::InfiniteDuration()) break;  // none is better than the first of those
    }
    return best;
  }
  for (const PermissionPattern& pattern : PermissionPattern::AllMatching(permission)) {
    const auto found = std::lower_bound(
        entry.by_text.begin(), entry.by_text.end(), pattern,
        [&](uint32_t place, const PermissionPattern& sought) { return PatternOf(entry, entry.held[place]) < sought; });
    if (found == entry.by_text.end()) continue;
    const Held* held = &entry.held[*found];
    if (PatternOf(entry, *held) == pattern && IsBetter(entry, *held, best)) best = held;
  }
  return best;
}

absl::optional<RoleGraph::Grant> RoleGraph::Find(absl::string_view role, const Permission& permission) const {
  const Entry* entry = EntryOf(role);
  const Held* held = entry == nullptr ? nullptr : BestMatch(*entry, permission);
  if (held == nullptr) return absl::nullopt;
  return GrantOf(*entry, *held);
}

absl::optional<absl::Duration> RoleGraph::Match(absl::string_view role, const Permission& permission) const {
  const Entry* entry = EntryOf(role);
  const Held* held = entry == nullptr ? nullptr : BestMatch(*entry, permission);
  if (held == nullptr) return absl::nullopt;
  return MfaMaxAgeOf(*entry, *held);
}

std::vector<std::string> RoleGraph::RolesWith(const Permission& permission) const {
  std::vector<std::string> names;
  for (size_t i = 0; i < roles_.size(); ++i) {
    if (BestMatch(entries_[i], permission) != nullptr) names.push_back(roles_[i].name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<RoleGraph::Grant> RoleGraph::Closure(absl::string_view role) const {
  const Entry* entry = EntryOf(role);
  if (entry == nullptr) return {};
  std::vector<Grant> grants;
  grants.reserve(entry->held.size());
  for (const Held& held : entry->held) grants.push_back(GrantOf(*entry, held));
  return grants;
}

std::vector<PermissionPattern> RoleGraph::Patterns(absl::string_view role, absl::Duration mfa_age) const {
  const Entry* entry = EntryOf(role);
  if (entry == nullptr) return {};
  std::vector<PermissionPattern> patterns;
  patterns.reserve(entry->held.size());
  for (const Held& held : entry->held) {
    if (mfa_age <= MfaMaxAgeOf(*entry, held)) patterns.push_back(PatternOf(*entry, held));
  }
  return patterns;
}

bool RoleGraph::NeedsSecondFactor(absl::string_view role) const {
  const Entry* entry = EntryOf(role);
  if (entry == nullptr) return false;
  return std::any_of(entry->held.begin(), entry->held.end(),
                     [&](const Held& held) { return MfaMaxAgeOf(*entry, held) != absl::InfiniteDuration(); });
}

bool RoleGraph::Includes(absl::string_view role, absl::string_view other) const {
  const Entry* entry = EntryOf(role);
  if (entry == nullptr) return false;
  return std::any_of(entry->steps.begin(), entry->steps.end(),
                     [&](const Step& step) { return roles_[step.role].name == other; });
}

}  // namespace identity
