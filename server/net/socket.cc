#include "server/net/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "server/base/error.h"
#include "server/base/status_macros.h"

namespace identity {
namespace {

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
};

sockaddr* Generic(sockaddr_storage& storage) { return reinterpret_cast<sockaddr*>(&storage); }

// IPv4 and IPv6 have the port at the same place.
void SetPort(sockaddr_storage& storage, int port) {
  reinterpret_cast<sockaddr_in&>(storage).sin_port = htons(static_cast<uint16_t>(port));
}

// Only a running server accepts connections, so a file that refuses them is left over.
void RemoveIfStale(sockaddr_storage storage, socklen_t size) {
  const Socket probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (connect(probe.descriptor(), Generic(storage), size) == 0 || errno != ECONNREFUSED) return;
  unlink(reinterpret_cast<const sockaddr_un&>(storage).sun_path);
}

bool SetOptions(const Socket& socket, int family) {
  const int on = 1;
  const int off = 0;
  if (family == AF_UNIX) return true;
  // Without it, connections of an earlier server that are not quite over would keep the port.
  if (setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return false;
  return family != AF_INET6 || setsockopt(socket.descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0;
}

absl::StatusOr<std::vector<SocketAddress>> Resolve(absl::string_view option, const ListenAddress& address) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = absl::StrCat(address.port);
  if (const int error = getaddrinfo(address.host.c_str(), port.c_str(), &wanted, &found); error != 0) {
    return InvalidField(option, absl::StrCat("cannot resolve ", address.host, ": ", gai_strerror(error)));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SocketAddress& resolved = addresses.emplace_back();
    std::memcpy(&resolved.storage, each->ai_addr, each->ai_addrlen);
    resolved.size = each->ai_addrlen;
  }
  freeaddrinfo(found);
  return addresses;
}

absl::StatusOr<std::vector<SocketAddress>> PathOf(absl::string_view option, const ListenAddress& address) {
  SocketAddress path;
  auto& unix_address = reinterpret_cast<sockaddr_un&>(path.storage);
  if (address.host.size() >= sizeof unix_address.sun_path) {
    return InvalidField(option, absl::StrCat("has a path longer than ", sizeof unix_address.sun_path - 1, " bytes"));
  }
  unix_address.sun_family = AF_UNIX;
  address.host.copy(unix_address.sun_path, address.host.size());
  path.size = sizeof unix_address;
  return std::vector<SocketAddress>{path};
}

// Without a descriptor when it fails; errno has the cause. `port` replaces the address's unless it is 0.
Socket ListenOnOne(const SocketAddress& address, int port) {
  SocketAddress local = address;
  const int family = local.storage.ss_family;
  if (family == AF_UNIX) RemoveIfStale(local.storage, local.size);
  if (family != AF_UNIX && port != 0) SetPort(local.storage, port);
  Socket listening(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const bool listens = listening.descriptor() >= 0 && SetOptions(listening, family) &&
                       bind(listening.descriptor(), Generic(local.storage), local.size) == 0 &&
                       listen(listening.descriptor(), SOMAXCONN) == 0;
  return listens ? std::move(listening) : Socket(-1);
}

}  // namespace

Socket::~Socket() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<std::vector<Socket>> ListenOn(absl::string_view option, const ListenAddress& address) {
  ASSIGN_OR_RETURN(const std::vector<SocketAddress> resolved,
                   address.is_unix_socket ? PathOf(option, address) : Resolve(option, address));
  std::vector<Socket> sockets;
  int error = 0;
  for (const SocketAddress& each : resolved) {
    Socket socket = ListenOnOne(each, sockets.empty() ? 0 : PortOf(sockets.front()));
    // A name such as localhost may have an IPv6 address although this machine has no IPv6.
    if (socket.descriptor() < 0) error = errno;
    if (error == EADDRINUSE) break;
    if (socket.descriptor() >= 0) sockets.push_back(std::move(socket));
  }
  if (!sockets.empty() && error != EADDRINUSE) return sockets;
  return absl::UnavailableError(
      absl::StrCat(option, ": cannot listen on ", address.ToString(), ": ", std::generic_category().message(error)));
}

std::string PeerAddressOf(const sockaddr_storage& peer) {
  int family = peer.ss_family;
  const void* address = &reinterpret_cast<const sockaddr_in&>(peer).sin_addr;
  if (family == AF_INET6) {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6);
    address = mapped ? &v6.s6_addr[12] : &v6.s6_addr[0];
    if (mapped) family = AF_INET;
  }
  std::array<char, INET6_ADDRSTRLEN> text;
  const bool known = family == AF_INET || family == AF_INET6;
  return known && inet_ntop(family, address, text.data(), text.size()) != nullptr ? text.data() : "";
}

int PortOf(const Socket& socket) {
  sockaddr_storage storage = {};
  socklen_t size = sizeof storage;
  getsockname(socket.descriptor(), Generic(storage), &size);
  return storage.ss_family == AF_UNIX ? 0 : ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
}

}  // namespace identity
