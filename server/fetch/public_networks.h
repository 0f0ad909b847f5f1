#ifndef IDENTITY_FETCH_PUBLIC_NETWORKS_H_
#define IDENTITY_FETCH_PUBLIC_NETWORKS_H_

#include "absl/strings/string_view.h"

namespace identity {

// Whether an IP address is one of the public Internet. It is not for addresses of this machine, of private and local
// networks, of documentation and of other special purposes (RFC 6890 and its registries), and for IPv6 addresses that
// stand for an IPv4 address. False if `address` is not an IP address.
bool IsPublicAddress(absl::string_view address);

}  // namespace identity

#endif  // IDENTITY_FETCH_PUBLIC_NETWORKS_H_
