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
// A pattern that ends in "*" matches one or more further segments: `posts:*` matches `posts:read` and `posts:read:own`,
// but not `posts`. The pattern `*` matches every permission.
namespace identity {

// The right to one action, such as `posts:read`. A value.
class Permission {
 public:
  // INVALID_ARGUMENT (field "permission") for text outside the grammar.
  static absl::StatusOr<Permission> Parse(absl::string_view text);
  const std::string& text() const { return text_; }

 private:
  explicit Permission(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// An element of roles and scopes: one permission, or all permissions below a prefix. A value.
class PermissionPattern {
 public:
  // INVALID_ARGUMENT (field "permission pattern") for text outside the grammar.
  static absl::StatusOr<PermissionPattern> Parse(absl::string_view text);
  // `*`.
  static PermissionPattern Everything();
  // Every pattern that matches `permission`: itself, `*`, and one for each of its prefixes.
  static std::vector<PermissionPattern> AllMatching(const Permission& permission);

  bool Matches(const Permission& permission) const;
  // True when this pattern matches everything that `other` matches.
  bool Covers(const PermissionPattern& other) const;
  // True when some permission matches both. Since patterns are prefixes, one of them then covers the other.
  bool Overlaps(const PermissionPattern& other) const { return Covers(other) || other.Covers(*this); }
  // True when the pattern matches some of the service's own permissions, those in `identity:`.
  bool IsOfTheService() const;

  const std::string& text() const { return text_; }
  friend bool operator==(const PermissionPattern& a, const PermissionPattern& b) { return a.text_ == b.text_; }
  friend bool operator<(const PermissionPattern& a, const PermissionPattern& b) { return a.text_ < b.text_; }

 private:
  explicit PermissionPattern(std::string text) : text_(std::move(text)) {}
  bool wildcard() const { return text_.back() == '*'; }
  // The text before the "*": "" or "posts:".
  absl::string_view prefix() const { return absl::string_view(text_).substr(0, text_.size() - 1); }
  std::string text_;
};

// A set of patterns that limits the use of a credential (RFC 6749 section 3.3). Scopes never grant a permission.
// Sorted, without duplicates. Immutable; copies share the patterns. A value, safe from any thread.
class Scopes {
 public:
  // Allows nothing.
  Scopes() = default;
  // `*`: allows everything.
  static Scopes Unlimited();
  // From patterns that were checked before, such as those in the database.
  static Scopes Of(std::vector<PermissionPattern> patterns);
  // INVALID_ARGUMENT with field "scopes[i]" for a malformed pattern, and "scopes" for more than 100 patterns or 4,096
  // bytes.
  static absl::StatusOr<Scopes> Parse(const std::vector<std::string>& patterns);
  // The same without the limits, which an intersection of two sets may exceed.
  static absl::StatusOr<Scopes> ParseStored(const std::vector<std::string>& patterns);
  // Parses the claim `scope`: separated by spaces, empty for none. INVALID_ARGUMENT (field "scope") for a malformed
  // pattern. Accepts any number of patterns, since an intersection of two sets may have more than the limit.
  static absl::StatusOr<Scopes> ParseClaim(absl::string_view claim);

  bool Matches(const Permission& permission) const;
  bool Covers(const PermissionPattern& pattern) const;
  // Allows what both allow.
  Scopes Intersect(const Scopes& other) const;
  // Keeps the scopes that `held` contains at least in part. Logins narrow requested scopes by this rule.
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
