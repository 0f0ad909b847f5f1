#ifndef IDENTITY_CALLS_TRUSTED_PROXIES_H_
#define IDENTITY_CALLS_TRUSTED_PROXIES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/base/network_set.h"

namespace identity {

// The proxies whose X-Forwarded-For the server believes. Without any, a client is the peer of its connection. A value.
class TrustedProxies {
 public:
  // As NetworkSet::Add.
  bool Add(absl::string_view network) { return proxies_.Add(network); }
  bool empty() const { return proxies_.empty(); }
  // Whether a connection from `peer` is one of a trusted proxy.
  bool Contains(absl::string_view peer) const { return proxies_.Contains(peer); }

  // The address of the client behind the connection from `peer`. `forwarded`: the values of X-Forwarded-For, in the
  // order of their arrival. Each proxy appends the address that it sees, and a client may have written whatever it
  // likes before those. So the result is the last address that is not a trusted proxy's. If a trusted proxy appended
  // something else than an address, its own address is the result.
  std::string ClientOf(std::string peer, absl::Span<const absl::string_view> forwarded) const;

 private:
  NetworkSet proxies_;
};

}  // namespace identity

#endif  // IDENTITY_CALLS_TRUSTED_PROXIES_H_
