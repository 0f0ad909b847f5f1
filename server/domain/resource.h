#ifndef IDENTITY_DOMAIN_RESOURCE_H_
#define IDENTITY_DOMAIN_RESOURCE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/domain/ids.h"

// Grammar:
//   resource = [ segment *31( "/" segment ) ]      segment = 1*128( A-Z / a-z / 0-9 / "." / "_" / "~" / "@" / "-" )
// No segment is "." or "..", since a service that resolves them would look at another place than the decision. The
// empty resource means everywhere.
namespace identity {

// A path in a tree of objects, such as `orgs/acme/projects/p1`. A value.
class Resource {
 public:
  // Everywhere.
  Resource() = default;
  // INVALID_ARGUMENT (field "resource") for text outside the grammar. Writes the UUID of `users/<UUID>` in lower case.
  static absl::StatusOr<Resource> Parse(absl::string_view text);
  // `users/<id>`: the path of a principal's own objects.
  static Resource OfPrincipal(const PrincipalId& id);

  // True when `other` is this path or below it, by whole segments: `orgs/acme` covers `orgs/acme/x` but not
  // `orgs/acme2`. Everywhere covers all resources, and only everywhere covers it.
  bool Covers(const Resource& other) const { return PathCovers(text_, other.text_); }
  // The same for two texts that were parsed before.
  static bool PathCovers(absl::string_view path, absl::string_view other);

  // The texts of all resources that cover this one: everywhere, its parents, and itself.
  std::vector<std::string> CoveringTexts() const;
  // The principal whose OfPrincipal covers this resource. nullopt: it is below nobody's.
  absl::optional<PrincipalId> Owner() const;

  const std::string& text() const { return text_; }
  bool is_everywhere() const { return text_.empty(); }
  friend bool operator==(const Resource& a, const Resource& b) { return a.text_ == b.text_; }

 private:
  explicit Resource(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace identity

#endif  // IDENTITY_DOMAIN_RESOURCE_H_
