#ifndef IDENTITY_HTTP_HTTP_SERVER_H_
#define IDENTITY_HTTP_HTTP_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/metrics.h"
#include "server/http/http_message.h"
#include "server/net/connections.h"
#include "server/net/listen_address.h"
#include "server/net/listener.h"
#include "server/net/tls_reloader.h"

namespace identity {

class EventLoop;

// Serves HTTP/1.1 and HTTP/1.0 on threads of its own: one accepts connections within limits, the others run an event
// loop each. A connection stays on its loop. No client gets more than this:
// - 5 seconds for a TLS handshake, 10 for a whole request from its first byte on, 10 to take the answer, and 60 between
//   two requests;
// - 16 KiB for the request line and the headers, 100 headers, 64 KiB for the body.
//
// A request that two programs may understand differently is refused with 400: one with two Hosts, or without one in
// HTTP/1.1, with two lengths, with an extension of a chunk, with a target that is not a path, or with a character that
// a header may not have (RFC 9112). A trailer is ignored.
class HttpServer {
 public:
  // One for each processor, at most 4.
  static size_t DefaultThreads();

  struct Options {
    ListenAddress address;
    size_t threads = DefaultThreads();  // of event loops, at least 1
    absl::Duration handshake_time = absl::Seconds(5);
    absl::Duration request_time = absl::Seconds(10);  // for a whole request, from its first byte on
    absl::Duration answer_time = absl::Seconds(10);   // until the client has taken it
    absl::Duration idle_time = absl::Seconds(60);     // between two requests
    // How many requests may be half read on each thread at a time. Another one closes the connection of the oldest
    // there, which is the slowest. So clients that never finish cannot fill the memory, and requests that arrive whole
    // are always read. One client's connections alone are fewer, with the default limits.
    size_t half_requests = 250;
    // A connection ends with the first answer after this age, ± 10 %, so that new replicas get their share.
    absl::Duration max_connection_age = absl::InfiniteDuration();
    TlsReloader* tls = nullptr;  // null: plain text. Must outlive the server
  };
  // Called on the event loops' threads, several at a time, so it must be thread-safe and must not block. It answers by
  // `Reply`, then or later, on any thread.
  using Handler = std::function<void(std::shared_ptr<HttpExchange> exchange)>;

  // Listens immediately. INVALID_ARGUMENT or UNAVAILABLE as ListenOn, with the name of `option`. `refused` has a
  // counter for each of Connections::RefusalNames(). `connections` and `refused` must outlive the server.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(absl::string_view option, const Options& options,
                                                           Connections& connections, NamedCounters& refused,
                                                           Handler handler);
  // Waits until the handlers have answered.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Refuses new connections, closes idle ones, and waits at most `grace` until the others have their answers.
  void Drain(absl::Duration grace);

  int port() const { return port_; }

 private:
  HttpServer(const Options& options, Handler handler);

  const Options options_;
  const Handler handler_;
  int port_ = 0;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace identity

#endif  // IDENTITY_HTTP_HTTP_SERVER_H_
