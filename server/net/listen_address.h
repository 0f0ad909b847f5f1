#ifndef IDENTITY_NET_LISTEN_ADDRESS_H_
#define IDENTITY_NET_LISTEN_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace identity {

// Where the server listens.
struct ListenAddress {
  std::string host;  // a name or an IP address, without brackets; or the path of a Unix socket
  int port = 0;      // 0: any free port
  bool is_unix_socket = false;

  // From "HOST:PORT", "[IPV6]:PORT" or "unix:PATH". gRPC itself accepts more, and then listens elsewhere than meant: it
  // adds the port 443 where none is, and takes a large port modulo 65536. nullopt for anything else.
  static absl::optional<ListenAddress> Parse(absl::string_view text);
  // Only this machine can reach it.
  bool IsLoopback() const;
  // The text that Parse reads.
  std::string ToString() const;
};

}  // namespace identity

#endif  // IDENTITY_NET_LISTEN_ADDRESS_H_
