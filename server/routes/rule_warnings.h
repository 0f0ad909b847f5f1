#ifndef IDENTITY_ROUTES_RULE_WARNINGS_H_
#define IDENTITY_ROUTES_RULE_WARNINGS_H_

#include <string>
#include <vector>

#include "server/routes/route_rule.h"

namespace identity {

// Sentences about rules that may not do what their author wants, such as "line 12: this rule never matches: …":
// - an earlier rule matches everything that the rule does;
// - a public rule comes before a rule that denies a part of its paths.
// Does not find rules that only several others together cover.
std::vector<std::string> WarningsAbout(const std::vector<RouteRule>& rules);

}  // namespace identity

#endif  // IDENTITY_ROUTES_RULE_WARNINGS_H_
