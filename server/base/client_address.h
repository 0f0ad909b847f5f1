#ifndef IDENTITY_BASE_CLIENT_ADDRESS_H_
#define IDENTITY_BASE_CLIENT_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// True when `text` is an IPv4 address in dotted decimal or an IPv6 address (RFC 4291, section 2.2), without a port,
// brackets, a zone or a prefix length.
bool IsIpAddress(absl::string_view text);

// The key by which addresses count as one client, in one spelling. For an IPv4 address it is the address: "192.0.2.1".
// For an IPv6 address it is the /64, the smallest network that providers assign to a customer: "2001:db8:0:1::/64". An
// IPv4-mapped IPv6 address counts as the IPv4 one. Empty for other text, so all of that counts as one client.
std::string AddressKey(absl::string_view ip);

}  // namespace identity

#endif  // IDENTITY_BASE_CLIENT_ADDRESS_H_
