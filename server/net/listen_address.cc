#include "server/net/listen_address.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/client_address.h"

namespace identity {
namespace {

constexpr int kMaxPort = 65535;

absl::optional<int> ParsePort(absl::string_view text) {
  int port = 0;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(text, &port) || port > kMaxPort) return absl::nullopt;
  return port;
}

bool IsHostName(absl::string_view text) {
  const auto allowed = [](unsigned char c) { return absl::ascii_isalnum(c) || c == '.' || c == '-' || c == '_'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

// Without its zone, as in "fe80::1%eth0".
bool IsIpv6(absl::string_view text) {
  return absl::StrContains(text, ":") && IsIpAddress(text.substr(0, text.find('%')));
}

bool ConsumeBrackets(absl::string_view* host) {
  return absl::ConsumePrefix(host, "[") && absl::ConsumeSuffix(host, "]");
}

}  // namespace

absl::optional<ListenAddress> ListenAddress::Parse(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "unix:")) {
    if (text.empty()) return absl::nullopt;
    return ListenAddress{std::string(text), 0, true};
  }
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return absl::nullopt;
  absl::string_view host = text.substr(0, colon);
  const absl::optional<int> port = ParsePort(text.substr(colon + 1));
  const bool valid = absl::StartsWith(host, "[") ? ConsumeBrackets(&host) && IsIpv6(host) : IsHostName(host);
  if (!port || !valid) return absl::nullopt;
  return ListenAddress{std::string(host), *port, false};
}

std::string ListenAddress::ToString() const {
  if (is_unix_socket) return absl::StrCat("unix:", host);
  return absl::StrContains(host, ":") ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

bool ListenAddress::IsLoopback() const { return is_unix_socket || identity::IsLoopback(host); }

}  // namespace identity
