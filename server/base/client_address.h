#ifndef IDENTITY_BASE_CLIENT_ADDRESS_H_
#define IDENTITY_BASE_CLIENT_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace identity {

// True when `text` is an IPv4 address in dotted decimal or an IPv6 address (RFC 4291, section 2.2). False when it has a
// port, brackets, a zone or a prefix length.
bool IsIpAddress(absl::string_view text);

// True for the names of this machine itself: "localhost", 127.0.0.0/8 and ::1. False when `host` has a port or
// brackets, and for an IPv4-mapped IPv6 address.
bool IsLoopback(absl::string_view host);

// Identifies the client behind an address: addresses with the same key count as one client. The key of an IPv4 address
// is the address: "192.0.2.1". The key of an IPv6 address is its /64, the smallest network that providers assign to a
// customer: "2001:db8:0:1::/64". Each has only one spelling. An IPv4-mapped IPv6 address has the key of the IPv4
// address. Other text has the empty key, so all of it counts as one client.
std::string AddressKey(absl::string_view ip);

}  // namespace identity

#endif  // IDENTITY_BASE_CLIENT_ADDRESS_H_
