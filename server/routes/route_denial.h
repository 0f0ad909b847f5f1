#ifndef IDENTITY_ROUTES_ROUTE_DENIAL_H_
#define IDENTITY_ROUTES_ROUTE_DENIAL_H_

#include "absl/strings/string_view.h"

namespace identity {

// Why the route rules deny an HTTP request without asking for a decision. Each value has a row in route_denial.cc, and
// docs/routes.md lists them.
enum class RouteDenial {
  // No rule decided.
  kNoRule,
  kDenyRule,
  kResourceMalformed,
  // The request is malformed, or two programs may read it differently.
  kMethodMalformed,
  kHostMalformed,
  kPathTooLong,
  kPathNotAbsolute,
  kPathCharacter,
  kQueryCharacter,
  kPathFragment,
  kPathBackslash,
  kPathParameter,
  kPathEscapeMalformed,
  kPathEscape,
  kPathEmptySegment,
  kPathDotSegment,
};

// The name in logs and documents, such as "no_rule".
absl::string_view NameOf(RouteDenial denial);
// An explanation for the author of the rules, such as "no rule matches".
absl::string_view TextOf(RouteDenial denial);

}  // namespace identity

#endif  // IDENTITY_ROUTES_ROUTE_DENIAL_H_
