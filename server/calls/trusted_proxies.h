#ifndef IDENTITY_CALLS_TRUSTED_PROXIES_H_
#define IDENTITY_CALLS_TRUSTED_PROXIES_H_

#include <netinet/in.h>

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"

namespace identity {

// The proxies whose X-Forwarded-For the server believes. Without any, a client is the peer of its connection. A value.
class TrustedProxies {
 public:
  // Adds one address, such as 10.0.0.7, or one network, such as 10.0.0.0/8 or fd00::/8 (RFC 4632, section 3.1). Returns
  // false for any other text, and for a network with bits after its prefix, which is often a typing mistake.
  bool Add(absl::string_view network);
  bool empty() const { return networks_.empty(); }

  // The address of the client behind the connection from `peer`. `forwarded`: the values of X-Forwarded-For, in the
  // order of their arrival. Each proxy appends the address that it sees, and a client may have written whatever it
  // likes before those. So the result is the last address that is not a trusted proxy's. If a trusted proxy appended
  // something else than an address, its own address is the result.
  std::string ClientOf(std::string peer, absl::Span<const absl::string_view> forwarded) const;

 private:
  struct Network {
    in6_addr address;  // IPv4 as IPv4-mapped
    size_t bits;       // the length of its prefix
  };

  static absl::optional<in6_addr> Parse(absl::string_view text);
  bool Trusts(absl::string_view address) const;

  std::vector<Network> networks_;
};

}  // namespace identity

#endif  // IDENTITY_CALLS_TRUSTED_PROXIES_H_
