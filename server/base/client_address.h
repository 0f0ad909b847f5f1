#ifndef IDENTITY_BASE_CLIENT_ADDRESS_H_
#define IDENTITY_BASE_CLIENT_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// Whether `text` is an IPv4 address in dotted decimal or an IPv6 address (RFC 4291, section 2.2), and nothing beside
// it: no port, brackets, zone or length.
bool IsIpAddress(absl::string_view text);

// What counts as one client, in one spelling: an IPv4 address itself, "192.0.2.1"; an IPv6 address by its /64, which is
// the least that one customer is given, "2001:db8:0:1::/64"; an IPv4-mapped IPv6 address as the IPv4 one. Empty for all
// that is no address, so those count as one client.
std::string AddressKey(absl::string_view ip);

}  // namespace identity

#endif  // IDENTITY_BASE_CLIENT_ADDRESS_H_
