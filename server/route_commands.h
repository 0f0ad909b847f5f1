#ifndef IDENTITY_SERVER_ROUTE_COMMANDS_H_
#define IDENTITY_SERVER_ROUTE_COMMANDS_H_

#include <ostream>
#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// The commands about files of route rules. They write the result to `out`, errors to `errors`, and return the exit
// code.

// `identityd routes check FILE`: prints the number of rules, and the warnings. 1 when the file is refused.
int CheckRoutes(const std::string& file, std::ostream& out, std::ostream& errors);

// A request, as people write it.
struct TriedRequest {
  std::string method;
  std::string url;  // http or https, with host and path
};
// `identityd routes try FILE METHOD URL`: prints the decision for the request, and its rule. 1 for a denial, and 2 when
// there is no decision, because the file is refused or the URL is malformed.
int TryRoutes(const std::string& file, const TriedRequest& request, std::ostream& out, std::ostream& errors);

}  // namespace identity

#endif  // IDENTITY_SERVER_ROUTE_COMMANDS_H_
