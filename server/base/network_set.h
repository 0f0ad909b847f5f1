#ifndef IDENTITY_BASE_NETWORK_SET_H_
#define IDENTITY_BASE_NETWORK_SET_H_

#include <netinet/in.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// The one text of an IP address, whatever form `text` has: IPv4 in dotted decimal, also for an IPv4-mapped IPv6
// address, and IPv6 by RFC 5952. nullopt for what is no address (IsIpAddress).
absl::optional<std::string> CanonicalIpAddress(absl::string_view text);

// Networks of IP addresses. A value.
class NetworkSet {
 public:
  // Adds one address, such as 10.0.0.7, or one network, such as 10.0.0.0/8 or fd00::/8 (RFC 4632, section 3.1). Returns
  // false for any other text, and for a network with bits after its prefix, which is often a typing mistake.
  bool Add(absl::string_view network);
  bool empty() const { return networks_.empty(); }
  // False for what is no address. An IPv4-mapped address is in the networks of IPv4, and no other IPv6 network has it.
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
