#include "server/http/http_server.h"

#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/net/socket.h"

namespace identity {
namespace {

constexpr unsigned kSilenceSeconds = 5;
constexpr size_t kConnectionBytes = 16 * 1024;  // a request line and headers, and the beginning of the answer

absl::string_view OrEmpty(const char* text) { return text == nullptr ? absl::string_view() : text; }

MHD_Result Answer(MHD_Connection* connection, const HttpResponse& answer) {
  MHD_Response* const response =
      MHD_create_response_from_buffer(answer.body.size(), const_cast<char*>(answer.body.data()), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.content_type.c_str());
  MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  if (answer.status == MHD_HTTP_METHOD_NOT_ALLOWED) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  }
  const MHD_Result queued = MHD_queue_response(connection, static_cast<unsigned>(answer.status), response);
  MHD_destroy_response(response);
  return queued;
}

// The library calls it once when it has the headers, then for each part of the body, and at the end without a part. An
// answer before the end would close the connection, so the body of a bad request is read and dropped.
MHD_Result OnRequest(void* handler, MHD_Connection* connection, const char* path, const char* method,
                     const char* /*version*/, const char* /*body*/, size_t* body_size, void** state) {
  static char begun;
  if (*state == nullptr) {
    *state = &begun;
    return MHD_YES;
  }
  if (*body_size > 0) {
    *body_size = 0;
    return MHD_YES;
  }
  const absl::string_view name = method;
  if (name != MHD_HTTP_METHOD_GET && name != MHD_HTTP_METHOD_HEAD) {
    return Answer(connection, {MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "only GET and HEAD\n"});
  }
  const HttpRequest request = {
      path, OrEmpty(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT))};
  return Answer(connection, (*static_cast<const HttpServer::Handler*>(handler))(request));
}

// Does not decode the path: no path that we serve has an escape.
size_t KeepEscapes(void* /*closure*/, MHD_Connection* /*connection*/, char* text) {
  return absl::string_view(text).size();
}

}  // namespace

void HttpServer::Stop::operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(absl::string_view option, const ListenAddress& address,
                                                              const ConnectionLimits& limits, Handler handler) {
  ASSIGN_OR_RETURN(std::vector<Socket> sockets, ListenOn(option, address));
  auto server = std::unique_ptr<HttpServer>(new HttpServer(limits, std::move(handler)));
  server->daemon_.reset(MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC, 0,
                                         nullptr, nullptr, &OnRequest, const_cast<Handler*>(&server->handler_),
                                         MHD_OPTION_CONNECTION_TIMEOUT, kSilenceSeconds,
                                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes,
                                         MHD_OPTION_UNESCAPE_CALLBACK, &KeepEscapes, nullptr, MHD_OPTION_END));
  if (!server->daemon_) return absl::InternalError("the HTTP server does not start");
  server->port_ = PortOf(sockets.front());
  server->listener_ = std::make_unique<Listener>(
      std::move(sockets), server->connections_, server->refused_,
      [serving = server.get()](int /*listening*/, int connection) { serving->Serve(connection); });
  return server;
}

HttpServer::HttpServer(const ConnectionLimits& limits, Handler handler)
    : handler_(std::move(handler)), connections_(limits), refused_(Connections::RefusalNames()) {}

HttpServer::~HttpServer() = default;

void HttpServer::Serve(int connection) {
  sockaddr_storage peer = {};
  socklen_t size = sizeof peer;
  // Fails, for example, when the client has gone.
  if (getpeername(connection, reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
    close(connection);
    return;
  }
  static_cast<void>(MHD_add_connection(daemon_.get(), connection, reinterpret_cast<sockaddr*>(&peer), size));
}

}  // namespace identity
