#include "server/routes/route_rule.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace identity {
namespace {

constexpr size_t kMaxMethodBytes = 32;

// True when one of `hosts` is `host` or a pattern that covers it. `host` may be a pattern.
bool AnyCovers(const std::vector<std::string>& hosts, absl::string_view host) {
  const std::vector<absl::string_view> keys = HostKeys(host);
  return std::any_of(hosts.begin(), hosts.end(), [&keys](const std::string& pattern) {
    return std::find(keys.begin(), keys.end(), pattern) != keys.end();
  });
}

bool AnyIsCovered(const RouteRule& wide, const RouteRule& narrow) {
  return std::any_of(narrow.hosts.begin(), narrow.hosts.end(),
                     [&wide](const std::string& host) { return AnyCovers(wide.hosts, host); });
}

}  // namespace

bool RouteRule::HasMethod(absl::string_view method) const {
  return methods.empty() || std::find(methods.begin(), methods.end(), method) != methods.end();
}

bool IsMethod(absl::string_view text) {
  if (text.empty() || text.size() > kMaxMethodBytes) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isupper(static_cast<unsigned char>(c)) || c == '-'; });
}

std::vector<absl::string_view> HostKeys(absl::string_view host) {
  std::vector<absl::string_view> keys;
  keys.reserve(static_cast<size_t>(std::count(host.begin(), host.end(), '.')) + 2);
  if (!host.empty()) keys.push_back(host);
  for (size_t dot = host.find('.', 1); dot != absl::string_view::npos; dot = host.find('.', dot + 1)) {
    keys.push_back(host.substr(dot));
  }
  keys.push_back("");
  return keys;
}

bool HostsCover(const RouteRule& wide, const RouteRule& narrow) {
  if (wide.hosts.empty()) return true;
  return !narrow.hosts.empty() && std::all_of(narrow.hosts.begin(), narrow.hosts.end(),
                                              [&wide](const std::string& host) { return AnyCovers(wide.hosts, host); });
}

bool HostsOverlap(const RouteRule& a, const RouteRule& b) {
  return a.hosts.empty() || b.hosts.empty() || AnyIsCovered(a, b) || AnyIsCovered(b, a);
}

bool MethodsCover(const RouteRule& wide, const RouteRule& narrow) {
  if (wide.methods.empty()) return true;
  return !narrow.methods.empty() &&
         std::includes(wide.methods.begin(), wide.methods.end(), narrow.methods.begin(), narrow.methods.end());
}

bool MethodsOverlap(const RouteRule& a, const RouteRule& b) {
  if (a.methods.empty() || b.methods.empty()) return true;
  return std::any_of(a.methods.begin(), a.methods.end(),
                     [&b](const std::string& method) { return b.HasMethod(method); });
}

}  // namespace identity
