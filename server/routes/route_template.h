#ifndef IDENTITY_ROUTES_ROUTE_TEMPLATE_H_
#define IDENTITY_ROUTES_ROUTE_TEMPLATE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/domain/resource.h"

// Grammar:
//   path     = "/" / 1*( "/" segment ) [ "/" rest ] / "/" rest        at most 32 segments, and 1,024 bytes
//   segment  = literal / "{" name "}"
//   literal  = 1*( A-Z / a-z / 0-9 / one of -._~!$&'()+,=:@ )         neither "." nor ".."
//   rest     = "**" / "{" name "...}"
//   name     = a-z *31( a-z / 0-9 / "_" )
//   resource = [ part *31( "/" part ) ]
//   part     = a segment of a Resource / "{" name "}"
// `{name}` stands for one segment, `{name...}` for one or more, `**` for any number, none among them. So `/a/**`
// matches `/a` and all below it, and `/a/{x...}` only what is below it. A name occurs once in a path. In a resource it
// stands for the text that the path has in its place.
namespace identity {

// The paths that a rule is for. A value.
class PathTemplate {
 public:
  struct Segment {
    bool is_variable = false;
    std::string text;  // the literal, or the name of the variable
    friend bool operator==(const Segment& a, const Segment& b) {
      return a.is_variable == b.is_variable && (a.is_variable || a.text == b.text);
    }
  };
  // What may follow the segments: nothing, `**`, or `{name...}`.
  enum class Rest { kNone, kAny, kSome };

  // INVALID_ARGUMENT (field "path") for text outside the grammar.
  static absl::StatusOr<PathTemplate> Parse(absl::string_view text);

  const std::vector<Segment>& segments() const { return segments_; }
  Rest rest() const { return rest_; }
  // The place of the segment that the variable `name` stands for. The variable of the rest has the place behind the
  // last segment.
  absl::optional<size_t> PlaceOf(absl::string_view name) const;
  // True when both match the same paths, whatever the names of their variables.
  friend bool operator==(const PathTemplate& a, const PathTemplate& b) {
    return a.rest_ == b.rest_ && a.segments_ == b.segments_;
  }

 private:
  absl::Status AddSegment(absl::string_view text, bool is_last);
  absl::Status AddVariable(absl::string_view name, Rest rest);

  std::vector<Segment> segments_;
  Rest rest_ = Rest::kNone;
  std::string rest_name_;  // of kSome
};

// The resource that a rule makes from a path. A value.
class ResourceTemplate {
 public:
  // Everywhere.
  ResourceTemplate() = default;
  // `path`: has the variables. INVALID_ARGUMENT (field "resource") for text outside the grammar, and for a variable
  // that the path lacks.
  static absl::StatusOr<ResourceTemplate> Parse(absl::string_view text, const PathTemplate& path);

  // `segments`: of a request's path that the template matches. INVALID_ARGUMENT when that gives no valid resource.
  absl::StatusOr<Resource> Fill(const std::vector<absl::string_view>& segments) const;

 private:
  struct Place {
    size_t begin;
    bool is_rest;
  };
  using Part = std::variant<std::string, Place>;
  std::vector<Part> parts_;
};

}  // namespace identity

#endif  // IDENTITY_ROUTES_ROUTE_TEMPLATE_H_
