#ifndef IDENTITY_DOMAIN_ROLE_GRAPH_H_
#define IDENTITY_DOMAIN_ROLE_GRAPH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/domain/permission.h"

namespace identity {

// A named set of patterns and the roles that it inherits. A value.
struct RoleDefinition {
  std::string name;
  std::vector<PermissionPattern> permissions;
  std::vector<std::string> inherits;
  // Its own mark: what it lists itself counts only for so long after a second factor was shown. What it inherits goes
  // by the marks of those roles. Infinite: without one, too.
  absl::Duration mfa_max_age = absl::InfiniteDuration();
};

// INVALID_ARGUMENT (field "name") unless 1 to 64 of [a-z0-9_-] that begin with a letter.
absl::Status CheckRoleName(absl::string_view name);

// All roles with what each has by inheritance. Immutable, so safe from any thread.
class RoleGraph {
 public:
  static constexpr size_t kMaxIncluded = 1000;
  static constexpr size_t kMaxPatterns = 10000;
  static constexpr size_t kMaxTotal = 2'000'000;  // of both, over all roles

  // FAILED_PRECONDITION / ROLE_CYCLE naming a circle; NOT_FOUND for an inherited role that is missing; ALREADY_EXISTS
  // for a name that comes twice; FAILED_PRECONDITION / LIMIT_REACHED when a role comes to include more than
  // kMaxIncluded roles or kMaxPatterns patterns, or all together more than kMaxTotal.
  static absl::StatusOr<RoleGraph> Create(std::vector<RoleDefinition> roles);

  // A pattern of a role and the way to it.
  struct Grant {
    PermissionPattern pattern;
    std::vector<std::string> chain;  // from the role that was asked for down to the one that has the pattern
  };

  bool Contains(absl::string_view role) const { return index_.contains(role); }
  // The pattern of the role's closure that matches: of several the one of the longest mfa_max_age, then of the shortest
  // chain; nullopt when none, or no such role.
  absl::optional<Grant> Find(absl::string_view role, const Permission& permission) const;
  // Its mfa_max_age alone, which costs less. A few look-ups, however many patterns the closure has.
  absl::optional<absl::Duration> Match(absl::string_view role, const Permission& permission) const;
  // All patterns of the role's closure, each once, by shortest chain. Empty for no such role.
  std::vector<Grant> Closure(absl::string_view role) const;
  // The same patterns alone, which costs less; of those that count `mfa_age` after a second factor was shown.
  std::vector<PermissionPattern> Patterns(absl::string_view role, absl::Duration mfa_age = absl::ZeroDuration()) const;
  // `role` is `other` or inherits it through any number of steps. False for no such role.
  bool Includes(absl::string_view role, absl::string_view other) const;

 private:
  // One role of a closure, and the step of the same closure that inherits it.
  struct Step {
    size_t role;
    size_t parent;
  };
  // One pattern of a closure: `roles_[steps[step].role].permissions[permission]`.
  struct Held {
    size_t step;
    size_t permission;
  };
  // What one role includes, nearest first: itself is the first step. Names are kept once, in `roles_`, so that a long
  // chain of roles costs its square in small numbers and not in strings.
  struct Entry {
    std::vector<Step> steps;
    std::vector<Held> held;
    std::vector<uint32_t> by_text;  // places in `held`, in the order of the patterns' texts
  };

  // nullptr for no such role.
  const Entry* EntryOf(absl::string_view role) const;
  Entry MakeEntry(size_t role, const std::vector<std::vector<size_t>>& inherited) const;
  void SortByText(Entry& entry) const;
  // nullptr when no pattern matches; else the one that `Find` tells of.
  const Held* BestMatch(const Entry& entry, const Permission& permission) const;
  bool IsBetter(const Entry& entry, const Held& held, const Held* than) const;
  absl::Duration MfaMaxAgeOf(const Entry& entry, const Held& held) const;
  const PermissionPattern& PatternOf(const Entry& entry, const Held& held) const;
  Grant GrantOf(const Entry& entry, const Held& held) const;

  std::vector<RoleDefinition> roles_;
  std::vector<Entry> entries_;  // as roles_
  absl::flat_hash_map<std::string, size_t> index_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_ROLE_GRAPH_H_
