#ifndef IDENTITY_ROUTES_ROUTE_RULES_H_
#define IDENTITY_ROUTES_ROUTE_RULES_H_

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/permission.h"
#include "server/domain/resource.h"
#include "server/routes/authzen_rules.h"
#include "server/routes/request_path.h"
#include "server/routes/route_denial.h"
#include "server/routes/route_index.h"
#include "server/routes/route_rule.h"

// The file of route rules. It says which permission an HTTP request needs, and on which resource. Grammar, as YAML:
//
//   version: 1
//   authzen: …                    # as in authzen_rules.h
//   rules:                        # at most 10,000; may be absent beside `authzen`
//     - hosts: [HOST, …]          # any host if absent
//       methods: [METHOD, …]      # any method if absent
//       path: PATH                # as in route_template.h
//       permission: PERMISSION    # as in permission.h. A rule has one of permission, public and deny
//       resource: RESOURCE        # as in route_template.h; everywhere if absent
//       audience: AUDIENCE        # of the token, as in access_token.h; that of the service itself if absent
//     - path: PATH
//       public: true              # no credential is needed
//     - path: PATH
//       deny: true
//
//   HOST   = name / "*." name / IPv4 / "[" IPv6 "]"      in the form that NormalizeHost writes, at most 64 in a rule
//   METHOD = 1*32( A-Z / "-" )                           at most 64 in a rule
//
// `*.example.com` matches all hosts below example.com, at any depth, but not example.com itself. The first rule of the
// file that matches the host, the method and the path decides. If none matches, the request is denied. Unknown and
// duplicate keys are refused, so that a misspelt one cannot widen a rule. The file has at most 1 MiB.
namespace identity {

// A rule as people find it in the file. Both count from 1; 0: no rule.
struct RoutePlace {
  size_t number = 0;
  int line = 0;
};

struct RouteDenied {
  RouteDenial reason = RouteDenial::kNoRule;
  RoutePlace place;
};
// The request needs no permission and no credential.
struct RoutePublic {
  RoutePlace place;
};
// The subject needs `permission` on `resource`. A token must be for `audience`; "" is that of the service itself.
struct RouteCheck {
  Permission permission;
  Resource resource;
  std::string audience;
  RoutePlace place;
};
// A decision that was only declared is a denial.
using RouteDecision = std::variant<RouteDenied, RoutePublic, RouteCheck>;

// The rules of a file. Immutable, so safe from any thread. Can be moved.
class RouteRules {
 public:
  static constexpr size_t kMaxFileBytes = 1 << 20;

  // INVALID_ARGUMENT for text outside the grammar, such as "line 12: path: must begin with a slash".
  static absl::StatusOr<RouteRules> Parse(absl::string_view yaml);

  // `host`: of the request, as in the header Host. `target`: as in the request line, so it may have a query, which does
  // not matter. Takes time that grows with the length of the path, and hardly with the number of rules.
  RouteDecision Match(absl::string_view method, absl::string_view host, absl::string_view target) const;

  size_t size() const { return rules_.size(); }
  // The mapping of AuthZEN's questions: that of the file, or the usual one.
  const AuthZenRules& authzen() const { return authzen_; }
  bool has_authzen() const { return has_authzen_; }
  // As WarningsAbout.
  const std::vector<std::string>& Warnings() const { return warnings_; }

 private:
  RouteRules(std::vector<RouteRule> rules, AuthZenRules authzen);
  RouteDecision Decide(size_t index, const std::vector<absl::string_view>& segments) const;

  std::vector<RouteRule> rules_;
  AuthZenRules authzen_;
  bool has_authzen_ = false;
  RouteIndex index_;
  std::vector<std::string> warnings_;
};

}  // namespace identity

#endif  // IDENTITY_ROUTES_ROUTE_RULES_H_
