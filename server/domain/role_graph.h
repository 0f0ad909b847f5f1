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
  static constexpr size_t kMaxPermissions = 1000;
  static constexpr size_t kMaxInherits = 100;
  static constexpr absl::Duration kLongestMfaMaxAge = absl::Hours(30 * 24);

  std::string name;
  std::vector<PermissionPattern> permissions;
  std::vector<std::string> inherits;
  // The role's own permissions count only for this long after a second factor. Inherited permissions follow the value
  // of the role that lists them. Infinite: no second factor is needed.
  absl::Duration mfa_max_age = absl::InfiniteDuration();
};

// INVALID_ARGUMENT (field "name") unless 1 to 64 of [a-z0-9_-], beginning with a letter.
absl::Status CheckRoleName(absl::string_view name);

// All roles, each with its closure: all roles and patterns that it inherits. Immutable, so safe from any thread.
class RoleGraph {
 public:
  static constexpr size_t kMaxRoles = 10000;
  static constexpr size_t kMaxIncluded = 1000;
  static constexpr size_t kMaxPatterns = 10000;
  static constexpr size_t kMaxTotal = 2'000'000;  // of both, for all roles together

  // Errors:
  // - FAILED_PRECONDITION / ROLE_CYCLE, which names the roles of a cycle,
  // - NOT_FOUND for an inherited role that does not exist,
  // - ALREADY_EXISTS for a name that occurs twice,
  // - FAILED_PRECONDITION / LIMIT_REACHED when a role would include more than kMaxIncluded roles or kMaxPatterns
  //   patterns, or all roles together more than kMaxTotal.
  static absl::StatusOr<RoleGraph> Create(std::vector<RoleDefinition> roles);

  // A pattern of a closure, and the chain of roles that leads to it.
  struct Grant {
    PermissionPattern pattern;
    std::vector<std::string> chain;  // from the requested role down to the one that lists the pattern
  };

  bool Contains(absl::string_view role) const { return index_.contains(role); }
  // The pattern of the role's closure that matches. Of several, the one with the longest mfa_max_age, then with the
  // shortest chain. nullopt when none matches or the role does not exist.
  absl::optional<Grant> Find(absl::string_view role, const Permission& permission) const;
  // Only the mfa_max_age of that pattern, which costs less: a few look-ups, for any number of patterns in the closure.
  absl::optional<absl::Duration> Match(absl::string_view role, const Permission& permission) const;
  // The roles whose closure has a pattern that matches, sorted.
  std::vector<std::string> RolesWith(const Permission& permission) const;
  // All patterns of the role's closure, each once, by its shortest chain. Empty when the role does not exist.
  std::vector<Grant> Closure(absl::string_view role) const;
  // The same without the chains, which costs less. Only patterns that count `mfa_age` after a second factor.
  std::vector<PermissionPattern> Patterns(absl::string_view role, absl::Duration mfa_age = absl::ZeroDuration()) const;
  // True when some pattern of the role's closure counts only for a time after a second factor.
  bool NeedsSecondFactor(absl::string_view role) const;
  // True when `role` is `other` or inherits it through any number of steps. False when the role does not exist.
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
  // The closure of one role, nearest roles first, beginning with the role itself. Names are stored only in `roles_`.
  // The elements must be small numbers, because the closures of a long chain of roles need memory for the square of its
  // length.
  struct Entry {
    std::vector<Step> steps;
    std::vector<Held> held;
    std::vector<uint32_t> by_text;  // indexes into `held`, in the order of the patterns' texts
  };

  // nullptr when the role does not exist.
  const Entry* EntryOf(absl::string_view role) const;
  Entry MakeEntry(size_t role, const std::vector<std::vector<size_t>>& inherited) const;
  void SortByText(Entry& entry) const;
  // nullptr when no pattern matches; else the one that `Find` returns.
  const Held* BestMatch(const Entry& entry, const Permission& permission) const;
  bool IsBetter(const Entry& entry, const Held& held, const Held* than) const;
  absl::Duration MfaMaxAgeOf(const Entry& entry, const Held& held) const;
  const PermissionPattern& PatternOf(const Entry& entry, const Held& held) const;
  Grant GrantOf(const Entry& entry, const Held& held) const;

  std::vector<RoleDefinition> roles_;
  std::vector<Entry> entries_;  // in the order of roles_
  absl::flat_hash_map<std::string, size_t> index_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_ROLE_GRAPH_H_
