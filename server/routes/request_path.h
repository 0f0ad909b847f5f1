#ifndef IDENTITY_ROUTES_REQUEST_PATH_H_
#define IDENTITY_ROUTES_REQUEST_PATH_H_

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/routes/route_denial.h"

// The path of an HTTP request, in the one form that rules are compared with.
//
// Several programs read the path of one request: the proxy that asks for a decision, perhaps others, and the backend. A
// decision protects nothing if the backend then serves another path than the one that was decided. So this code does
// not guess how they resolve an unusual path. It refuses every path that two of them may read differently:
//
//   in the path                 programs that read it differently
//   --------------------------  -----------------------------------------------------------------------------------
//   no slash at the beginning   an absolute target (http://host/path) names a second host; `*` is no path
//   `//`                        nginx merges slashes and hides the difference; Envoy, Caddy and most backends do not
//   `.` and `..` segments       nginx, Go and Java resolve them, Envoy only with normalize_path, others keep them
//   `%2E`                       the same after decoding, which is why escapes are decoded first
//   `%2F`                       nginx and Node decode it to a separator, Envoy and Go's router keep it
//   `\` and `%5C`               a separator for IIS, .NET and Windows; Envoy may turn it into a slash
//   `;` and `%3B`               Java's servers cut off what follows it in a segment: `/admin;x` is `/admin`
//   `#`, `%23`, `%3F`           nginx ends the path at `#`, others keep it; decoded and passed on, it becomes a query
//                               or a fragment
//   `%25`                       a program that decodes twice, such as a chain of two proxies, sees another escape
//   `%00` to `%20`, `%7F`       C programs end a text at NUL, line ends split a request, Windows drops spaces at an end
//   `%80` to `%FF`              overlong UTF-8, Latin-1 or UTF-8, composed or decomposed: many spellings of one name
//   unescaped others            RFC 3986 allows none of them; programs escape, keep or drop them
//   % without two digits        kept, refused, or read as %u of Microsoft
//   more than 2,048 bytes       programs cut off or refuse long paths at different lengths
//
// The escapes of all other characters of RFC 3986's `pchar` are decoded, once. So `%41` and `A` are equal, and so are
// `%40` and `@`: they are equal for backends, too. A normalised path has no escape, so normalising it again changes
// nothing. Letter case matters, and a slash at the end does not.
//
// A path with spaces or letters beyond ASCII has no form that is safe everywhere, and is always refused.
namespace identity {

// A normalised path: "/" or segments of [A-Za-z0-9._~!$&'()*+,=:@-], each after a slash, none of them "." or "..". A
// value.
class RequestPath {
 public:
  static constexpr size_t kMaxBytes = 2048;

  // Reads the target of a request (RFC 9112 section 3.2.1): a path, and perhaps a query, which is dropped.
  static std::variant<RouteDenial, RequestPath> Parse(absl::string_view target);

  const std::string& text() const { return text_; }
  // The texts between the slashes; empty for "/". Views of this object.
  std::vector<absl::string_view> Segments() const;

 private:
  explicit RequestPath(std::string text) : text_(std::move(text)) {}
  std::string text_;  // without a slash at the end, except "/"
};

// True for the characters that a segment of a normalised path can have.
bool IsPathCharacter(char c);
// True for "." and "..", which are no names but directions.
bool IsDotSegment(absl::string_view segment);

}  // namespace identity

#endif  // IDENTITY_ROUTES_REQUEST_PATH_H_
