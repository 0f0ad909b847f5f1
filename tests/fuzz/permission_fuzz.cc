#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/domain/permission.h"
#include "tests/fuzz/fuzz.h"

// Input: two sets of scopes as in the claim `scope`, and permissions, each on its line.
namespace identity {
namespace {

void CheckMatches(const Permission& permission, const Scopes& a, const Scopes& b) {
  const bool both = a.Matches(permission) && b.Matches(permission);
  Require(a.Intersect(b).Matches(permission) == both, "an intersection allows what both allow");
  const std::vector<PermissionPattern> matching = PermissionPattern::AllMatching(permission);
  for (const PermissionPattern& pattern : matching) {
    Require(pattern.Matches(permission), "each of these patterns matches");
    Require(PermissionPattern::Parse(pattern.text()).ok(), "each of these patterns is one");
  }
  for (const PermissionPattern& pattern : a.patterns()) {
    const bool listed = std::find(matching.begin(), matching.end(), pattern) != matching.end();
    Require(pattern.Matches(permission) == listed, "no other pattern matches");
    Require(!listed || !b.Covers(pattern) || b.Matches(permission), "what covers a pattern matches what it matches");
  }
}

void CheckPatterns(const Scopes& a, const Scopes& b) {
  for (const PermissionPattern& x : a.patterns()) {
    Require(x.Covers(x), "a pattern covers itself");
    Require(PermissionPattern::Everything().Covers(x), "* covers every pattern");
    for (const PermissionPattern& y : b.patterns()) {
      Require(!(x.Covers(y) && y.Covers(x)) || x == y, "patterns that cover each other are equal");
    }
  }
}

absl::StatusOr<Scopes> ReadScopes(absl::string_view claim) {
  absl::StatusOr<Scopes> scopes = Scopes::ParseClaim(claim);
  if (!scopes.ok()) return scopes;
  const absl::StatusOr<Scopes> again = Scopes::ParseClaim(scopes->ToClaim());
  Require(again.ok() && *again == *scopes, "printed scopes are the same scopes");
  const absl::StatusOr<Scopes> stored = Scopes::ParseStored(scopes->ToStrings());
  Require(stored.ok() && *stored == *scopes, "stored scopes are the same scopes");
  Require(scopes->Intersect(*scopes) == *scopes, "a set's intersection with itself is the set");
  return scopes;
}

void FuzzPermission(absl::string_view input) {
  const absl::StatusOr<Scopes> a = ReadScopes(TakeUntil('\n', input));
  const absl::StatusOr<Scopes> b = ReadScopes(TakeUntil('\n', input));
  if (a.ok() && b.ok()) CheckPatterns(*a, *b);
  const std::vector<absl::string_view> lines = absl::StrSplit(input, absl::MaxSplits('\n', 20));
  for (const absl::string_view line : lines) {
    const absl::StatusOr<Permission> permission = Permission::Parse(line);
    if (!permission.ok()) continue;
    Require(permission->text() == line, "a permission keeps its text");
    const absl::StatusOr<PermissionPattern> pattern = PermissionPattern::Parse(line);
    Require(pattern.ok() && pattern->Matches(*permission), "a permission is the pattern of itself");
    if (a.ok() && b.ok()) CheckMatches(*permission, *a, *b);
  }
}

}  // namespace
}  // namespace identity

IDENTITY_FUZZ_TARGET(permission, identity::FuzzPermission)
