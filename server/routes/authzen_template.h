#ifndef IDENTITY_ROUTES_AUTHZEN_TEMPLATE_H_
#define IDENTITY_ROUTES_AUTHZEN_TEMPLATE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// A subject, an action or a resource of AuthZEN 1.0. A value.
struct AuthZenEntity {
  std::string type;  // "" for an action
  std::string id;    // the name of an action; "" where a search asks for it
  // Texts, numbers and booleans, as JSON writes them, texts without the quotes. nullopt: another value, which no rule
  // can use.
  absl::flat_hash_map<std::string, absl::optional<std::string>> properties;
};

// A question of AuthZEN 1.0: may this subject do this action on this resource? A value.
struct AuthZenQuestion {
  AuthZenEntity subject;
  AuthZenEntity action;
  AuthZenEntity resource;
};

// Text with variables. Grammar:
//   template = 1*( literal / "{" variable "}" )
//   variable = "type" / "id" / "id..." / "action" / property
//   property = ( "subject" / "action" / "resource" ) "." 1*( A-Z / a-z / 0-9 / "_" / "-" )
// `{type}` and `{id}` are those of the resource, `{action}` is the action's name. Only `{id...}` may stand for text
// with a slash, and only at the end. A value.
class AuthZenTemplate {
 public:
  // INVALID_ARGUMENT (field "template") for text outside the grammar.
  static absl::StatusOr<AuthZenTemplate> Parse(absl::string_view text);

  // nullopt when the question lacks a variable, or has a slash in it.
  absl::optional<std::string> Fill(const AuthZenQuestion& question) const;

  // Whether each variable is a whole segment of a path.
  bool HasWholeSegments() const;
  // With "x" for each variable, to see whether anything valid can come of it.
  std::string Sample() const;

  // What a resource at `path` tells about ids, if it was filled in from a question like `question`, without its id.
  struct Reversed {
    std::string id;     // "": none
    bool more = false;  // resources below the path have other ids, which cannot be listed
  };
  Reversed Reverse(const AuthZenQuestion& question, absl::string_view path) const;

 private:
  struct Part {
    bool is_variable = false;
    std::string text;
  };
  std::vector<Part> parts_;
};

// The value of a property such as "resource.status". Null when the question has no such one.
const absl::optional<std::string>* PropertyOf(const AuthZenQuestion& question, absl::string_view name);
// True for a name as above.
bool IsPropertyName(absl::string_view name);

}  // namespace identity

#endif  // IDENTITY_ROUTES_AUTHZEN_TEMPLATE_H_
