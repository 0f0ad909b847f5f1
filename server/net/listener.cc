#include "server/net/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include "absl/types/optional.h"
#include "server/base/client_address.h"
#include "server/base/log.h"

namespace identity {
namespace {

constexpr std::chrono::minutes kLogInterval(1);
constexpr int kPauseMilliseconds = 100;
constexpr int kMoreThanArrives = 1 << 20;  // bytes, while a connection is handed over

// These concern one connection, or none.
bool ConcernsConnection(int error) { return error == EAGAIN || error == EINTR || error == ECONNABORTED; }

// Small messages must not wait for the acknowledgement of earlier ones. Has no effect on a Unix socket.
void SendImmediately(const Socket& connection) {
  const int on = 1;
  setsockopt(connection.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// From how many bytes on the system reports that the socket can be read.
void SetReadableFrom(int connection, int bytes) {
  setsockopt(connection, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}

// Lets the destructor reset the connection, so that the system need not remember it.
void ResetOnClose(const Socket& connection) {
  const linger at_once = {1, 0};
  setsockopt(connection.descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

Listener::Handover HidingData(Listener::Handover handover) {
  return [handover = std::move(handover)](int listening, int connection, const std::string& peer_address) {
    SetReadableFrom(connection, kMoreThanArrives);
    handover(listening, connection, peer_address);
    // The descriptor may already be closed, or refer to another file. That has no effect, since 1 is the default.
    SetReadableFrom(connection, 1);
  };
}

Listener::Listener(std::vector<Socket> sockets, Connections& connections, NamedCounters& refused, Handover handover)
    : sockets_(std::move(sockets)),
      stop_(eventfd(0, EFD_CLOEXEC)),
      connections_(connections),
      refused_(refused),
      handover_(std::move(handover)),
      thread_([this] { Run(); }) {}

Listener::~Listener() {
  const uint64_t one = 1;
  static_cast<void>(!write(stop_.descriptor(), &one, sizeof one));
  thread_.join();
}

void Listener::Run() {
  std::vector<pollfd> waits = {{stop_.descriptor(), POLLIN, 0}};
  for (const Socket& socket : sockets_) waits.push_back({socket.descriptor(), POLLIN, 0});
  bool paused = false;
  while (true) {
    const int ready = paused ? poll(waits.data(), 1, kPauseMilliseconds) : poll(waits.data(), waits.size(), -1);
    if (waits[0].revents != 0) return;
    const bool was_paused = std::exchange(paused, false);
    for (size_t i = 1; i < waits.size() && ready > 0 && !was_paused; ++i) {
      if (waits[i].revents != 0 && !Accept(waits[i].fd)) paused = true;
    }
  }
}

bool Listener::Accept(int listening) {
  sockaddr_storage peer = {};
  socklen_t size = sizeof peer;
  Socket connection(accept4(listening, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (connection.descriptor() < 0) {
    const int error = errno;
    if (ConcernsConnection(error)) return true;
    Refused(Connections::Refusal::kFiles, "", std::generic_category().message(error));
    return false;
  }
  // From this call, since a client that is gone already has none that one could ask for later.
  const std::string peer_address = PeerAddressOf(peer);
  const std::string address = AddressKey(peer_address);
  if (const absl::optional<Connections::Refusal> refusal = connections_.Admit(connection.descriptor(), address)) {
    ResetOnClose(connection);
    Refused(*refusal, address, "");
    return true;
  }
  SendImmediately(connection);
  handover_(listening, connection.Release(), peer_address);
  return true;
}

void Listener::Refused(Connections::Refusal refusal, const std::string& address, const std::string& error) {
  refused_.Add(static_cast<size_t>(refusal));
  const auto now = std::chrono::steady_clock::now();
  if (now < next_log_) return;
  next_log_ = now + kLogInterval;
  Log(LogLevel::kWarning, "connections refused",
      {{"limit", std::string(Connections::NameOf(refusal))}, {"address", address}, {"error", error}});
}

}  // namespace identity
