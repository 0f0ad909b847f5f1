#ifndef IDENTITY_DOMAIN_PERMISSION_H_
#define IDENTITY_DOMAIN_PERMISSION_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Grammar:
//   permission = segment *7( ":" segment )      segment = 1*64( a-z / 0-9 / "_" / "-" )
//   pattern    = permission / permission ":*" / "*"      at most 8 segments, the "*" among them
// A pattern that ends in "*" matches one or more further segments, as `posts:*` does `posts:read` and `posts:read:own`
// and not `posts`; `*` alone matches every permission.
namespace identity {

// One thing that may be done, as `posts:read`. A value.
class Permission {
 public:
  // INVALID_ARGUMENT (field "permission") for what the grammar refuses.
  static absl::StatusOr<Permission> Parse(absl::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit Permission(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// What roles and scopes are made of: a permission, or all below a prefix. A value.
class PermissionPattern {
 public:
  // INVALID_ARGUMENT (field "permission pattern") for what the grammar refuses.
  static absl::StatusOr<PermissionPattern> Parse(absl::string_view text);
  // `*`.
  static PermissionPattern Everything();
  // Every pattern that matches `permission`: itself, `*`, and one for each of its prefixes.
  static std::vector<PermissionPattern> AllMatching(const Permission& permission);

  bool Matches(const Permission& permission) const;
  // Everything that `other` matches is matched by this, too.
  bool Covers(const PermissionPattern& other) const;
  // Some permission is matched by both. Since patterns are prefixes, one then covers the other.
  bool Overlaps(const PermissionPattern& other) const { return Covers(other) || other.Covers(*this); }
  // Something within `identity:` is matched, the service's own permissions.
  bool IsOfTheService() const;

  const std::string& text() const { return text_; }
  friend bool operator==(const PermissionPattern& a, const PermissionPattern& b) { return a.text_ == b.text_; }
  friend bool operator<(const PermissionPattern& a, const PermissionPattern& b) { return a.text_ < b.text_; }

 private:
  explicit PermissionPattern(std::string text) : text_(std::move(text)) {}
  bool wildcard() const { return text_.back() == '*'; }
  // What stands before the "*": "" or "posts:".
  absl::string_view prefix() const { return absl::string_view(text_).substr(0, text_.size() - 1); }
  std::string text_;
};

// A limit on what a credential may be used for (RFC 6749 section 3.3): a set of patterns. It never grants. Sorted,
// without doubles. Immutable; copies share the patterns. A value, safe from any thread.
class Scopes {
 public:
  // Of nothing.
  Scopes() = default;
  // `*`: limits nothing.
  static Scopes Unlimited();
  // Of patterns that were checked before, as the database's.
  static Scopes Of(std::vector<PermissionPattern> patterns);
  // INVALID_ARGUMENT with field "scopes[i]" when one is malformed, "scopes" when there are more than 100 or 4,096
  // bytes.
  static absl::StatusOr<Scopes> Parse(const std::vector<std::string>& patterns);
  // The same without the limits, which an intersection of two sets may pass.
  static absl::StatusOr<Scopes> ParseStored(const std::vector<std::string>& patterns);
  // Space-separated, as in the claim `scope`; empty for none. INVALID_ARGUMENT (field "scope") when one is malformed.
  // Any number, since an intersection may hold more than was asked at once.
  static absl::StatusOr<Scopes> ParseClaim(absl::string_view claim);

  bool Matches(const Permission& permission) const;
  bool Covers(const PermissionPattern& pattern) const;
  // What both allow.
  Scopes Intersect(const Scopes& other) const;
  // Those of which `held` has something: the rule by which a login's scopes are cut.
  Scopes KeepHeld(const std::vector<PermissionPattern>& held) const;

  bool empty() const { return patterns().empty(); }
  const std::vector<PermissionPattern>& patterns() const;
  std::vector<std::string> ToStrings() const;
  std::string ToClaim() const;
  friend bool operator==(const Scopes& a, const Scopes& b) { return a.patterns() == b.patterns(); }

 private:
  std::shared_ptr<const std::vector<PermissionPattern>> patterns_;  // null: none
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_PERMISSION_H_
