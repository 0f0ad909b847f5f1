#ifndef IDENTITY_NET_LISTENER_H_
#define IDENTITY_NET_LISTENER_H_

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "server/base/metrics.h"
#include "server/net/connections.h"
#include "server/net/socket.h"

namespace identity {

// Accepts connections on its own thread until its destruction, which closes the sockets.
//
// gRPC could accept them itself, but it does not limit how many one client opens. Version 1.51 also stops accepting for
// good when the process runs out of file descriptors (CVE-2023-4785). This class waits until there are some again.
class Listener {
 public:
  // Takes the ownership of the descriptor `connection`, which the listening socket `listening` accepted from
  // `peer_address` (PeerAddressOf). Called on the thread of the listener.
  using Handover = std::function<void(int listening, int connection, const std::string& peer_address)>;

  // `refused` has a counter for each of Connections::RefusalNames(). `connections` and `refused` must outlive the
  // object.
  Listener(std::vector<Socket> sockets, Connections& connections, NamedCounters& refused, Handover handover);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  void Run();
  // Returns false when the process cannot accept any connection now.
  bool Accept(int listening);
  // Counts a refusal, and logs it unless there was another one in this minute.
  void Refused(Connections::Refusal refusal, const std::string& address, const std::string& error);

  const std::vector<Socket> sockets_;
  const Socket stop_;  // an eventfd
  Connections& connections_;
  NamedCounters& refused_;
  const Handover handover_;
  std::chrono::steady_clock::time_point next_log_;  // used only by the thread
  std::thread thread_;
};

// For gRPC, which serves a client on the thread of the listener as long as data of it arrives: one client could keep
// the thread for ever. The result shows it no data before `handover` has returned.
Listener::Handover HidingData(Listener::Handover handover);

}  // namespace identity

#endif  // IDENTITY_NET_LISTENER_H_
