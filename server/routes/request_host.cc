#include "server/routes/request_host.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace identity {
namespace {

constexpr size_t kMaxNameBytes = 253;
constexpr size_t kMaxLabelBytes = 63;
constexpr int kMaxPort = 65535;

bool IsLabelCharacter(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
         c == '_' || c == '-';
}

// `text`: the rest after a host, perhaps "".
bool IsPortOrEmpty(absl::string_view text) {
  if (text.empty()) return true;
  int port = 0;
  const bool digits = absl::ConsumePrefix(&text, ":") && !text.empty() && text.size() <= 5 &&
                      std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  return digits && absl::SimpleAtoi(text, &port) && port <= kMaxPort;
}

// `text`: begins with a bracket.
absl::optional<std::string> NormalizeIpv6(absl::string_view text) {
  const size_t end = text.find(']');
  if (end == absl::string_view::npos || !IsPortOrEmpty(text.substr(end + 1))) return absl::nullopt;
  const std::string address(text.substr(1, end - 1));
  in6_addr bytes = {};
  char normalized[INET6_ADDRSTRLEN] = {};
  // A NUL would end the address too early.
  if (absl::StrContains(address, absl::string_view("\0", 1)) || inet_pton(AF_INET6, address.c_str(), &bytes) != 1 ||
      inet_ntop(AF_INET6, &bytes, normalized, sizeof(normalized)) == nullptr) {
    return absl::nullopt;
  }
  return absl::StrCat("[", normalized, "]");
}

}  // namespace

bool IsHostName(absl::string_view text) {
  if (text.size() > kMaxNameBytes) return false;
  size_t label_bytes = 0;
  for (const char c : text) {
    if (c == '.') {
      if (label_bytes == 0) return false;
      label_bytes = 0;
    } else {
      if (!IsLabelCharacter(c) || ++label_bytes > kMaxLabelBytes) return false;
    }
  }
  return label_bytes > 0;
}

absl::optional<std::string> NormalizeHost(absl::string_view host) {
  if (absl::StartsWith(host, "[")) return NormalizeIpv6(host);
  const size_t colon = std::min(host.find(':'), host.size());
  if (!IsPortOrEmpty(host.substr(colon))) return absl::nullopt;
  absl::string_view name = host.substr(0, colon);
  absl::ConsumeSuffix(&name, ".");
  std::string normalized = absl::AsciiStrToLower(name);
  if (!IsHostName(normalized)) return absl::nullopt;
  return normalized;
}

}  // namespace identity
