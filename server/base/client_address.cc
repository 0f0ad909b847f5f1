#include "server/base/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "absl/strings/match.h"

namespace identity {
namespace {

constexpr size_t kPrefixBytes = 8;

// Writes the bytes of an in_addr or in6_addr. Refuses NUL, at which inet_pton would stop reading.
bool Parse(int family, absl::string_view text, void* address) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != absl::string_view::npos) return false;
  return inet_pton(family, std::string(text).c_str(), address) == 1;
}

std::string ToText(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text;
  return inet_ntop(family, address, text.data(), text.size());
}

}  // namespace

bool IsIpAddress(absl::string_view text) {
  in6_addr address;
  return Parse(AF_INET, text, &address) || Parse(AF_INET6, text, &address);
}

bool IsLoopback(absl::string_view host) {
  in_addr v4;
  if (Parse(AF_INET, host, &v4)) return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  in6_addr v6;
  if (Parse(AF_INET6, host, &v6)) return IN6_IS_ADDR_LOOPBACK(&v6);
  return absl::EqualsIgnoreCase(host, "localhost");
}

std::string AddressKey(absl::string_view ip) {
  in_addr v4;
  if (Parse(AF_INET, ip, &v4)) return ToText(AF_INET, &v4);
  in6_addr v6;
  if (!Parse(AF_INET6, ip, &v6)) return std::string();
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return ToText(AF_INET, &v6.s6_addr[12]);
  std::fill(std::begin(v6.s6_addr) + kPrefixBytes, std::end(v6.s6_addr), uint8_t{0});
  return ToText(AF_INET6, &v6) + "/64";
}

}  // namespace identity
