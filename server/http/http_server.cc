#include "server/http/http_server.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/http/event_loop.h"
#include "server/http/tls_context.h"
#include "server/net/socket.h"

namespace identity {
namespace {

// The settings of the connections that begin now.
class CurrentTls {
 public:
  absl::Status Replace(const TlsCertificate& certificate) {
    ASSIGN_OR_RETURN(TlsSettings made, MakeTlsContext(certificate));
    MutexLock lock(mutex_);
    settings_ = std::move(made);
    return absl::OkStatus();
  }
  TlsSettings Get() {
    MutexLock lock(mutex_);
    return settings_;
  }

 private:
  absl::Mutex mutex_;
  TlsSettings settings_ ABSL_GUARDED_BY(mutex_);  // null: plain text
};

}  // namespace

size_t HttpServer::DefaultThreads() { return std::min(std::max(1u, std::thread::hardware_concurrency()), 4u); }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(absl::string_view option, const Options& options,
                                                              Connections& connections, NamedCounters& refused,
                                                              Handler handler) {
  ASSIGN_OR_RETURN(std::vector<Socket> sockets, ListenOn(option, options.address));
  const auto tls = std::make_shared<CurrentTls>();
  if (options.tls != nullptr) {
    RETURN_IF_ERROR(
        options.tls->Subscribe([tls](const TlsCertificate& certificate) { return tls->Replace(certificate); }));
  }
  auto server = std::unique_ptr<HttpServer>(new HttpServer(options, std::move(handler)));
  server->port_ = PortOf(sockets.front());
  for (size_t i = 0; i < options.threads; ++i) {
    server->loops_.push_back(std::make_unique<EventLoop>(server->options_, refused, server->handler_));
  }
  server->listener_ = std::make_unique<Listener>(
      std::move(sockets), connections, refused,
      [&loops = server->loops_, tls, next = size_t{0}](int, int connection, const std::string& peer) mutable {
        loops[next++ % loops.size()]->Serve(connection, peer, tls->Get());
      });
  return server;
}

HttpServer::HttpServer(const Options& options, Handler handler) : options_(options), handler_(std::move(handler)) {}

HttpServer::~HttpServer() {
  listener_.reset();
  for (const auto& loop : loops_) loop->BeginStop();
}

void HttpServer::Drain(absl::Duration grace) {
  const absl::Time deadline = absl::Now() + grace;
  listener_.reset();
  for (const auto& loop : loops_) loop->BeginDrain();
  for (const auto& loop : loops_) loop->AwaitDrained(deadline);
}

}  // namespace identity
