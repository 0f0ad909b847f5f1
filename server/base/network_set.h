#ifndef IDENTITY_BASE_NETWORK_SET_H_
#define IDENTITY_BASE_NETWORK_SET_H_

#include <netinet/in.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// The same text for every way to write an IP address: dotted decimal for IPv4 and for IPv4-mapped IPv6 addresses, RFC
// 5952 for other IPv6 addresses. nullopt if `text` is not an address (IsIpAddress).
absl::optional<std::string> CanonicalIpAddress(absl::string_view text);

// Networks of IP addresses. A value.
class NetworkSet {
 public:
  // Adds one address, such as 10.0.0.7, or one network, such as 10.0.0.0/8 or fd00::/8 (RFC 4632, section 3.1). Returns
  // false for any other text, and for a network with bits after its prefix, which is often a typing mistake.
  bool Add(absl::string_view network);
  bool empty() const { return networks_.empty(); }
  // False if `address` is not an address. An IPv4-mapped address counts as IPv4, so only networks of IPv4 contain it.
  bool Contains(absl::string_view address) const;

 private:
  struct Network {
    in6_addr address;  // IPv4 as IPv4-mapped
    size_t bits;       // the length of its prefix
  };
  std::vector<Network> networks_;
};

}  // namespace identity

#endif  // IDENTITY_BASE_NETWORK_SET_H_
