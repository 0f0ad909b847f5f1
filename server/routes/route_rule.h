#ifndef IDENTITY_ROUTES_ROUTE_RULE_H_
#define IDENTITY_ROUTES_ROUTE_RULE_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/permission.h"
#include "server/routes/route_template.h"
#include "server/routes/yaml_text.h"

namespace identity {

// One rule: the requests that it is for, and its decision about them. A value.
struct RouteRule {
  struct Public {};
  struct Deny {};
  struct Check {
    Permission permission;
    ResourceTemplate resource;
    std::string audience;  // "": that of the service itself
  };

  int line = 0;                      // of the file, where the rule begins
  std::vector<std::string> hosts;    // as NormalizeHost writes them; `*.example.com` as ".example.com"; empty: any host
  std::vector<std::string> methods;  // sorted; empty: any method
  PathTemplate path;
  std::variant<Deny, Public, Check> effect;

  bool HasMethod(absl::string_view method) const;
};

// True for a method that rules can name: 1 to 32 of [A-Z-]. HTTP's methods are case-sensitive, but some programs read
// `get` as GET.
bool IsMethod(absl::string_view text);

// Whether the path, the hosts, or the methods of `wide` contain all those of `narrow`, or have some in common.
bool HostsCover(const RouteRule& wide, const RouteRule& narrow);
bool HostsOverlap(const RouteRule& a, const RouteRule& b);
bool MethodsCover(const RouteRule& wide, const RouteRule& narrow);
bool MethodsOverlap(const RouteRule& a, const RouteRule& b);

// The keys under which rules for `host` are found: `host` itself, then each wider pattern (".b.c" and ".c" for
// "a.b.c"), then "" for any host. `host` may be a pattern. Views of `host`.
std::vector<absl::string_view> HostKeys(absl::string_view host);

// The rules of a document, in its order. INVALID_ARGUMENT, with the line in the field, for a document
// outside the grammar in route_rules.h.
absl::StatusOr<std::vector<RouteRule>> ReadRouteRules(const YamlNode& document);

}  // namespace identity

#endif  // IDENTITY_ROUTES_ROUTE_RULE_H_
