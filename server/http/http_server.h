#ifndef IDENTITY_HTTP_HTTP_SERVER_H_
#define IDENTITY_HTTP_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/base/metrics.h"
#include "server/net/connections.h"
#include "server/net/listen_address.h"
#include "server/net/listener.h"

struct MHD_Daemon;

namespace identity {

// A GET request. Valid while its handler runs.
struct HttpRequest {
  absl::string_view path;    // without the query, not decoded
  absl::string_view accept;  // the header, or ""
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Serves GET and HEAD over HTTP/1.1 without TLS, on one thread of its own. Like the gRPC server, it accepts its
// connections itself, within limits. It closes connections that are silent for 5 seconds.
class HttpServer {
 public:
  // Called on the server's thread, so it must not block for long.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Listens immediately. INVALID_ARGUMENT or UNAVAILABLE as ListenOn, with the name of `option`.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(absl::string_view option, const ListenAddress& address,
                                                           const ConnectionLimits& limits, Handler handler);
  // Waits for running handlers.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }

 private:
  struct Stop {
    void operator()(MHD_Daemon* daemon) const;
  };

  HttpServer(const ConnectionLimits& limits, Handler handler);
  // Takes over the accepted connection.
  void Serve(int connection);

  const Handler handler_;
  Connections connections_;
  NamedCounters refused_;
  int port_ = 0;
  std::unique_ptr<MHD_Daemon, Stop> daemon_;
  std::unique_ptr<Listener> listener_;  // ends first, since it hands connections to the daemon
};

}  // namespace identity

#endif  // IDENTITY_HTTP_HTTP_SERVER_H_
