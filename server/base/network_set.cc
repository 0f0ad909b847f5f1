#include "server/base/network_set.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/base/client_address.h"

namespace identity {
namespace {

constexpr size_t kBits = 128;
constexpr size_t kMappedBits = 96;  // what precedes an IPv4 address that is mapped (RFC 4291, section 2.5.5.2)

bool IsIpv4(absl::string_view address) { return address.find(':') == absl::string_view::npos; }

// Whether the first `bits` of both are the same.
bool Match(const in6_addr& a, const in6_addr& b, size_t bits) {
  const size_t bytes = bits / 8;
  if (!std::equal(std::begin(a.s6_addr), std::begin(a.s6_addr) + bytes, std::begin(b.s6_addr))) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a.s6_addr[bytes] ^ b.s6_addr[bytes]) >> (8 - rest)) == 0;
}

in6_addr Prefix(const in6_addr& address, size_t bits) {
  in6_addr prefix = {};
  const size_t bytes = bits / 8;
  std::copy_n(std::begin(address.s6_addr), bytes, std::begin(prefix.s6_addr));
  if (bits % 8 != 0) prefix.s6_addr[bytes] = static_cast<uint8_t>(address.s6_addr[bytes] & (0xFF00 >> (bits % 8)));
  return prefix;
}

absl::optional<in6_addr> ParseAddress(absl::string_view text) {
  if (!IsIpAddress(text)) return absl::nullopt;
  in6_addr address;
  const std::string v6 = IsIpv4(text) ? absl::StrCat("::ffff:", text) : std::string(text);
  if (inet_pton(AF_INET6, v6.c_str(), &address) != 1) return absl::nullopt;
  return address;
}

}  // namespace

absl::optional<std::string> CanonicalIpAddress(absl::string_view text) {
  const absl::optional<in6_addr> address = ParseAddress(text);
  if (!address) return absl::nullopt;
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&*address);
  std::array<char, INET6_ADDRSTRLEN> canonical = {};
  inet_ntop(mapped ? AF_INET : AF_INET6, &address->s6_addr[mapped ? kMappedBits / 8 : 0], canonical.data(),
            canonical.size());
  return canonical.data();
}

bool NetworkSet::Add(absl::string_view network) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(network, absl::MaxSplits('/', 1));
  const absl::optional<in6_addr> address = ParseAddress(parts.first);
  if (!address) return false;
  const size_t skipped = IsIpv4(parts.first) ? kMappedBits : 0;
  size_t bits = kBits;
  if (parts.first.size() < network.size()) {
    uint32_t length = 0;
    const bool digits = std::all_of(parts.second.begin(), parts.second.end(), absl::ascii_isdigit);
    if (!digits || !absl::SimpleAtoi(parts.second, &length) || length > kBits - skipped) return false;
    bits = skipped + length;
  }
  if (!Match(*address, Prefix(*address, bits), kBits)) return false;
  networks_.push_back({*address, bits});
  return true;
}

bool NetworkSet::Contains(absl::string_view address) const {
  const absl::optional<in6_addr> parsed = ParseAddress(address);
  if (!parsed) return false;
  // A network of IPv6 holds no IPv4 address, however short its prefix is.
  const size_t shortest = IN6_IS_ADDR_V4MAPPED(&*parsed) ? kMappedBits : 0;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return network.bits >= shortest && Match(*parsed, network.address, network.bits);
  });
}

}  // namespace identity
