#include "server/route_commands.h"

#include <algorithm>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/base/status_macros.h"
#include "server/routes/route_rules.h"
#include "server/routes/routes_file.h"

namespace identity {
namespace {

constexpr int kAnswered = 0;
constexpr int kDenied = 1;
constexpr int kNoDecision = 2;

absl::StatusOr<RouteRules> ReadRules(const std::string& file) {
  ASSIGN_OR_RETURN(const std::string text, ReadRoutesFile(file));
  absl::StatusOr<RouteRules> rules = RouteRules::Parse(text);
  if (!rules.ok()) return absl::InvalidArgumentError(absl::StrCat(file, ": ", rules.status().message()));
  return rules;
}

// The parts of a URL, as a client sends them. `host` is a view of it.
struct UrlParts {
  absl::string_view host;
  std::string target;
};

absl::StatusOr<UrlParts> Split(absl::string_view url) {
  const size_t scheme = url.find("://");
  if (!absl::EqualsIgnoreCase(url.substr(0, scheme), "http") &&
      !absl::EqualsIgnoreCase(url.substr(0, scheme), "https")) {
    return absl::InvalidArgumentError("URL: must begin with http:// or https://, and have a host");
  }
  url.remove_prefix(scheme + 3);
  const size_t end = std::min(url.find_first_of("/?#"), url.size());
  const absl::string_view rest = url.substr(end);
  // Clients ask for "/" when the URL has no path (RFC 9112 section 3.2.1).
  return UrlParts{url.substr(0, end), absl::StrCat(absl::StartsWith(rest, "/") ? "" : "/", rest)};
}

std::string LineOf(const RoutePlace& place) {
  return place.number == 0 ? "" : absl::StrCat("rule: ", place.number, ", in line ", place.line, "\n");
}

int Print(const RouteDenied& denied, std::ostream& out) {
  out << "denied: " << TextOf(denied.reason) << " (" << NameOf(denied.reason) << ")\n" << LineOf(denied.place);
  return kDenied;
}

int Print(const RoutePublic& open, std::ostream& out) {
  out << "public\n" << LineOf(open.place);
  return kAnswered;
}

int Print(const RouteCheck& check, std::ostream& out) {
  out << "permission: " << check.permission.text()
      << "\nresource: " << (check.resource.is_everywhere() ? "(everywhere)" : check.resource.text()) << "\n";
  if (!check.audience.empty()) out << "audience: " << check.audience << "\n";
  out << LineOf(check.place);
  return kAnswered;
}

int FailRoutes(const absl::Status& error, int exit_code, std::ostream& errors) {
  errors << "identityd: " << error.message() << "\n";
  return exit_code;
}

}  // namespace

int CheckRoutes(const std::string& file, std::ostream& out, std::ostream& errors) {
  const absl::StatusOr<RouteRules> rules = ReadRules(file);
  if (!rules.ok()) return FailRoutes(rules.status(), kDenied, errors);
  for (const std::string& warning : rules->Warnings()) out << "warning: " << warning << "\n";
  out << rules->size() << (rules->size() == 1 ? " rule\n" : " rules\n");
  if (rules->has_authzen()) out << rules->authzen().size() << " for AuthZEN\n";
  return kAnswered;
}

int TryRoutes(const std::string& file, const TriedRequest& request, std::ostream& out, std::ostream& errors) {
  const absl::StatusOr<UrlParts> url = Split(request.url);
  if (!url.ok()) return FailRoutes(url.status(), kNoDecision, errors);
  const absl::StatusOr<RouteRules> rules = ReadRules(file);
  if (!rules.ok()) return FailRoutes(rules.status(), kNoDecision, errors);
  const RouteDecision decision = rules->Match(request.method, url->host, url->target);
  return std::visit([&out](const auto& made) { return Print(made, out); }, decision);
}

}  // namespace identity
