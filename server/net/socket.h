#ifndef IDENTITY_NET_SOCKET_H_
#define IDENTITY_NET_SOCKET_H_

#include <sys/socket.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/net/listen_address.h"

namespace identity {

// Owns a socket's file descriptor and closes it. Move-only.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(other.Release()) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket();

  // Negative when there is none.
  int descriptor() const { return descriptor_; }
  // From now on the caller owns the descriptor.
  int Release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// Resolves the host, which may take a while, and listens on each of its addresses that this machine has, all with the
// same port. "[::]" accepts IPv4, too. A file that a server with the same Unix socket left behind is replaced.
// INVALID_ARGUMENT when the host is unknown or the path too long; UNAVAILABLE when an address is in use, or when this
// machine has none of them. Both name `option`, from which the address came.
absl::StatusOr<std::vector<Socket>> ListenOn(absl::string_view option, const ListenAddress& address);

// The address of a peer, without the port; "" for a Unix socket. An IPv4-mapped IPv6 address
// has the form of IPv4.
std::string PeerAddressOf(const sockaddr_storage& peer);

// The port of a listening socket; 0 for a Unix socket.
int PortOf(const Socket& socket);

}  // namespace identity

#endif  // IDENTITY_NET_SOCKET_H_
